"""The ids of alternatives: other answers to a question that several models were asked. Pure.

An alternative is a conversation of its own with that one turn, and its id names the turn that it belongs to:
`alt3.2-k3x9abcd` is answer 2 to the third question of the conversation `k3x9abcd`. So every store keeps,
finds and copies it as any other conversation. No id of a conversation (`new_id`) has a dot.
"""

from __future__ import annotations

import re
from typing import NamedTuple

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
