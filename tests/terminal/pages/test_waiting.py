"""The line that turns while the program gets ready, on a terminal emulator."""

from __future__ import annotations

import io
import threading

import pyte
import pytest
from rich.console import Console

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import SPINNERS
from stream_core.terminal.pages.waiting import WaitingLine

WORDS = "Preparando la conexión…"


class Terminal(io.StringIO):
    """What is written, and an event when enough turns were."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.turned, self._left = threading.Event(), turns

    def write(self, text: str) -> int:
        self._left -= 1
        if self._left <= 0:
            self.turned.set()
        return super().write(text)

    def shown(self, columns: int = 40) -> list[str]:
        screen = pyte.Screen(columns, 5)
        pyte.Stream(screen).feed("antes\r\n" + self.getvalue())
        assert screen.cursor.x == 0 or screen.cursor.hidden
        return [row.rstrip() for row in screen.display if row.strip()]


def waiting(columns: int, look: Look | None = None, turns: int = 3) -> tuple[WaitingLine, Terminal]:
    terminal = Terminal(turns)
    console = Console(file=terminal, force_terminal=True, width=columns, color_system="256", _environ={})
    line = WaitingLine(console, WORDS, look or Look())
    line.start()
    assert terminal.turned.wait(60)
    return line, terminal


@pytest.mark.parametrize("spinner", SPINNERS)
def test_it_turns_as_the_person_chose_and_leaves_nothing_behind(spinner: str) -> None:
    line, terminal = waiting(40, Look(spinner=spinner))
    before, row = terminal.shown()
    assert before == "antes" and row[0] in SPINNERS[spinner] and row[1:] == f" {WORDS}"
    line.stop()
    assert terminal.shown() == ["antes"]
    assert terminal.getvalue().endswith("\x1b[?25h")


@pytest.mark.parametrize("columns", [1, 2, 10, 24, 25])
def test_it_is_one_row_however_narrow_the_window(columns: int) -> None:
    line, terminal = waiting(columns)
    line.stop()
    screen = pyte.Screen(columns, 5)
    pyte.Stream(screen).feed(terminal.getvalue())
    assert screen.cursor.y == 0 and not "".join(screen.display).strip()


def test_it_comes_back_after_a_stop_and_is_taken_away_once() -> None:
    line, terminal = waiting(40)
    line.stop()
    line.stop()
    assert terminal.getvalue().count("\x1b[?25h") == 1
    terminal.turned.clear()
    line.start()
    line.start()
    assert terminal.turned.wait(60)
    line.stop()
    assert terminal.shown() == ["antes"]


def test_where_there_is_no_terminal_nothing_is_written() -> None:
    file = io.StringIO()
    line = WaitingLine(Console(file=file, _environ={}), WORDS, Look())
    line.start()
    line.stop()
    assert file.getvalue() == ""
