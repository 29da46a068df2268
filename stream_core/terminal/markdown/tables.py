"""Tables: columns as wide as they may be, rows that go on below instead of being cut, and no outer frame."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style

from stream_core.terminal.rows.styles import Row, Styles, row_text, segment

from .blocks import TABLE_ROWS
from .inline import spans
from .wrapping import Span, most_cells, wrap

_NARROWEST = 6  # cells of a column; where there is no room for that, each row becomes a list
_NAME = 40  # characters of a heading that stand before each cell of such a list
_RULE_CELL = re.compile(r":?-+:?")
_CELL_BAR = re.compile(r"(?<!\\)\|")
_WITH_BARS = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|\$[^$\s](?:[^$]*[^$\s])?\$|\\\(.+?\\\)")
_ANY_BAR = re.compile(r"\\?\|")
# What stands in backticks is code, also about HTML.
_BREAK = re.compile(r"(?P<code>(?<!`)(`+)(?!`).+?(?<!`)\2(?!`))| *<br */?> *", re.IGNORECASE)
_BOLD = Style(bold=True)
_CELLS_KEPT = 512  # that have been read


class _Piece(NamedTuple):
    """The part of a cell that stands in one row.

    Attributes:
        row: it in its styles.
        least: the cells it takes here.
        most: the cells it takes in the terminal that takes most.
    """

    row: Row
    least: int
    most: int


class _Cell:
    """A cell that has been read: laid out again only where its column has become another.

    Attributes:
        natural: the cells of the longest of its lines.
    """

    __slots__ = ("_pieces", "_spans", "_width", "natural")

    def __init__(self, text: str, styles: Styles, base: Style | None) -> None:
        self._spans = spans(text, styles, base)
        self.natural = max(map(most_cells, "".join([t for t, _ in self._spans]).split("\n")))
        self._width, self._pieces = -1, list[_Piece]()

    def pieces(self, width: int) -> list[_Piece]:
        """The pieces for rows of a column of this width."""
        if width != self._width:
            self._width, self._pieces = width, [_measured(row) for row in wrap(self._spans, width)]
        return self._pieces


class _Memory:
    """Measures and rows of one table so far, so that no cell is laid out twice."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, bool], _Cell] = {}  # by their text, and whether it is of the head
        self.naturals: dict[str, list[int]] = {}  # the cells that each row would take, column by column
        self.heads: dict[tuple[int, ...], list[Row]] = {}  # at these widths, with the rule below
        self.rows: dict[tuple[str, int, tuple[int, ...]], list[Row]] = {}  # in that room, at these widths


