"""The ids of alternatives: other answers to a question that several models were asked.

An alternative is a conversation of its own with that one turn, and its id names the turn that it belongs to:
`alt3.2-k3x9abcd` is answer 2 to the third question of the conversation `k3x9abcd`. So every store keeps,
finds and copies it as any other conversation. It follows the turns before its question, which stand in the
conversation that it belongs to. No id of a conversation (`new_id`) has a dot.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stream_core.core.conversation import Turn

    from .protocol import Store

MOST_ANSWERS = 4
"""Answers to one question, at most."""

GLOB, REGULAR = "alt[0-9]*.[0-9]*-?*", r"^alt[0-9]{1,6}\.[0-9]{1,2}-\S+$"
"""Patterns of their ids, for SQLite and for PostgreSQL."""
_FOUND_MOST = 10  # ids that a store gives at once
_UNDONE = 8  # turns without an alternative, after which no undone one is thought to have any

_ID = re.compile(r"alt(\d{1,6})\.(\d{1,2})-(\S+)", re.ASCII)


class Alternative(NamedTuple):
    """The place of an alternative.

    Attributes:
        conversation: the id of the conversation that goes on with another answer.
        turn: the number of the question in it, from 1.
        answer: the number of this answer, from 1.
    """

    conversation: str
    turn: int
    answer: int

    @property
    def id(self) -> str:
        """The id of the conversation that holds the alternative."""
        return f"alt{self.turn}.{self.answer}-{self.conversation}"


def alternative_of(conversation: str) -> Alternative | None:
    """Return the place of an alternative, from its id; None for other conversations."""
    found = _ID.fullmatch(conversation)
    return Alternative(found[3], int(found[1]), int(found[2])) if found else None


def alternatives_of(store: Store, conversation: str, turn: int) -> list[Alternative]:
    """Return the alternatives of a turn by their numbers, which may have gaps.

    Args:
        store: the store.
        conversation: the id of the conversation.
        turn: the number of the turn in it, from 1.

    Raises:
        StoreError: they could not be read.
    """
    near = store.find(f"alt{turn}.")
    if len(near) < _FOUND_MOST:  # these are all there are at this turn, of any conversation
        every = (each for name in near if (each := alternative_of(name)) is not None)
        return sorted(each for each in every if each.conversation == conversation)
    found, number, missed = list[Alternative](), 0, 0
    while missed < MOST_ANSWERS:  # so many numbers are without one only after the last of them
        number += 1
        each = Alternative(conversation, turn, number)
        missed += 1
        if each.id in store.find(each.id):
            found.append(each)
            missed = 0
    return found


def turns_before(store: Store, conversation: str) -> list[Turn]:
    """Return the turns that an alternative follows: those before its question. Of others, none.

    They are read where they stand, so that no search finds and no sum counts them twice. Some may be gone:
    undone, or deleted.

    Raises:
        StoreError: they could not be read.
    """
    chain = list[Alternative]()
    while (found := alternative_of(conversation)) is not None:
        chain.append(found)  # an alternative that was continued may have alternatives itself
        conversation = found.conversation
    turns: list[Turn] = []
    for each in reversed(chain):
        turns = [*turns, *store.turns(each.conversation)][: each.turn - 1]
    return turns


def delete_whole(store: Store, conversation: str) -> list[str]:
    """Delete a conversation with the alternatives of its turns; returns the ids of all that is deleted.

    Raises:
        StoreError: it failed; what is left can be deleted again.
    """
    deleted = whole(store, conversation)
    for name in reversed(deleted):
        store.delete(name)
    return deleted


def whole(store: Store, conversation: str) -> list[str]:
    """Return the ids of a conversation and of the alternatives of its turns, also of turns that were undone.

    Raises:
        StoreError: they could not be read.
    """
    ids, of_it = [conversation], alternative_of(conversation)
    turn, without = of_it.turn - 1 if of_it is not None else 0, -sum(1 for _ in store.turns(conversation))
    while without < _UNDONE:
        turn, without = turn + 1, without + 1
        for each in alternatives_of(store, conversation, turn):
            ids += whole(store, each.id)
            without = min(without, 0)
    return ids
