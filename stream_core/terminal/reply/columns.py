"""Rows of several replies -> rows of one screen, append-only: side by side, or one reply after another.

Pure. A row of the screen is final once no reply can change it any more: each has a final row there, or has
ended above it. Only final rows are taken; whoever draws them never touches them again.
"""
# See docs/adr/0006-append-only-drawing.md

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style

from stream_core.terminal.markdown.wrapping import most_cells, wrap
from stream_core.terminal.rows.styles import Row, cells_of, row_text

LEAST_WIDTH = 40
"""Cells of a column, at least, for replies to stand side by side."""
_NARROWEST = 4  # cells of a column in a window that was made too narrow for its columns
_TITLED = 8  # cells of a column that has room for a title
_BETWEEN, _HEAD, _FOOT = " │ ", "─┬─", "─┴─"


def fits(count: int, width: int) -> bool:
    """Whether `count` replies stand side by side in a window of this width."""
    return width >= count * LEAST_WIDTH


def column_width(count: int, width: int) -> int:
    """Cells of each of so many columns; the last cell of the window stays free, where terminals differ."""
    return max(_NARROWEST, (width - 1 - len(_BETWEEN) * (count - 1)) // count)


class RowMerge:
    """Final rows of several replies, until all of them have come as far."""

    def __init__(self, count: int) -> None:
        self._waiting: list[deque[Row]] = [deque() for _ in range(count)]
        self._ended = [False] * count

    def add(self, column: int, rows: Sequence[Row]) -> None:
        """Add rows of a reply that have become final."""
        self._waiting[column].extend(rows)

    def replace(self, column: int, rows: Sequence[Row]) -> None:
        """Replace the rows that wait, in another width."""
        self._waiting[column] = deque(rows)

    def end(self, column: int) -> None:
        """Note that a reply has no more rows."""
        self._ended[column] = True

    def take(self) -> Iterator[tuple[Row | None, ...]]:
        """The rows that are final in every reply, each once; None for a reply that has ended above."""
        while any(self._waiting) and all(map(self._settled, range(len(self._waiting)))):
            yield tuple(rows.popleft() if rows else None for rows in self._waiting)

    def rest(self, open_rows: Sequence[Sequence[Row]], most: int) -> Iterator[tuple[Row | None, ...]]:
        """The rows below: the last ones of each reply with the open ones, at most `most`."""
        shown = [
            [*waiting, *rows][-most:] if most > 0 else []
            for waiting, rows in zip(self._waiting, open_rows, strict=True)
        ]
        return zip_longest(*shown)

    def _settled(self, column: int) -> bool:
        return bool(self._waiting[column]) or self._ended[column]


class Columns:
    """Lays rows of several replies beside each other."""

    def __init__(self, count: int, border: Style) -> None:
        self._count, self._border = count, border

    def rows(self, cells: Sequence[Row | None], width: int) -> list[Row]:
        """The rows that one row of each reply takes in a window of this width, which may have changed."""
        room = column_width(self._count, width)
        fitted = [_fitted(cell, room) for cell in cells]
        return [self._beside(beside, room) for beside in zip_longest(*fitted)]

    def head(self, titles: Sequence[str], style: Style, width: int) -> Row:
        """The row above the columns, with their titles."""
        room = column_width(self._count, width)
        row: Row = []
        for number, title in enumerate(titles):
            row += [Segment(_HEAD, self._border)] if number else []
            if room < _TITLED:
                row.append(Segment("─" * room, self._border))
                continue
            (shown, *_) = wrap([(title, style)], room - 4, words=False)
            fill = "─" * max(0, room - 3 - most_cells(row_text(shown)))
            row += [Segment("─ ", self._border), *shown, Segment(f" {fill}", self._border)]
        return row

    def foot(self, width: int) -> Row:
        """The row below the columns."""
        return [Segment(_FOOT.join(["─" * column_width(self._count, width)] * self._count), self._border)]

    def _beside(self, cells: Sequence[Row | None], room: int) -> Row:
        row: Row = []
        for number, cell in enumerate(cells):
            row += [Segment(_BETWEEN, self._border)] if number else []
            row += cell or []
            if number < self._count - 1:
                # What terminals do not agree on has room for the widest, as in a closed frame.
                row.append(Segment(" " * max(0, room - most_cells(row_text(cell or [])))))
        return row


def _fitted(cell: Row | None, room: int) -> list[Row]:
    """A row in so many cells; one that was laid out for a wider window is wrapped again."""
    if not cell or cells_of(cell) <= room:
        return [cell or []]
    return wrap([(text, style) for text, style, _ in cell], room)
