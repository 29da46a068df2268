"""Styled text -> rows of a given width, never broken inside what is seen as one character. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from rich.cells import get_character_cell_size, split_graphemes
from rich.style import Style

from stream_core.terminal.rows.styles import Row, segment

Span: TypeAlias = tuple[str, "Style | None"]

# Each character of these takes one cell, whatever its neighbours are.
_ONE_CELL = re.compile("[\x20-\u02ff\u2010-\u2027\u2190-\u21ff\u2200-\u22ff\u2500-\u259f]*")
_FIRST_EMOJI = "\U0001f1e6"
_FLAG_LETTERS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))


def wrap(text: Sequence[Span], width: int, *, words: bool = True) -> list[Row]:
    """Rows of at most `width` cells, never broken inside a character, and between words where there are any.

    What is wrapped once stays as it is when text is added at its end, but for the last row.
    """
    plain = text[0][0] if len(text) == 1 else "".join([piece for piece, _ in text])
    if len(plain) <= width and _ONE_CELL.fullmatch(plain):
        return [[segment((piece, style, None)) for piece, style in text if piece]]
    cuts = list(_cuts(plain, max(1, width), words))
    rows: list[Row] = []
    pieces, (piece, style), at = iter(text), ("", None), 0  # `at`: where in `plain` the piece begins
    for start, end in cuts:
        row: Row = []
        while True:
            if start < at + len(piece):
                row.append(segment((piece[max(0, start - at) : end - at], style, None)))
            if at + len(piece) >= end:
                break
            at += len(piece)
            piece, style = next(pieces)
        rows.append([part for part in row if part.text])
    return rows


def _cuts(plain: str, width: int, words: bool) -> Iterator[tuple[int, int]]:
    """Return the start and end of each row in a text."""
    at = 0
    for line in plain.split("\n"):
        cut = _cuts_narrow if _ONE_CELL.fullmatch(line) else _cuts_wide
        for start, end in cut(line, width, words):
            yield at + start, at + end
        at += len(line) + 1


def _cuts_narrow(line: str, width: int, words: bool) -> Iterator[tuple[int, int]]:
    start = 0
    while len(line) - start > width:
        end = line.rfind(" ", start, start + width + 1) if words else -1
        if end < 0 or not line[start:end].strip():
            end = start + width  # a word longer than a row
        yield start, end
        start = _after_spaces(line, end) if words else end
    yield start, len(line)


def _cuts_wide(line: str, width: int, words: bool) -> Iterator[tuple[int, int]]:
    """The same with characters of no, one or two cells; also before and after one of two, as in Chinese."""
    start = used = 0
    fit: int | None = None  # the last place in the row where it may be broken
    used_there = 0
    for begin, end, cells in _graphemes(line):
        if begin < start:
            continue  # a space that a break has swallowed
        if cells > 1 or not words or line[begin] == " ":
            fit, used_there = begin, used
        if used + cells > width and begin > start:
            if fit is None or not line[start:fit].strip():
                fit, used_there = begin, used
            yield start, fit
            start = _after_spaces(line, fit) if words else fit
            used, fit = used - used_there - (start - fit), None
            if begin < start:
                used = 0
                continue
        used += cells
        if cells > 1:
            fit, used_there = end, used
    yield start, len(line)


def most_cells(text: str) -> int:
    """The cells that a text takes in the terminal that takes most for it."""
    return len(text) if _ONE_CELL.fullmatch(text) else sum(cells for _, _, cells in _graphemes(text))


def _graphemes(line: str) -> Iterator[tuple[int, int, int]]:
    """One grapheme: its start, its end, and its width in cells.

    Terminals do not agree on what is made of several: some draw a family in two cells, others each of its
    members. Room is left for the widest, since a row that is too long loses its end.
    """
    flag: int | None = None  # where one begins that has its second letter yet to come
    for begin, end, cells in split_graphemes(line)[0]:
        if flag is None and line[begin] in _FLAG_LETTERS and line[end : end + 1] in _FLAG_LETTERS:
            flag = begin
            continue
        start, flag = (begin if flag is None else flag), None
        yield start, end, cells if end - start == 1 else max(cells, sum(map(_alone, line[start:end])))


def _alone(char: str) -> int:
    """The cells of a part of an emoji where it is drawn by itself."""
    return 2 if char >= _FIRST_EMOJI else get_character_cell_size(char)


def _after_spaces(line: str, at: int) -> int:
    while line.startswith(" ", at):
        at += 1
    return at
