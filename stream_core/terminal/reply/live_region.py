"""The rows above the closing edge that are drawn again with each frame."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import ConsoleDimensions
from rich.segment import Segment

from stream_core.config.options.appearance import Look
from stream_core.terminal.styles import BAR, Row, Styles

from .status import SPINNER
from .thinking_summary import heading

_NARROWER, _LOWER = 0.4, 0.5  # what may be left of the width and height of a window that shrinks at once
_NARROWEST = 20  # columns
_FEWEST = 2  # rows that are drawn in every window


class Tail:
    """What is open, with what is waited for, or the cursor, at its end.

    Attributes:
        ticks: how often the frame moved on.
    """

    def __init__(self, look: Look, styles: Styles) -> None:
        self.ticks = 0
        self._look, self._styles = look, styles

    def rows(
        self, rows: Sequence[Row], status: str, thinking: float | None, size: ConsoleDimensions, edge: int
    ) -> Sequence[Row]:
        """The rows to draw.

        Args:
            rows: those of what is open.
            status: what is waited for; "" for nothing.
            thinking: for how many seconds Claude has been thinking, when the rows are that.
            size: that of the window.
            edge: rows of the closing edge.
        """
        room, above = self._styles.room(size.width), []
        if thinking is not None:
            above = [self._turning(heading(thinking), room)]
        if status:
            rows = [*rows, self._turning(status, room)]
        elif thinking is None:
            rows = self._with_cursor(rows, room)
        return _last_of(rows, above, size, edge)

    def _turning(self, words: str, room: int) -> Row:
        return [Segment(f"{SPINNER[self.ticks % len(SPINNER)]} {words}"[:room], self._styles.quiet)]

    def _with_cursor(self, rows: Sequence[Row], room: int) -> Sequence[Row]:
        cursor = self._look.cursor
        if not cursor or (self._look.blink and self.ticks // max(1, self._look.refresh // 2) % 2):
            return rows
        if not rows or Segment.get_line_length(rows[-1]) > room - cell_len(cursor):
            rows = [*rows, []]
        return [*rows[:-1], [*rows[-1], Segment(cursor, self._styles.border)]]


def _last_of(rows: Sequence[Row], above: Sequence[Row], size: ConsoleDimensions, edge: int) -> Sequence[Row]:
    """The last rows below those that stay above, as many as stay in a window that shrinks at once, as when it
    is no longer maximised.

    Terminals wrap rows that have become too long. Those that leave at the top stay in the scrollback, where
    nothing can be erased, and would stand there twice.
    """
    narrow = max(_NARROWEST, int(size.width * _NARROWER))
    left = int(size.height * _LOWER) - edge * (2 if size.width >= 2 * narrow else 1)
    left -= sum(_height(row, narrow) for row in above)
    count = 0
    for row in reversed(rows):
        left -= _height(row, narrow)
        if len(above) + count >= _FEWEST and left < 0:
            break
        count += 1
    return [*above, *rows[len(rows) - count :]]


def _height(row: Row, width: int) -> int:
    """Rows that it takes in a window of this width."""
    return -(-(Segment.get_line_length(row) + len(BAR)) // width)
