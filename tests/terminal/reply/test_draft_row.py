"""The row that shows what is typed below a reply."""

from __future__ import annotations

import pytest

from stream_core.config.options.appearance import Look
from stream_core.terminal.reply.draft_row import draft_row
from stream_core.terminal.rows.styles import Styles, cells_of, row_text

STYLES = Styles(Look())


@pytest.mark.parametrize(
    ("before", "after", "width", "shown"),
    [
        ("hola", "", 20, "› hola "),
        ("ho", "la", 20, "› hola"),
        ("uno\n\tdos", "", 20, "› uno↵ dos "),
        ("abcdefghijklmnopqrstuvwxyz", "", 12, "› …stuvwxyz "),
        ("abcdefghi", "jklmnopqrstuvwxyz", 12, "› …cdefghij…"),
        ("", "abcdefghijklmnop", 12, "› abcdefghi…"),
        ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", "", 11, "› …👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧 "),
        ("日本語日本語", "日本", 12, "› …日本語日…"),
        ("\x1b]0;robado\x07a\x1b[2Jb\u202e", "", 20, "› ab "),
        ("x" * 100_000, "y" * 100_000, 12, "› …xxxxxxxy…"),
        ("é" * 30, "", 8, "› …éééé "),
    ],
)
def test_it_is_one_row_around_the_cursor(before: str, after: str, width: int, shown: str) -> None:
    row = draft_row(before, after, width, STYLES)
    assert row_text(row) == shown and cells_of(row) <= width
    (cursor,) = (segment for segment in row if segment.style is not None and segment.style.reverse)
    assert cursor.text == (after[:1] or " ")
