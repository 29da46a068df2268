"""Cache of values that are made of rows which stay the same from frame to frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from .styles import Row

_Made = TypeVar("_Made")


class Remembered(Generic[_Made]):
    """Makes something of each row, but not again of one that was there the last time.

    Args:
        make: gets a row, which nobody changes afterwards, and a width.
    """

    def __init__(self, make: Callable[[Row, int], _Made]) -> None:
        self._make = make
        self._width = 0
        # By identity, which a row keeps for itself as long as it is in here: to compare rows takes longer.
        self._known: dict[int, tuple[Row, _Made]] = {}

    def __call__(self, rows: Sequence[Row], width: int) -> list[_Made]:
        """Return the values for the rows, in a window of this width."""
        before = self._known if width == self._width else {}
        self._known, self._width = {}, width
        found = []
        for row in rows:
            known = before.get(id(row)) or (row, self._make(row, width))
            self._known[id(row)] = known
            found.append(known[1])
        return found
