"""The rows of several replies: side by side, or one after another where the window is too narrow for that."""
# See docs/adr/0006-append-only-drawing.md

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from stream_core.terminal.markdown.wrapping import wrap
from stream_core.terminal.rows.styles import Row, Styles

from .columns import Columns, RowMerge, column_width, fits
from .compared_reply import ComparedReply


class ComparisonLayout:
    """Lays out the rows of several replies. Each method takes the width of the window, which may change.

    Args:
        sides: the replies, in their order.
        styles: how they look.
    """

    def __init__(self, sides: Sequence[ComparedReply], styles: Styles) -> None:
        self._sides, self._styles = sides, styles
        self._columns = Columns(len(sides), styles.border)
        self._width = 0  # cells of the window
        self._beside, self._room_laid = False, 0  # cells of a row that what waits is laid out for
        # One after another, each is a column of its own that is taken once those before it have ended.
        self._merges = [RowMerge(1) for _ in sides]
        self._current = 0
        self._begun = -1  # the reply, or the row of columns, whose title is drawn

    def final_rows(self, width: int) -> list[Row]:
        """Return the rows that have become final since the last call."""
        self._width = width
        above = [*self._fit()]
        for number, side in enumerate(self._sides):
            merge, place = self._merge_of(number)
            if side.complete or side.document is None:
                continue
            merge.add(place, side.document.final_rows(self._room, ending=side.ended))
            if side.ended and side.document.complete:
                merge.add(place, side.document.last_rows(self._room))
                merge.end(place)
                side.complete = True
        return [*above, *(self._side_by_side() if self._beside else self._one_after_another())]

    def _fit(self) -> Iterator[Row]:
        """Fit what is not final into the window. Columns become replies one after another where they are too
        narrow; those stay so, for what is final of the first of them stands below what was beside it.
        """
        beside = fits(len(self._sides), self._width)
        if self._begun < 0 and beside is not self._beside:
            self._beside = beside
            self._merges = [RowMerge(len(self._sides))] if beside else [RowMerge(1) for _ in self._sides]
        elif self._beside and not beside:
            yield self._columns.foot(self._width)
            self._beside, self._begun = False, -1
            self._merges = [RowMerge(1) for _ in self._sides]
            self._room_laid = 0
        if self._room_laid == self._room:
            return
        self._room_laid = self._room
        for number, side in enumerate(self._sides):
            merge, place = self._merge_of(number)
            if side.document is not None:
                merge.replace(place, side.document.laid_anew(self._room))
            if side.complete:
                merge.end(place)

    def _merge_of(self, number: int) -> tuple[RowMerge, int]:
        """Return the merge in which the rows of a reply wait, and its column there."""
        return (self._merges[0], number) if self._beside else (self._merges[number], 0)

    def _taken(self, first: int, cells: Sequence[Row | None]) -> None:
        for number, cell in enumerate(cells, first):
            document = self._sides[number].document
            if cell is not None and document is not None:
                document.took()
                self._sides[number].stands_above = True

    def _side_by_side(self) -> Iterator[Row]:
        if self._begun < 0:
            self._begun = 0
            titles = [side.title for side in self._sides]
            yield self._columns.head(titles, self._styles.heading, self._width)
        for cells in self._merges[0].take():
            self._taken(0, cells)
            yield from self._columns.rows(cells, self._width)

    def _one_after_another(self) -> Iterator[Row]:
        while self._current < len(self._sides):
            side = self._sides[self._current]
            if self._begun < self._current:
                self._begun = self._current
                title = f"{side.title} (sigue)" if side.stands_above else side.title
                yield self._edge(f"╭─ {title} ", self._styles.heading)
            for (cell,) in self._merges[self._current].take():
                self._taken(self._current, [cell])
                yield from self._columns_of_one(cell)
            if not side.complete:
                return
            yield from wrap([(f"╰─ {' · '.join(side.figures)}", self._styles.border)], self._room)
            self._current += 1

    def _columns_of_one(self, cell: Row | None) -> list[Row]:
        return Columns(1, self._styles.border).rows([cell], self._width)

    def _edge(self, title: str, style: object) -> Row:
        fill = "─" * max(0, self._room - cell_len(title))
        return [Segment(set_cell_size(title + fill, self._room).rstrip(), self._styles.border)]

    @property
    def _room(self) -> int:
        """Cells of a row of one reply."""
        return column_width(len(self._sides), self._width) if self._beside else max(1, self._width - 1)

    def open_rows(self, width: int, most: int) -> list[Row]:
        """Return the last `most` of the rows that may still change."""
        self._width = width
        if self._beside:
            opened = [self._open_rows_of(side) for side in self._sides]
            cells = self._merges[0].rest(opened, most)
            rows = [row for each in cells for row in self._columns.rows(each, self._width)]
        elif self._current < len(self._sides):
            opened = [self._open_rows_of(self._sides[self._current])]
            cells = self._merges[self._current].rest(opened, most)
            rows = [row for (cell,) in cells for row in self._columns_of_one(cell)]
        else:
            rows = []
        return rows[-most:]

    def _open_rows_of(self, side: ComparedReply) -> Sequence[Row]:
        if side.document is None or side.complete:
            return []
        return side.document.open_rows(self._room)

    def state_rows(self, width: int, states: Sequence[str]) -> list[Row]:
        """Return the states of the replies: below each column, or in rows for those that are not final."""
        self._width = width
        quiet, room = self._styles.quiet, self._room
        if self._beside:
            return self._columns.rows([[Segment(_cut(state, room), quiet)] for state in states], self._width)
        return [
            [Segment(_cut(state if number == self._current else f"{side.title}: {state}", room), quiet)]
            for number, (side, state) in enumerate(zip(self._sides, states, strict=True))
            if number >= self._current
        ]

    def closing_rows(self, width: int) -> list[Row]:
        """Return the foot of the columns and the figures below. One after another, each reply has its own."""
        if not self._beside:
            return []
        self._width = width
        figures = [[Segment(" · ".join(side.figures), self._styles.quiet)] for side in self._sides]
        return [self._columns.foot(self._width), *self._columns.rows(figures, self._width)]


def _cut(state: str, room: int) -> str:
    return state if cell_len(state) <= room else f"{set_cell_size(state, room - 1).rstrip()}…"
