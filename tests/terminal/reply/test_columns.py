"""Rows of several replies beside each other: nothing lost, nothing twice, nothing final that may change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from stream_core.terminal.reply.columns import Columns, RowMerge, column_width, fits
from stream_core.terminal.rows.styles import Row, cells_of, row_text

STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("aab."), st.integers(1, 3)), max_size=30)


def row(text: str) -> Row:
    return [Segment(text)]


@given(STEPS)
def test_what_is_taken_is_final_in_every_column_and_comes_once(steps: list[tuple[int, str, int]]) -> None:
    merge, added, ended = RowMerge(3), [list[str]() for _ in range(3)], [False] * 3
    taken: list[tuple[Row | None, ...]] = []
    for column, what, count in steps:
        if ended[column]:
            continue
        if what == ".":
            merge.end(column)
            ended[column] = True
        else:
            names = [f"{column}{what}{len(added[column]) + each}" for each in range(count)]
            added[column] += names
            merge.add(column, [row(name) for name in names])
        for cells in merge.take():
            for each, cell in enumerate(cells):
                assert cell is not None or (ended[each] and len(added[each]) <= len(taken))
            taken.append(cells)
    open_rows = [[] if end else [row("abierta")] for end in ended]
    rest = list(merge.rest(open_rows, 1_000))
    for each in range(3):
        told = [row_text(cells[each] or []) for cells in [*taken, *rest] if cells[each] is not None]
        assert told == added[each] + ["abierta"] * (not ended[each])
    if all(ended):
        assert not rest and len(taken) == max(map(len, added))


def test_a_reply_that_is_far_ahead_shows_its_last_rows() -> None:
    merge = RowMerge(2)
    merge.add(0, [row(str(number)) for number in range(50)])
    rest = list(merge.rest([[row("abierta")], [row("solo esta")]], 3))
    assert [[row_text(cell) if cell else "" for cell in cells] for cells in rest] == [
        ["48", "solo esta"],
        ["49", ""],
        ["abierta", ""],
    ]
    assert not list(merge.rest([[], []], 0))


@given(
    st.lists(st.text("ab ñ漢👋", max_size=60), min_size=2, max_size=4),
    st.integers(10, 200),
)
def test_no_row_is_wider_than_the_window_and_no_text_is_lost(texts: list[str], width: int) -> None:
    columns = Columns(len(texts), Style())
    rows = columns.rows([row(text) for text in texts], width)
    room = column_width(len(texts), width)
    least = len(texts) * room + 3 * (len(texts) - 1)
    assert all(cells_of(each) <= least for each in rows)
    said = "".join(row_text(each) for each in rows)
    for sign in "abñ漢👋":
        assert said.count(sign) == "".join(texts).count(sign)
    assert cells_of(columns.head(texts, Style(), width)) <= least
    assert cells_of(columns.foot(width)) == least


def test_forty_cells_each() -> None:
    assert fits(2, 80) and not fits(2, 79) and fits(3, 120) and not fits(4, 159)
    assert column_width(2, 100) == 48
