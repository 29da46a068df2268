"""The ids of alternatives: other answers to a question that several models were asked.

An alternative is a conversation of its own with that one turn, and its id names the turn that it belongs to:
`alt3.2-k3x9abcd` is answer 2 to the third question of the conversation `k3x9abcd`. So every store keeps,
finds and copies it as any other conversation. No id of a conversation (`new_id`) has a dot.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .protocol import Store

MOST_ANSWERS = 4
"""Answers to one question, at most."""

_ID = re.compile(r"alt(\d{1,6})\.(\d{1,2})-(\S+)", re.ASCII)


class Alternative(NamedTuple):
    """What an alternative belongs to.

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
    """Return what a conversation is an alternative of; None if it is none."""
    found = _ID.fullmatch(conversation)
    return Alternative(found[3], int(found[1]), int(found[2])) if found else None


def delete_whole(store: Store, conversation: str) -> list[str]:
    """Delete a conversation with the alternatives of its turns; returns the ids of all that is deleted.

    The alternatives of a turn that was undone stay: nothing says how many there were.

    Raises:
        StoreError: it failed; what is left can be deleted again.
    """
    turns = sum(1 for _ in store.turns(conversation))
    deleted = [
        name
        for turn in range(1, turns + 1)
        for answer in range(1, MOST_ANSWERS + 1)
        for name in store.find(Alternative(conversation, turn, answer).id)
    ]
    for name in (*deleted, conversation):
        store.delete(name)
    return [*deleted, conversation]
