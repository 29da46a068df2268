"""A program on a real pty, looked at through a real emulator.

`Terminal` starts a program as a shell in a terminal window does, sends it keys, and shows what a person
would see. A small parent process leads the session and outlives the program: were the program itself the
session leader, the kernel would reset the terminal modes when it ends, and modes left broken would not show.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from pyte import ByteStream, HistoryScreen, modes
from pyte.screens import Char, StaticDefaultDict, wcwidth

from support import starting

BRACKETED_PASTE = 2004 << 5  # pyte shifts private modes by five bits
BLANK = Char(" ")
_DATA = attrgetter("data")


class Row(StaticDefaultDict[int, Char]):
    """The cells of one row, and whether its text goes on in the next."""

    def __init__(self, cells: Sequence[Char] = (), wrapped: bool = False) -> None:
        super().__init__(BLANK)
        self.update(enumerate(cells))
        self.wrapped = wrapped


def row_text(row: Mapping[int, Char]) -> str:
    """The text of one row, right-stripped."""
    return "".join(map(_DATA, map(row.__getitem__, range(max(row, default=-1) + 1)))).rstrip()


@lru_cache(10_000)
def _cell(attributes: Char, data: str) -> Char:
    return attributes._replace(data=data)


class Screen(HistoryScreen):
    """pyte, put right where it differs from terminals in use.

    pyte drops the rest of a string after a joiner or a variation selector, splits a wide character at the
    edge and loses rows on resize. Here a resize pushes rows into the scrollback and wrapped rows flow again
    (as in VTE, kitty, iTerm2), or are cut when `reflow` is off (as in xterm). Widths are per code point.
    """

    __getattribute__ = object.__getattribute__  # pyte's wraps each event, for pages back that nobody turns

    def __init__(
        self, rows: int, cols: int, history: int, reflow: bool, reply: Callable[[str], object]
    ) -> None:
        self.gone: list[str] = []
        self.reflow, self.reply = reflow, reply
        super().__init__(cols, rows, history=history)

    def draw(self, data: str) -> None:
        cursor = self.cursor
        for char in data:
            width = wcwidth(char)
            if width > 0:
                if cursor.x + width > self.columns:
                    self._wrap(width)
                line, x = self.buffer[cursor.y], cursor.x
                for half in (x - 1,) * (not line[x].data) + (x + width,) * (not line[x + width].data):
                    line[half] = line[half]._replace(data=" ")  # a wide character goes as a whole
                for part in (char, "")[:width]:
                    line[cursor.x] = _cell(cursor.attrs, part)
                    cursor.x += 1
            elif width == 0 and cursor.x:
                line = self.buffer[cursor.y]
                x = cursor.x - (1 if line[cursor.x - 1].data else 2)
                line[x] = line[x]._replace(data=line[x].data + char)

    def _wrap(self, width: int) -> None:
        if modes.DECAWM in self.mode:
            cells = self.buffer[self.cursor.y]
            self.buffer[self.cursor.y] = Row([cells[x] for x in range(self.cursor.x)], wrapped=True)
            self.carriage_return()
            self.linefeed()
        else:
            self.cursor.x = self.columns - width

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self.cursor.x = min(self.cursor.x, self.columns - 1)  # terminals erase the last cell of a full row
        super().erase_in_line(how, private)
        self._no_longer_wrapped([self.cursor.y] if how != 1 else [])

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        super().erase_in_display(how, *args, **kwargs)
        first = self.cursor.y if how == 0 else 0
        self._no_longer_wrapped(range(first, self.lines if how != 1 else self.cursor.y))

    def _no_longer_wrapped(self, rows: Iterable[int]) -> None:
        """Erased cells do not continue in the next row."""
        for row in (self.buffer[y] for y in rows):
            if isinstance(row, Row):
                row.wrapped = False

    def restore_cursor(self) -> None:
        super().restore_cursor()
        self.cursor.hidden = modes.DECTCEM not in self.mode  # that is a mode, and none of the cursor's

    def report_device_status(self, mode: int, **_: bool) -> None:
        super().report_device_status(mode)

    def write_process_input(self, data: str) -> None:
        self.reply(data)

    def index(self) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom:
            self.gone.append(row_text(self.buffer[top]))
        super().index()

    def _reset_history(self) -> None:
        super()._reset_history()
        self.gone.clear()

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        lines, columns = lines or self.lines, columns or self.columns
        used = max([self.cursor.y, *(y for y, row in self.buffer.items() if row_text(row))]) + 1
        rows: list[Any] = [self.buffer[y] for y in range(used)]
        if columns != self.columns:
            cut = [Row([row[x] for x in range(columns)]) for row in rows]
            rows = self._flow(rows, columns) if self.reflow else cut
        surplus = max(0, len(rows) - lines)
        self.history.top.extend(rows[:surplus])
        self.gone.extend(map(row_text, rows[:surplus]))
        self.buffer.clear()
        self.buffer.update(enumerate(rows[surplus:]))
        self.lines, self.columns = lines, columns
        self.cursor.y, self.cursor.x = max(0, self.cursor.y - surplus), min(self.cursor.x, columns)
        self.set_margins()

    def _flow(self, rows: list[Any], columns: int) -> list[Row]:
        flowed: list[Row] = []
        cells: list[Char] = []
        cursor, spot, line = self.cursor, -1, self.cursor.y
        for y, row in enumerate(rows):
            if y == line:
                spot = len(cells) + cursor.x
            wrapped = getattr(row, "wrapped", False) and any(row[self.columns - n] != BLANK for n in (1, 2))
            end = 1 + max((x for x, cell in row.items() if wrapped or cell != BLANK), default=-1)
            cells += [row[x] for x in range(end)]
            if wrapped and y + 1 < len(rows):
                continue
            start = 0
            while start < len(cells) or not start:
                stop = start + columns
                stop -= stop < len(cells) and not cells[stop].data  # never through a wide character
                if start <= spot and (spot < stop or stop >= len(cells)):
                    cursor.y, cursor.x, spot = len(flowed), min(spot - start, columns), -1
                flowed.append(Row(cells[start:stop], stop < len(cells)))
                start = stop
            cells = []
        return flowed


class Terminal:
    """A running program and the window it runs in; a context manager that leaves nothing behind.

    `background` is what it answers when it is asked for its colour; "" for a terminal that does not.
    `env` replaces the environment. `answers_cpr` answers cursor position, status and attribute requests.
    `real` starts the command itself where a fork would do (`starting.py`).
    Limits are in seconds; a wait that passes its limit raises `AssertionError` with the whole screen.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        rows: int = 30,
        cols: int = 100,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        answers_cpr: bool = False,
        background: str = "1010/1010/1414",
        history: int = 20_000,
        reflow: bool = True,
        real: bool = False,
    ) -> None:
        self.changed = threading.Condition()  # hold it to look at `screen` for longer than one call
        self.screen = Screen(rows, cols, history, reflow, self._reply if answers_cpr else lambda _: None)
        self._stream, self._raw, self._held = ByteStream(self.screen), bytearray(), b""
        self._notes: list[int] = []
        self._background = background
        self._closing = threading.Event()
        self._unread = False
        token = secrets.token_hex(8)
        self._mark = f"\x1b]{token};".encode()
        if env is None:
            env = {name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS")}
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        self._set_size(rows, cols)
        self._shell = starting.Popen(
            argv,
            terminal=token,
            real=real,
            stdin=subprocess.PIPE,
            stdout=self._slave,
            stderr=self._slave,
            env={"TERM": "xterm-256color", **env},
            cwd=cwd,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for(lambda terminal: terminal._notes)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self.status is None:
                self.signal(signal.SIGKILL)
        self._shell.communicate()  # closes its input, which lets it go
        self._closing.set()
        os.close(self._slave)  # with nobody else at that end, the reader hears of it at once
        self._reader.join()
        os.close(self._master)

    def _read(self) -> None:
        while not self._closing.is_set():
            if self._unread:
                time.sleep(0.01)
            elif select.select([self._master], [], [], 0.05)[0]:
                with self.changed:
                    try:
                        self._take(os.read(self._master, 65536))
                    except BlockingIOError:  # `resize` was faster
                        continue
                    except OSError:  # Linux, after the shell has gone
                        return
                    self.changed.notify_all()

    def _take(self, data: bytes) -> None:
        self._held += data
        while self._mark in self._held and b"\x07" in self._held.partition(self._mark)[2]:
            before, _, rest = self._held.partition(self._mark)
            note, _, after = rest.partition(b"\x07")
            self._show(before)
            self._notes.append(int(note))
            self._held = after
        cut = self._held.rfind(b"\x1b")  # a note that has only begun to come waits for its end
        begun = cut >= 0 and (
            self._held[cut:].startswith(self._mark) or self._mark.startswith(self._held[cut:])
        )
        cut = cut if begun else len(self._held)
        self._show(self._held[:cut])
        self._held = self._held[cut:]

    def _show(self, data: bytes) -> None:
        if self._background and b"\x1b]11;?" in data:
            self._reply(f"\x1b]11;rgb:{self._background}\x1b\\\x1b[?62;22c")
        self._raw += data
        self._stream.feed(data)

    def _reply(self, data: str) -> None:
        with contextlib.suppress(BlockingIOError):  # a program that reads nothing gets no answer
            os.write(self._master, data.encode())

    def _set_size(self, rows: int, cols: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def send(self, text: str | bytes, timeout: float = 20) -> None:
        """Send keys as a terminal sends them: Enter is "\\r", Ctrl+C is "\\x03"."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            if not select.select([], [self._master], [], timeout)[1]:
                raise AssertionError(self._failure(f"the program did not read its input for {timeout} s"))
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self._master, data[:512]) :]

    def paste(self, text: str) -> None:
        """Paste, in brackets if the program has asked for them."""
        bracketed = BRACKETED_PASTE in self.screen.mode
        self.send(f"\x1b[200~{text}\x1b[201~" if bracketed else text.replace("\n", "\r"))

    @contextlib.contextmanager
    def unread(self) -> Iterator[None]:
        """Read nothing of what the program writes for a while, as a terminal that hangs."""
        self._unread = True
        try:
            yield
        finally:
            self._unread = False

    def resize(self, rows: int, cols: int) -> int:
        """Change the window; the kernel tells the program with SIGWINCH.

        What the program has written until then is shown first; returns how many bytes that was in all.
        """
        with self.changed:
            with contextlib.suppress(OSError):  # BlockingIOError is one: nothing more is on its way
                while not self._unread:
                    self._take(os.read(self._master, 65536))
            self.screen.resize(rows, cols)
            self._set_size(rows, cols)
            return len(self._raw)

    def signal(self, sig: int) -> None:
        """Send a signal to the process group of the program."""
        os.killpg(self.pid, sig)

    def redraw(self) -> None:
        """Have the program in the foreground draw anew, as after a change of size."""
        os.killpg(os.tcgetpgrp(self._master), signal.SIGWINCH)

    def wait_for(self, what: str | Callable[[Terminal], object], timeout: float = 20) -> None:
        """Wait until a text is on the screen or in the scrollback, or a predicate holds."""
        end = time.monotonic() + timeout
        with self.changed:
            while not (what in self.text if isinstance(what, str) else what(self)):
                if time.monotonic() > end or (isinstance(what, str) and self.status is not None):
                    raise AssertionError(self._failure(f"waited {timeout} s at most for {what!r}"))
                self.changed.wait(0.05)

    def wait_exit(self, timeout: float = 20) -> int:
        """Wait for the end and all of the output: the exit code, or minus the signal."""
        self.wait_for(lambda terminal: terminal.status is not None, timeout)
        return self._notes[1]

    def _failure(self, reason: str) -> str:
        state = "still running" if self.status is None else f"exited with {self.status}"
        edge = "-" * self.screen.columns
        return "\n".join(
            [f"{reason}; {state}; cursor at {self.cursor}", edge, *self.scrollback, edge, *self.display, edge]
        )

    @property
    def pid(self) -> int:
        return self._notes[0]

    @property
    def status(self) -> int | None:
        """The exit code or minus the signal; None while the program runs."""
        return self._notes[1] if len(self._notes) > 1 else None

    @property
    def display(self) -> list[str]:
        """The visible rows, right-stripped."""
        with self.changed:
            return [row_text(self.screen.buffer[y]) for y in range(self.screen.lines)]

    @property
    def scrollback(self) -> list[str]:
        """The rows that have left the screen at the top."""
        with self.changed:
            return self.screen.gone.copy()

    @property
    def text(self) -> str:
        """Scrollback and screen, one row a line."""
        with self.changed:
            return "\n".join([*self.screen.gone, *self.display])

    @property
    def raw(self) -> bytes:
        """Every byte the program has written."""
        with self.changed:
            return bytes(self._raw)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from zero."""
        with self.changed:
            return self.screen.cursor.y, self.screen.cursor.x

    def termios_now(self) -> list[Any]:
        """The terminal's modes, as `termios.tcgetattr` gives them; also after the program has ended."""
        return termios.tcgetattr(self._slave)

    def set_modes(self, modes: list[Any]) -> None:
        """Set the terminal's modes, as another program on it would."""
        termios.tcsetattr(self._slave, termios.TCSANOW, modes)
