"""The row below the closing edge that shows what is typed for the next prompt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style

from stream_core.core.sanitize import sanitize
from stream_core.terminal.rows.styles import Row, Styles

MARK = "› "
_CUT = "…"
_NEWLINE = "↵"
_CURSOR = Style(reverse=True)
_LONGEST = 12  # code points of one grapheme


def draft_row(before: str, after: str, width: int, styles: Styles) -> Row:
    """Lay out a draft on one row of at most `width` cells; what is far from its cursor is cut.

    Args:
        before: the text before the cursor.
        after: the text after it.
        width: cells of the row, at least 8.
        styles: what it is drawn with.
    """
    room = width - cell_len(MARK)
    left = _graphemes(before[-_LONGEST * width :])
    under, *right = _graphemes(after[: _LONGEST * width]) or [" "]
    room -= max(1, cell_len(under))
    shown_left = _cut(left[::-1], room - cell_len(_CUT) * bool(right))[::-1]
    shown_right = _cut(right, room - cell_len("".join(shown_left)))
    return [
        Segment(MARK, styles.quiet),
        Segment("".join(shown_left)),
        Segment(under, _CURSOR),
        Segment("".join(shown_right)),
    ]


def _cut(pieces: Sequence[str], room: int) -> list[str]:
    """Return the first pieces that fit, with an ellipsis for the others."""
    whole = list(_fitting(pieces, room))
    return whole if len(whole) == len(pieces) else [*_fitting(pieces, room - cell_len(_CUT)), _CUT]


def _graphemes(text: str) -> list[str]:
    shown = sanitize(text).replace("\n", _NEWLINE).replace("\t", " ")
    return [shown[start:end] for start, end, _ in split_graphemes(shown)[0]]


def _fitting(pieces: Iterable[str], room: int) -> Iterator[str]:
    """Yield pieces from the first on, as many as fit."""
    for piece in pieces:
        room -= cell_len(piece)
        if room < 0:
            return
        yield piece
