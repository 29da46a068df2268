"""The prepared replies: one file each, exporting `SCENARIO`. A new file here is all a new reply needs."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from stream_core.practice.parts import Part
from stream_core.practice.request import Body, input_tokens, question, same_words
from stream_core.practice.script import Call, Script, call_part, parts_reply
from stream_core.practice.thinking import tells_between_tools, thought, told

_FIRST = ("continuation", "tools")  # for what else is in a request, whatever its words
_LAST = "general"  # answers everything


@dataclass(frozen=True, slots=True)
class Scenario:
    """One prepared reply.

    Attributes:
        name: the name of its file.
        summary: what it is, in one Spanish line.
        match: whether it answers a request with this body.
        script: what is played then, as a streamed reply; called once a request.
    """

    name: str
    summary: str
    match: Callable[[Body], bool]
    script: Callable[[Body], Script]


@cache
def load() -> tuple[Scenario, ...]:
    """Every scenario of this folder, in the order they are tried: by name but for the first and the last."""
    found_here = (module.name for module in pkgutil.iter_modules(__path__))
    names = sorted(found_here, key=lambda name: (name == _LAST, name not in _FIRST, name))
    found = (import_module(f"{__name__}.{name}").SCENARIO for name in names)
    return tuple(scenario for scenario in found if isinstance(scenario, Scenario))


THOUGHT = """\
Primero miro qué se me pide y en qué idioma. La respuesta ya estaba escrita, así que no tengo que inventar \
nada: compruebo que encaja con la pregunta y que no le falta ninguna parte. Encaja. Puedo contestar."""
"""What is thought before a reply that has no thoughts of its own."""


def reply(body: Body, text: str, calls: Sequence[Call] = (), *, thinking: str = THOUGHT) -> Script:
    """`text`, and then `calls` of tools, as a lifelike reply to this request.

    If the request asks for thinking, `thinking` comes first.
    """
    parts = thought(body, thinking)
    if text and calls and tells_between_tools(body):
        parts = thought(body, f"{thinking}\n\n{text}") or [told(body, text)]
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
    """These parts as a lifelike reply to this request."""
    return parts_reply(
        parts,
        model=body["model"],
        input_tokens=input_tokens(body),
        max_tokens=body.get("max_tokens"),
        stop_reason=stop_reason,
        usage=usage,
    )


def prepared(name: str, summary: str, prompt: str, text: str) -> Scenario:
    """A scenario that answers one prompt, however it is typed, with one text."""
    return Scenario(
        name=name,
        summary=summary,
        match=lambda body: same_words(question(body), prompt),
        script=lambda body: reply(body, text),
    )
