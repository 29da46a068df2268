"""Frames on a terminal: final rows once and in order, a tail that is drawn again, and few bytes."""

from __future__ import annotations

import re
import unicodedata

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_core.terminal.reply.painter import Painter
from stream_core.terminal.rows.styles import RESET


class Window:
    """A terminal that a painter draws on."""

    def __init__(self, rows: int = 12, cols: int = 40) -> None:
        self.screen = pyte.HistoryScreen(cols, rows, history=10_000, ratio=1)
        self.stream = pyte.Stream(self.screen)
        self.bytes = 0

    def write(self, text: str) -> None:
        self.bytes += len(text)
        self.stream.feed(text)

    @property
    def lines(self) -> list[str]:
        gone = [[row[x].data for x in range(self.screen.columns)] for row in self.screen.history.top]
        return [*("".join(row).rstrip() for row in gone), *(line.rstrip() for line in self.screen.display)]

    @property
    def cells(self) -> list[list[object]]:
        buffer, columns = self.screen.buffer, range(self.screen.columns)
        return [[buffer[y][x] for x in columns] for y in range(self.screen.lines)]


def bare(row: str) -> str:
    return unicodedata.normalize("NFC", re.sub("\x1b\\[[\\d;]*m", "", row)).rstrip()


def filled(rows: list[str]) -> list[str]:
    """Without the blank rows at the end."""
    while rows and not rows[-1]:
        rows = rows[:-1]
    return rows


PIECES = ["abc ", "ñandú ", f"\x1b[36m│ {RESET}", f"\x1b[1mneg{RESET} ", "12345678 ", "é", "🤖 ", "日本 "]
ROWS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
STYLED = st.lists(
    st.sampled_from([*PIECES, f"\x1b[36m▊{RESET}", f"\x1b[1mneg\x1b[;3mcur{RESET}", f"{RESET}z"]), max_size=4
).map("".join)
# What becomes of the tail in a frame: rows of it that stay, letters added to the last, new rows, and how
# many of them all are final.
FRAMES = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from(["", "z", "más", "\u0301"]),
        st.lists(ROWS, max_size=4),
        st.integers(0, 9),
    ),
    max_size=20,
)  # fmt: skip


@settings(deadline=None)  # the emulator is slow on a busy machine
@given(FRAMES, st.booleans())
def test_the_screen_is_the_final_rows_and_the_tail(
    frames: list[tuple[int, str, list[str], int]], resend_final_rows: bool
) -> None:
    window, final, tail = Window(), list[str](), list[str]()
    painter = Painter(window.write, resend_final_rows=resend_final_rows)
    for stay, more, new, count in frames:
        kept = tail[:stay]
        if kept and kept[-1][-1:].isalpha() and len(kept[-1]) < 60:
            kept[-1] += more
        rows = [*kept, *new]
        tail = rows[count:][:9]
        painter.paint(rows[:count], tail, (40, 12))
        final += rows[:count]
        shown = [unicodedata.normalize("NFC", line) for line in window.lines]
        assert filled(shown) == filled([bare(row) for row in [*final, *tail]])
    painter.close()
    assert filled([unicodedata.normalize("NFC", line) for line in window.lines]) == filled(
        list(map(bare, final))
    )
    assert not window.screen.cursor.hidden


def test_of_a_row_only_what_changed_is_sent() -> None:
    window = Window()
    painter = Painter(window.write)
    rows = [f"\x1b[36m│ {RESET}una fila bastante larga {n}" for n in range(5)]
    painter.paint([], [*rows, "cuadro"], (40, 12))
    for more, most in ((" y", 12), (" más", 16)):
        before, rows[4] = window.bytes, rows[4] + more
        painter.paint([], [*rows, "cuadro"], (40, 12))
        assert window.bytes - before <= most + len("\x1b[4B\x1b[4A\r")
    before = window.bytes
    painter.paint([], [*rows, "cuadro"], (40, 12))
    assert window.bytes == before, "a frame in which nothing changed sends nothing"


@settings(deadline=None)
@given(st.lists(STYLED, min_size=2, max_size=4))
def test_a_row_that_changes_looks_as_if_it_were_drawn_for_the_first_time(rows: list[str]) -> None:
    window = Window()
    painter = Painter(window.write)
    for row in rows:
        painter.paint([], [row, "cuadro"], (40, 12))
        fresh = Window()
        Painter(fresh.write).paint([], [row, "cuadro"], (40, 12))
        assert window.cells == fresh.cells


