"""The list of conversations or hits that was shown last. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stream_core.store.protocol import Hit, Summary


class ResultRow(NamedTuple):
    """A row of a list shown to the user.

    Attributes:
        conversation: the id of its conversation.
        hit: its search hit, or None in a list of conversations.
    """

    conversation: str
    hit: Hit | None = None


@dataclass(slots=True)
class ResultList:
    """The list shown last, to which a number typed by the user refers.

    Attributes:
        rows: the rows of all its pages; number 1 is the first.
        last: the last conversation of its last page, or None without pages.
    """

    rows: list[ResultRow] = field(default_factory=list)
    last: Summary | None = None
