"""The prepared replies: one file each, exporting `SCENARIO`. A new file here is all a new reply needs."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from stream_core.practice.request import Body, input_tokens, question, same_words
from stream_core.practice.script import Call, Script, text_reply

_FIRST = ("continuar", "herramientas")  # for what else is in a request, whatever its words
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


def reply(body: Body, text: str, calls: Sequence[Call] = ()) -> Script:
    """`text`, and then `calls` of tools, as a lifelike reply to this request."""
    return text_reply(
        text, calls, model=body["model"], input_tokens=input_tokens(body), max_tokens=body.get("max_tokens")
    )


def prepared(name: str, summary: str, prompt: str, text: str) -> Scenario:
    """A scenario that answers one prompt, however it is typed, with one text."""
    return Scenario(
        name=name,
        summary=summary,
        match=lambda body: same_words(question(body), prompt),
        script=lambda body: reply(body, text),
    )