def test_what_stands_behind_a_change_moves_and_is_not_sent_again() -> None:
    window = Window()
    painter = Painter(window.write)
    bar, cursor = f"\x1b[38;5;80m│ {RESET}", f"\x1b[38;5;80m▊{RESET}"
    for text, most in (("unas", 80), ("unas palabras", 27), ("unas palabras más", 22), ("una palabra", 22)):
        before = window.bytes
        painter.paint([], [f"{bar}{text}{cursor}"], (40, 12))
        assert window.bytes - before <= most
        assert window.lines[0] == f"│ {text}▊"


def test_what_becomes_final_is_not_sent_again() -> None:
    window = Window()
    painter = Painter(window.write)
    painter.paint([], ["uno", "dos", "cuadro"], (40, 12))
    before = window.bytes
    painter.paint(["uno", "dos"], ["cuadro"], (40, 12))
    assert window.bytes - before <= len("\x1b[2B\r")
    assert window.lines[:3] == ["uno", "dos", "cuadro"]


def test_the_closing_edge_is_pushed_down_and_not_sent_again() -> None:
    window = Window()
    painter = Painter(window.write)
    edge = "╰─ un cuadro con muchas cifras al final"
    tail = [f"fila {n}" for n in range(3)]
    for number in range(3, 30):
        painter.paint([], [*tail[-5:], edge], (40, 12)) if number < 6 else None
        before = window.bytes
        painter.paint(tail[-5:-4], [*tail[-4:], f"fila {number}", edge], (40, 12))
        assert number < 7 or window.bytes - before < 60
        tail = [*tail, f"fila {number}"]
    assert [line for line in window.lines if line.startswith("╰─")] == [edge]


def test_the_closing_edge_is_pushed_down_with_other_figures_too() -> None:
    window = Window()
    painter = Painter(window.write)
    for number in range(1, 9):
        before = window.bytes
        painter.paint([], [*["fila"] * number, f"╰─ 🤖 Claude (Streaming) · {number} s"], (40, 12))
        assert number == 1 or window.bytes - before < 60
    assert filled(window.lines) == [*["fila"] * 8, "╰─ 🤖 Claude (Streaming) · 8 s"]


def test_only_a_row_that_may_be_too_long_keeps_the_terminal_from_wrapping() -> None:
    sent: list[str] = []
    painter = Painter(sent.append)
    painter.paint([], ["corta 🧭", "cuadro"], (40, 12))
    assert "\x1b[?7l" not in sent[-1]
    painter.paint([], ["larga" * 6 + "🧭", "cuadro"], (40, 12))
    assert "\x1b[?7l" in sent[-1]


def test_after_a_resize_the_whole_tail_is_drawn_again() -> None:
    window = Window()
    painter = Painter(window.write)
    painter.paint(["final"], ["a", "b"], (40, 12))
    before = window.bytes
    painter.paint([], ["a", "b"], (30, 12))
    assert window.bytes > before
    assert filled(window.lines) == ["final", "a", "b"]


def test_a_frame_that_arrives_after_the_next_resize_leaves_nothing_twice() -> None:
    window = Window(cols=40)
    painter = Painter(window.write)
    rows = ["una fila de unas treinta celdas", "cuadro con treinta y tantas celdas"]
    painter.paint([], rows, (40, 12))
    window.screen.resize(12, 36)
    painter.paint([], rows, (36, 12))
    window.screen.resize(12, 20)
    painter.paint([], rows, (30, 12))
    painter.paint(["una fila"], ["cuadro"], (20, 12))
    assert filled(window.lines) == ["una fila", "cuadro"]


def test_a_row_that_the_terminal_takes_for_wider_is_still_one_row() -> None:
    """An emoji of several code points: two cells here, in many a terminal more."""
    window = Window(cols=40)
    painter = Painter(window.write)
    wide = "👨‍👩‍👧‍👦" * 12 + " fin"
    for number in range(6):
        painter.paint([], [f"{wide} {n}" for n in range(4)] + [f"cuadro {number}"], (40, 12))
    assert len([line for line in window.lines if line.startswith("cuadro")]) == 1
    painter.paint(["final"], [], (40, 12))
    painter.close()
    assert filled(window.lines) == ["final"]


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_in_a_short_window(rows: int) -> None:
    window = Window(rows=rows + 2)
    painter = Painter(window.write)
    for number in range(30):
        painter.paint([f"final {number}"], [f"cola {n}" for n in range(rows)], (40, rows + 2))
    painter.close()
    assert filled(window.lines) == [f"final {number}" for number in range(30)]
