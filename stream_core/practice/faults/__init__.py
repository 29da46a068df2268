"""The faults that can be rehearsed: one module a kind with a table `FAULTS`; a new fault is one entry."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from stream_core.practice.script import Script, Send, Step

PIECES = "trozos"
"""The unit of a fault in the middle of a reply: its deltas."""


@dataclass(frozen=True, slots=True)
class Group:
    """The faults of one module.

    Attributes:
        name: as typed.
        title: its Spanish heading.
        order: its place in the list.
    """

    name: str
    title: str
    order: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        name: as typed.
        row: its number in `docs/faults.md`.
        summary: one line in Spanish.
        play: makes the faulty script from the streamed reply and the number.
        number: the default number; None if the fault takes none.
        counts: the unit of the number, in Spanish.
    """

    name: str
    row: int
    summary: str
    play: Callable[[Script, int], Script]
    number: int | None = None
    counts: str = ""

    @property
    def typed(self) -> str:
        """The syntax for a list: `corte[:trozos]`."""
        return self.name if self.number is None else f"{self.name}[:{self.counts}]"


@cache
def groups() -> dict[Group, tuple[Fault, ...]]:
    """The groups in their order, each with its faults by row and then in the order of their table."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    modules.sort(key=lambda module: module.GROUP.order)
    return {module.GROUP: tuple(sorted(module.FAULTS, key=lambda fault: fault.row)) for module in modules}


@cache
def load() -> tuple[Fault, ...]:
    """All faults, group by group."""
    return tuple(fault for faults in groups().values() for fault in faults)


def midway(name: str, row: int, summary: str, *steps: Step, goes_on: bool = False) -> Fault:
    """A fault after some deltas: play `steps`, and the rest of the reply only if it `goes_on`."""

    def play(reply: Script, deltas: int) -> Script:
        return after(reply, deltas, steps, goes_on=goes_on)

    return Fault(name, row, summary, play, number=5, counts=PIECES)


def instead(name: str, row: int, summary: str, *steps: Step) -> Fault:
    """A fault that replaces the whole reply."""
    return Fault(name, row, summary, lambda reply, number: steps)


def after(reply: Script, deltas: int, steps: Script, *, goes_on: bool = False) -> Iterator[Step]:
    """Insert `steps` after that many deltas, or at the end of the first block if it has fewer."""
    came = False
    for step in reply:
        ends = _is(step, b"content_block_stop")
        counted = _is(step, b"content_block_delta")
        if not came and (ends or (counted and deltas == 0)):
            came = True
            yield from steps
            if not goes_on:
                return
        deltas -= counted
        yield step


def _is(step: Step, kind: bytes) -> bool:
    return isinstance(step, Send) and step.data.startswith(b"event: " + kind)
