"""The harness itself: what a program gets from the terminal, and what the terminal shows of it."""

from __future__ import annotations

import signal
import sys
import termios
from pathlib import Path

import pytest
from support.terminal import Terminal

ECHO = "import sys\nfor line in sys.stdin: print('got', repr(line.rstrip()), flush=True)"
SIZES = """
import os, signal
def show(*_): print("size", *os.get_terminal_size(), flush=True)
signal.signal(signal.SIGWINCH, show)
show()
while True: signal.pause()
"""
RAW = """
import os, sys, tty
{setup}
tty.setraw(0)
os.write(1, b"ready")
data = b""
while not data.endswith(b"!"): data += os.read(0, 100)
os.write(1, ascii(data).encode())
"""


def python(code: str, *, rows: int = 30, cols: int = 100, answers_cpr: bool = False) -> Terminal:
    return Terminal([sys.executable, "-c", code], rows=rows, cols=cols, answers_cpr=answers_cpr)


def write(text: str, *, rows: int = 30, cols: int = 100, reflow: bool = True) -> Terminal:
    code = f"import os, sys; os.write(1, {text.encode()!r}); sys.stdin.readline()"
    return Terminal([sys.executable, "-c", code], rows=rows, cols=cols, reflow=reflow)


def test_a_line_is_echoed_and_answered() -> None:
    with python(ECHO) as terminal:
        terminal.send("¿qué tal?\r")
        terminal.wait_for("got '¿qué tal?'")
        assert terminal.display[:2] == ["¿qué tal?", "got '¿qué tal?'"]
        terminal.wait_for(lambda t: t.cursor == (2, 0))  # the kernel sends the line's end on its own
        assert "¿qué tal?\r\n".encode() in terminal.raw
        terminal.send("\x04")
        assert terminal.wait_exit() == 0


def test_the_program_has_its_own_controlling_terminal() -> None:
    code = (
        "import os; os.write(os.open('/dev/tty', os.O_RDWR), b'here %d' % (os.tcgetpgrp(0) == os.getpid()))"
    )
    with python(code) as terminal:
        terminal.wait_for("here 1")


def test_the_size_is_set_before_the_start_and_a_resize_is_told() -> None:
    with python(SIZES, rows=24, cols=80) as terminal:
        terminal.wait_for("size 80 24")
        terminal.resize(10, 40)
        terminal.wait_for("size 40 10")
        assert len(terminal.display) == 10


def test_ctrl_c_delivers_sigint() -> None:
    code = "import signal\nsignal.signal(2, signal.SIG_DFL)\nprint('ready', flush=True)\nsignal.pause()"
    with python(code) as terminal:
        terminal.wait_for("ready")
        terminal.send("\x03")
        assert terminal.wait_exit() == -signal.SIGINT


def test_a_signal_reaches_the_program() -> None:
    with Terminal(["sleep", "600"]) as terminal:
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == -signal.SIGTERM


def test_exit_codes(tmp_path: Path) -> None:
    with python("raise SystemExit(7)") as terminal:
        assert terminal.wait_exit() == 7
        assert terminal.status == 7
    with Terminal(["no-such-program"]) as terminal:
        assert terminal.wait_exit() == 127
        assert terminal.display[0] == "no-such-program: No such file or directory"
    with Terminal(["/bin/sh", "-c", 'pwd; echo "$A-$TERM"'], env={"A": "x"}, cwd=tmp_path) as terminal:
        assert terminal.wait_exit() == 0
        assert terminal.text.replace("\n", "").startswith(f"{tmp_path.resolve()}x-xterm-256color")


def test_paste_has_brackets_only_when_they_are_asked_for() -> None:
    with python(RAW.format(setup="")) as terminal:
        terminal.wait_for("ready")
        terminal.paste("a\nb!")
        terminal.wait_for(r"b'a\rb!'")
    with python(RAW.format(setup=r"os.write(1, b'\x1b[?2004h')")) as terminal:
        terminal.wait_for("ready")
        terminal.paste("a\nb")
        terminal.send("!")
        terminal.wait_for(r"b'\x1b[200~a\nb\x1b[201~!'")


