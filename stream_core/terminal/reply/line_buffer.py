"""Text that is held back until it makes a line, or a sentence of a long one. Pure."""

from __future__ import annotations

import re
from collections import deque

_LONG = 80  # characters of a line after which its sentences are written one by one
_ENDLESS = 400  # and after which it is written without waiting for the end of one
_SENTENCE_END = re.compile(r"[.!?…][)\]\"'»”’*_]*[ \t]+|[。！？]")


def ready(held: str) -> int:
    """Return how many held-back characters can be written: whole lines, and sentences of a long one."""
    end = held.rfind("\n") + 1
    if len(held) - end <= _LONG:
        return end
    for found in _SENTENCE_END.finditer(held, end):
        end = found.end()
    if len(held) - end > _ENDLESS:
        return held.rfind(" ", end) + 1 or len(held)
    return end


class LineBuffer:
    """Holds text back, and knows when each piece of it came.

    Attributes:
        held: what is held back.
    """

    def __init__(self) -> None:
        self.held = ""
        self._arrivals: deque[tuple[int, float]] = (
            deque()
        )  # where each piece of what is held ends, when it came
        self._added = self._taken = 0  # characters so far: all, and those that were taken

    @property
    def ready(self) -> int:
        """Return the number of held-back characters that can be written."""
        return ready(self.held)

    def add(self, text: str, at: float) -> None:
        """Hold back a piece that came at this time."""
        self.held += text
        self._added += len(text)
        self._arrivals.append((self._added, at))

    def take(self, end: int) -> str:
        """Take that many characters."""
        part, self.held = self.held[:end], self.held[end:]
        self._taken += len(part)
        return part

    def clear(self) -> None:
        """Forget what is held back."""
        self.held, self._taken = "", self._added

    def arrivals(self) -> list[float]:
        """Arrival times of the pieces that have been taken whole since the last call."""
        found = []
        while self._arrivals and self._arrivals[0][0] <= self._taken:
            found.append(self._arrivals.popleft()[1])
        return found
