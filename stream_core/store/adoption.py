"""Matching of a pending turn with the stored turn that it belongs to. Pure."""
# See docs/adr/0019-journal-beside-the-store.md

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from stream_core.core.conversation import Turn

from .protocol import PendingTurn

_K = TypeVar("_K")


class StoredTurn(NamedTuple):
    """The state of a turn in a store.

    Attributes:
        number: its number in the conversation.
        begun: when its question was asked.
        outcome: how it ended, or None for an unfinished one.
        question: its question.
        text: its text.
    """

    number: int
    begun: float
    outcome: str | None
    question: str
    text: str


Unpack = Callable[[object], str]
"""Decodes a column with a text, as the store encodes it."""


def stored_turn(
    unpack: Unpack, number: int, begun: float, outcome: str | None, question: object, text: object
) -> StoredTurn:
    """Make the state of a turn of its columns; the text of an unfinished one is not among them."""
    return StoredTurn(number, begun, outcome, unpack(question), "" if text is None else unpack(text))


def has_ended_as(unpack: Unpack, turn: Turn, outcome: str | None, question: object, text: object) -> bool:
    """Whether a turn, given by its columns, has ended with this question and this text."""
    return outcome is not None and (unpack(question), unpack(text)) == (turn.question, turn.text)


def find_part(pending: PendingTurn, stored: Iterable[tuple[_K, StoredTurn]]) -> tuple[_K | None, bool]:
    """Find the stored turn that a pending turn completes.

    Args:
        stored: the turns of its conversation with their keys, last one first.

    Returns:
        The key of the turn to replace, or None to add a new one; and whether there is anything to do, which
        there is not when the store has the pending turn already.
    """
    for place, (key, turn) in enumerate(stored):
        if turn.question != pending.turn.question:
            continue
        continued = pending.continues is not None and place == 0
        if not (pending.number == turn.number or pending.begun == turn.begun or continued):
            continue
        if turn.outcome in (None, "interrupted"):
            return key, (turn.outcome, turn.text) != (pending.turn.outcome, pending.turn.text)
        if pending.continues is not None and turn.text == pending.continues.text:
            return key, turn.text != pending.turn.text
        if not continued or turn.text == pending.turn.text:
            return key, False
    return None, True