class Columns:
    """The columns of one table, decided by its first rows.

    Attributes:
        source: what was read.
    """

    def __init__(self, source: str, styles: Styles, before: Columns | None = None) -> None:
        """Read a table.

        Args:
            source: the heading, the rule below it and the first rows, as Markdown.
            styles: what it is laid out with.
            before: a table that may be the beginning of this one: its rows are not laid out again then.
        """
        self.source = source
        self._styles = styles
        self._fits: dict[int, tuple[int, ...] | None] = {}  # the widths for each room that was asked for
        self._drawn: tuple[int, list[list[Row]]] = (-1, [])  # the rows so far, as they were asked for last
        head, rule, *rows = source.split("\n")
        self._begins = (head, rule)
        self._sides = [_side(cell) for cell in _cells(rule)]
        self._head = self._cells(head)
        self._rows = rows
        known = before is not None and before._begins == self._begins
        self._memory: _Memory = before._memory if before is not None and known else _Memory()
        naturals = [self._naturals(line) for line in (head, *rows)]
        self._widths = [max(column) for column in zip_longest(*naturals, fillvalue=0)]

    def rows(self, width: int) -> list[Row]:
        """The table so far."""
        return list(chain.from_iterable(self.groups(width)))

    def groups(self, width: int) -> list[list[Row]]:
        """The rows of the head, then those of each line so far."""
        if self._drawn[0] != width:
            self._drawn = (width, self._laid_out(width))
        return self._drawn[1]

    def _laid_out(self, width: int) -> list[list[Row]]:
        fitted = self._fitted(width)
        body = [self._remembered(line, width, fitted) for line in self._rows]
        if fitted is None:
            whole = not any(body) or any(len(head) > _NAME for head in self._head) or self._has_empty_column()
            return [self._columns(self._head, [width], _BOLD) if whole else [], *body]
        head = self._memory.heads.get(fitted)
        if head is None:
            rule = "─┼─".join("─" * cells for cells in fitted)
            head = [*self._columns(self._head, fitted, _BOLD), [segment((rule, self._styles.mark, None))]]
            self._memory.heads[fitted] = head
        return [head, *body]

    def row(self, line: str, width: int) -> list[Row]:
        """One row of it, also one beyond those that decided the columns."""
        cells, fitted = self._cells(line), self._fitted(width)
        return self._listed(cells, width) if fitted is None else self._columns(cells, fitted, None)

    def _has_empty_column(self) -> bool:
        """Whether a heading stands over nothing, and so in no row of a list."""
        filled = {at for line in self._rows for at, cell in enumerate(self._cells(line)) if cell}
        return any(head and at not in filled for at, head in enumerate(self._head))

    def _remembered(self, line: str, width: int, fitted: tuple[int, ...] | None) -> list[Row]:
        key = (line, width, fitted or ())
        if key not in self._memory.rows:
            self._memory.rows[key] = self.row(line, width)
        return self._memory.rows[key]

    def _naturals(self, line: str) -> list[int]:
        if line not in self._memory.naturals:
            self._memory.naturals[line] = [self._cell(cell).natural for cell in self._cells(line)]
        return self._memory.naturals[line]

    def _cells(self, line: str) -> list[str]:
        """The cells of a row, in which code and formulas are whole if there are too many cells otherwise.

        By the letter of GFM a bar splits code as well, but those who write `a | b` in a cell mean the code.
        """
        cells = _cells(line)
        if len(cells) <= len(self._sides) or not ("`" in line or "$" in line or "\\(" in line):
            return cells
        return _cells(_WITH_BARS.sub(lambda found: _ANY_BAR.sub(r"\|", found.group()), line))

    def _cell(self, text: str, base: Style | None = None) -> _Cell:
        known, key = self._memory.cells, (text, base is not None)
        cell = known.get(key)
        if cell is None:
            if len(known) >= _CELLS_KEPT:
                known.clear()
            cell = known[key] = _Cell(text, self._styles, base)
        return cell

    def _fitted(self, width: int) -> tuple[int, ...] | None:
        """The widths for that much room; None where there is no room for columns."""
        if width not in self._fits:
            self._fits[width] = self._fit(width)
        return self._fits[width]

    def _fit(self, width: int) -> tuple[int, ...] | None:
        widths, room = list(self._widths), width - 3 * (len(self._widths) - 1)
        if len(self._rows) >= TABLE_ROWS:  # it may go on with wider cells, as a table that counts its rows
            roomy = [max(cells, _NARROWEST) for cells in widths]
            widths = roomy if sum(roomy) <= room else widths
        if sum(widths) <= room:
            return tuple(widths)
        if room < _NARROWEST * len(widths):
            return None
        # The widest give way, all to the same width, until it fits.
        most = _most(widths, room)
        return tuple([min(cells, most) for cells in widths])

    def _columns(self, cells: Sequence[str], widths: Sequence[int], base: Style | None) -> list[Row]:
        # A row may have more cells than the heading: they go on in the last column.
        extra = " | ".join(cells[len(widths) - 1 :])
        padded = [*cells[: len(widths) - 1], extra, *[""] * len(widths)][: len(widths)]
        columns = [
            self._cell(cell, base).pieces(cells_wide) for cell, cells_wide in zip(padded, widths, strict=True)
        ]
        height = max(map(len, columns), default=0)
        return [
            self._beside([column[number] if number < len(column) else _NOTHING for column in columns], widths)
            for number in range(height)
        ]

    def _beside(self, pieces: Sequence[_Piece], widths: Sequence[int]) -> Row:
        """Pieces of the columns as one row."""
        taken = [max(wide - piece.least, 0) + piece.most for piece, wide in zip(pieces, widths, strict=True)]
        over = sum(taken) > sum(widths)  # in a terminal that takes most: there it would be cut
        row: Row = []
        for at, (piece, wide) in enumerate(zip(pieces, widths, strict=True)):
            if at:
                row.append(segment((" │ ", self._styles.mark, None)))
            free = max(0, wide - (piece.most if over else piece.least))
            side = self._sides[at] if at < len(self._sides) else "left"
            before = {"left": 0, "center": free // 2, "right": free}[side]
            if before:
                row.append(segment((" " * before, None, None)))
            row += piece.row
            if free > before:
                row.append(segment((" " * (free - before), None, None)))
        return row

    def _listed(self, cells: Sequence[str], width: int) -> list[Row]:
        """`heading: cell` lines, where there is no room for columns."""
        rows: list[Row] = []
        filled = [(number, cell) for number, cell in enumerate(cells) if cell]
        for number, (at, cell) in enumerate(filled):
            head = self._head[at] if at < len(self._head) else ""
            name = head if len(head) <= _NAME else f"{head[: _NAME - 1]}…"
            text: list[Span] = [*spans(name, self._styles, _BOLD), (": " if head else "", None)]
            text += spans(cell, self._styles)
            lead = "• " if not number else "  "
            for row in wrap(text, max(1, width - 2)):
                rows.append([segment((lead, self._styles.mark, None)), *row])
                lead = "  "
        return rows


_NOTHING = _Piece([], 0, 0)


def _measured(row: Row) -> _Piece:
    text = row_text(row)
    return _Piece(row, len(text) if text.isascii() else cell_len(text), most_cells(text))


def _cells(line: str) -> list[str]:
    """The cells of a row; a bar after a backslash belongs to its cell."""
    bare = line.strip().removeprefix("|")
    if bare.endswith("|") and not bare.endswith("\\|"):
        bare = bare[:-1]
    return [with_breaks(cell.strip().replace("\\|", "|")) for cell in _CELL_BAR.split(bare)]


def with_breaks(cell: str) -> str:
    """Make line breaks of each `<br>` in a cell."""
    return _BREAK.sub(lambda found: found["code"] or "\n", cell)


def _side(rule: str) -> str:
    if not _RULE_CELL.fullmatch(rule) or not rule.endswith(":"):
        return "left"
    return "center" if rule.startswith(":") else "right"


def _most(widths: Sequence[int], room: int) -> int:
    """The greatest width that all columns may have so that they fit together."""
    left, ordered = room, sorted(widths)
    for number, cells in enumerate(ordered):
        share = left // (len(ordered) - number)
        if cells > share:
            return share
        left -= cells
    return ordered[-1]