def test_a_long_paste_into_a_program_that_writes_does_not_block() -> None:
    code = "import os, tty\ntty.setraw(0)\nos.write(1, b'ready')\nn = 0\nwhile n < 200000:\n"
    code += " d = os.read(0, 1000); n += len(d); os.write(1, d)\nos.write(1, b'done')"
    with python(code) as terminal:
        terminal.wait_for("ready")
        terminal.send("0123456789" * 20_000)
        terminal.wait_for("done")
        assert terminal.wait_exit() == 0
        assert terminal.raw.count(b"0123456789") == 20_000


def test_the_scrollback_keeps_every_row_and_all_output_is_there_at_the_exit() -> None:
    with python("for n in range(1000): print('row', n)", rows=10) as terminal:
        assert terminal.wait_exit() == 0
        assert terminal.scrollback[0] == "row 0"
        assert len(terminal.scrollback) == 991
        assert terminal.text.split("\n")[:1000] == [f"row {n}" for n in range(1000)]


def test_a_timeout_shows_the_screen_and_the_state() -> None:
    with python(ECHO) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(lambda t: t.cursor == (2, 0))
        with pytest.raises(
            AssertionError, match=r"(?s)'adiós'; still running; cursor at \(2, 0\).*got 'hola'"
        ):
            terminal.wait_for("adiós", timeout=0.2)
        with pytest.raises(AssertionError, match="still running"):
            terminal.wait_exit(timeout=0.2)
    with python("print('end')") as terminal, pytest.raises(AssertionError, match=r"(?s)exited with 0.*end"):
        terminal.wait_for("never")  # at once: nothing more can come


def test_modes_left_broken_are_seen_after_the_exit() -> None:
    with python("import tty; input(); tty.setraw(0)") as terminal:
        assert terminal.termios_now()[3] & termios.ECHO
        terminal.send("\r")
        assert terminal.wait_exit() == 0
        assert not terminal.termios_now()[3] & (termios.ECHO | termios.ICANON)


@pytest.mark.parametrize("answers", [True, False])
def test_the_cursor_position_is_told_when_asked_for(answers: bool) -> None:
    code = RAW.format(setup="").replace("ready", r"abc\x1b[6nready")
    with python(code, answers_cpr=answers) as terminal:
        terminal.wait_for("ready")
        terminal.send("!")
        assert terminal.wait_exit() == 0
        assert terminal.display[0] == (r"abcreadyb'\x1b[1;4R!'" if answers else "abcreadyb'!'")


def test_wide_joined_and_combined_characters_keep_the_rest_of_the_text() -> None:
    with write("🤖 ⚠️ e\u0301 👩‍💻 end.", cols=40) as terminal:
        terminal.wait_for("end.")
        assert terminal.display[0] == "🤖 ⚠️ e\u0301 👩‍💻 end."


def test_a_wide_character_wraps_as_a_whole_and_goes_as_a_whole() -> None:
    with write("123456789🤖x\r\n🤖\ra\x1b[3Gb🤖\x1b[5Gc.", cols=10) as terminal:
        terminal.wait_for("c.")
        assert terminal.display[:3] == ["123456789", "🤖x", "a b c."]


@pytest.mark.parametrize(
    ("reflow", "rows"), [(True, ["abcdef", "ghij", "", "kl."]), (False, ["abcdef", "", "kl."])]
)
def test_a_narrower_window_flows_or_cuts(reflow: bool, rows: list[str]) -> None:
    with write("abcdefghij\r\n\r\nkl.", rows=6, cols=10, reflow=reflow) as terminal:
        terminal.wait_for("kl.")
        terminal.resize(6, 6)
        assert terminal.display[: len(rows)] == rows
        assert terminal.cursor == (len(rows) - 1, 3)
        terminal.resize(6, 10)
        assert terminal.text.split() == (["abcdefghij", "kl."] if reflow else ["abcdef", "kl."])


def test_a_lower_window_pushes_rows_into_the_scrollback() -> None:
    with write("a\r\nb\r\nc\r\nd.", rows=6) as terminal:
        terminal.wait_for("d.")
        terminal.resize(2, 100)
        assert (terminal.scrollback, terminal.display, terminal.cursor) == (["a", "b"], ["c", "d."], (1, 2))
        terminal.resize(6, 100)
        assert (terminal.scrollback, terminal.display[:2]) == (["a", "b"], ["c", "d."])


def test_a_full_row_loses_its_last_cell_to_an_erase_as_in_terminals() -> None:
    with write("0123456789\x1b[K\r\nend", cols=10) as terminal:
        terminal.wait_for("end")
        assert terminal.display[0] == "012345678"
