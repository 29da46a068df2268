"""The time that the model thought, from the deltas, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from stream_core.core.deltas import Block
from stream_core.terminal.rows.figures import whole_seconds

UNSEEN = "sin mostrarlo"


@dataclass(slots=True)
class Thought:
    """A block of thinking, in seconds of the deltas' clock.

    Attributes:
        since: when it began, None when nothing tells that.
        until: when the newest piece of it came.
        seen: whether anything of it could be read.
    """

    since: float | None
    until: float
    seen: bool = False

    def words(self) -> str:
        """The line that replaces it once it has ended: `Pensó 12 s`."""
        if self.since is None:
            return "Pensó" if self.seen else f"Pensó {UNSEEN}"
        took = whole_seconds(self.until - self.since)
        return f"Pensó {took}" if self.seen else f"Pensó {took}, {UNSEEN}"


def heading(seconds: float) -> str:
    """The line above thinking while it arrives."""
    return f"Claude piensa… {whole_seconds(seconds)}" if seconds >= 1 else "Claude piensa…"


def is_thinking(block: Block) -> bool:
    """Whether a content block is thinking, be it such that nobody may read."""
    return block.get("type") in ("thinking", "redacted_thinking")
