"""Conversations as they are stored, to copy them from one store to another without a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from stream_core.core.conversation import Turn
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions

from .ids import new_id
from .protocol import Store


@dataclass(frozen=True, slots=True)
class DumpedTurn:
    """A turn that has ended.

    Attributes:
        number: its number in the conversation.
        begun: when its question was asked.
        ended: when it ended.
        turn: the turn.
    """

    number: int
    begun: float
    ended: float | None
    turn: Turn


@dataclass(frozen=True, slots=True)
class Dumped:
    """A conversation with its turns.

    Attributes:
        id: its id.
        title: its title.
        created: when its first question was asked.
        updated: when it was used last.
        last: the number given last.
        turns: its turns, in order.
        instructions: those of its last question.
    """

    id: str
    title: str
    created: float
    updated: float
    last: int
    turns: Sequence[DumpedTurn]
    instructions: Instructions = NO_INSTRUCTIONS


@runtime_checkable
class Transferable(Store, Protocol):
    """A store whose conversations can be copied."""

    def dump(self) -> Iterator[Dumped]:
        """Yield the own conversations, those used last at the end; turns that have not ended are left out."""

    def dumped(self, conversation: str) -> Dumped | None:
        """Return one conversation of this person, or None if they have none with this id."""

    def load(self, dumped: Dumped) -> None:
        """Save a conversation as the one used last, in place of one with its id."""


@dataclass(slots=True)
class Copied:
    """The counts of a copy.

    Attributes:
        new: conversations that were not there.
        longer: conversations that were there with fewer turns.
        same: conversations that were there with all these turns.
        beside: conversations that went on differently in both stores, and got another id.
    """

    new: int = 0
    longer: int = 0
    same: int = 0
    beside: int = 0


def copy_all(
    source: Transferable, target: Transferable, adapt: Callable[[Dumped], Dumped] = lambda dumped: dumped
) -> Copied:
    """Copy all own conversations, and what was spent on models of which the target knows no spending.

    Doing it again changes nothing.

    Args:
        source: has them.
        target: gets them.
        adapt: gives each conversation the form that the target keeps attached files in.

    Raises:
        StoreError: one of the stores failed; what was copied until then is complete and stays.
    """
    done = Copied()
    for each in source.dump():
        dumped = adapt(each)
        there = target.dumped(dumped.id)
        if there is None:
            target.load(dumped)
            done.new += 1
        elif _begins_with(there, dumped):
            done.same += 1
        elif _begins_with(dumped, there):
            target.load(dumped)
            done.longer += 1
        else:
            target.load(replace(dumped, id=new_id()))
            done.beside += 1
    known = {model for model, _ in target.spent()}
    for model, spent in source.spent():
        if model not in known:
            target.spend(model, spent)
    return done


def _begins_with(whole: Dumped, part: Dumped) -> bool:
    return list(whole.turns[: len(part.turns)]) == list(part.turns)
