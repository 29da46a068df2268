"""The prepared replies, one module each with a `SCENARIO`; a new module is found by itself."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

from stream_core.practice.catalogue import find
from stream_core.practice.events import to_json
from stream_core.practice.matching import read, score
from stream_core.practice.parts import Part, stopped
from stream_core.practice.request import Body, input_tokens, question, same_words
from stream_core.practice.script import Call, Script, call_part, parts_reply
from stream_core.practice.structured import sample, schema_of
from stream_core.practice.thinking import narrates_as_thinking, narration, thinking_parts

_FIRST = ("continuation", "tools", "received")  # they match by the form of a request, not by its words
_LAST = "general"


Place = Literal["chat", "one_shot", "demos", "library"]
"""Where the person is: an answer names a thing to try that exists there."""

PROGRAM = "python streaming_chatbot.py"
"""How the program is called in the prepared texts."""


@dataclass(frozen=True, slots=True)
class Where:
    """The person's surroundings, and how they call the program: `habla`, `python streaming_chatbot.py`…"""

    place: Place = "library"
    program: str = PROGRAM


@dataclass(frozen=True, slots=True)
class Scenario:
    """One prepared reply.

    Attributes:
        name: of its module.
        summary: one line in Spanish.
        match: how well it answers a request with this body: 0 or False not at all, 1 or True for certain.
        script: makes the streamed reply; called once for each request.
    """

    name: str
    summary: str
    match: Callable[[Body], float]
    script: Callable[[Body], Script]


@dataclass(frozen=True, slots=True)
class Placed:
    """A prepared reply that depends on where the person is; `at` makes the scenario."""

    at: Callable[[Where], Scenario]


@cache
def load(place: Place = "library", program: str = PROGRAM) -> tuple[Scenario, ...]:
    """All scenarios in the order in which they are tried: by name, except `_FIRST` and `_LAST`."""
    where = Where(place, program)
    found_here = (module.name for module in pkgutil.iter_modules(__path__))
    names = sorted(found_here, key=lambda name: (name == _LAST, name not in _FIRST, name))
    found = (import_module(f"{__name__}.{name}").SCENARIO for name in names)
    return tuple(scenario.at(where) if isinstance(scenario, Placed) else scenario for scenario in found)


def are_prepared(scenarios: Sequence[Scenario]) -> bool:
    """Whether these are the prepared scenarios, of any place, and no others."""
    return [scenario.name for scenario in scenarios] == [scenario.name for scenario in load()]


def choose(scenarios: Iterable[Scenario], body: Body) -> Scenario | None:
    """The scenario that answers best, the first of equals; one that is certain ends the search."""
    best, most = None, 0.0
    for scenario in scenarios:
        fit = scenario.match(body)
        if fit > most:
            best, most = scenario, fit
        if most >= 1:
            break
    return best


THOUGHT = """\
Primero miro qué se me pide y en qué idioma. La respuesta ya estaba escrita, así que no tengo que inventar \
nada: compruebo que encaja con la pregunta y que no le falta ninguna parte. Encaja. Puedo contestar."""
"""The thinking of a reply that has no other."""


def reply(body: Body, text: str, calls: Sequence[Call] = (), *, thinking: str = THOUGHT) -> Script:
    """A lifelike reply of `text` and then `calls`, behind `thinking` if the request asks for that.

    If the request asks for structured output, `text` is replaced: by nothing before calls, else by a sample
    of the schema.
    """
    if (schema := schema_of(body)) is not None:
        text = "" if calls else to_json(sample(schema)).decode()
    parts = thinking_parts(body, thinking)
    if text and calls and narrates_as_thinking(body):
        parts = thinking_parts(body, f"{thinking}\n\n{text}") or [narration(body, text)]
    elif text:
        parts += [Part({"type": "text", "text": ""}, text)]
    return reply_of(body, [*parts, *map(call_part, calls)])


def reply_of(
    body: Body,
    parts: Sequence[Part],
    *,
    stop_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Script:
    """A lifelike reply of these parts, up to the first of the request's stop sequences."""
    parts, stop_sequence = stopped(parts, body.get("stop_sequences") or ())
    return parts_reply(
        parts,
        model=body["model"],
        input_tokens=input_tokens(body),
        max_tokens=body.get("max_tokens"),
        stop_reason=stop_reason if stop_sequence is None else "stop_sequence",
        stop_sequence=stop_sequence,
        usage=usage,
        pace=model.pace if (model := find(body["model"])) is not None else 1.0,
    )


def prepared(name: str, summary: str, prompt: str, text: str, asked: Sequence[str] = ()) -> Scenario:
    """A scenario for one prompt, compared without case, accents and punctuation.

    Args:
        asked: patterns for what else it answers (`matching`).
    """
    return Scenario(
        name=name,
        summary=summary,
        match=lambda body: same_words(question(body), prompt) or score(read(question(body)), asked),
        script=lambda body: reply(body, text),
    )
