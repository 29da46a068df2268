"""The prompt of plain mode: the terminal's own line editing after a label.

A message ends with an Enter after which no more input is waiting, so lines that arrive together, like a
paste, are one message. A backslash before that Enter makes it a new line.

Type-ahead is shown after the label, since nothing echoed it. The terminal keeps no more than 4,095 bytes of a
line and drops the rest without a sign, so a line of that length is not taken for a message.

Where a terminal pastes CRLF as it is (most make one CR of it), each line end arrives as two newlines, whether
the paste is marked or not: ICRNL makes the CR one before the program reads. That cannot be told from blank
lines that are meant, so none is dropped. Without ICRNL, or with INLCR beside it, the terminal would show as
`^M` what ends a line, or what a program such as Emacs sends for Enter.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from prompt_toolkit.history import History

from stream_core.chat.signals.suspension import Suspension
from stream_core.core.sanitize import sanitize, sanitize_message
from stream_core.terminal.device.keyboard import QuietKeyboard

from .bindings import ends_in_continuation
from .prompt import LABEL, CutLineError, DraftCleared
from .sequences import typed_text

_TOGETHER_SECONDS = 0.05
_AT_ONCE = 65_536  # bytes
_FULL_LINE = 4096  # bytes with the Enter: N_TTY_BUF_SIZE of Linux

_ERASE, _ERASE_LINE, _LEAVE = "\x7f\b", "\x15", "\x04"


class PlainPrompt:
    """Asks for a message in the terminal's usual mode.

    Args:
        keyboard: the terminal, put into its usual mode while asking.
        jobs: stops and continues the program.
        history: the history of typed lines.
        on_first_asking: called once, at the first question.
        typed_ahead: returns the text of keys already read from the terminal.
    """

    def __init__(
        self,
        keyboard: QuietKeyboard,
        jobs: Suspension,
        history: History,
        on_first_asking: Callable[[], None],
        typed_ahead: Callable[[], str] = str,
    ) -> None:
        self._keyboard, self._jobs = keyboard, jobs
        self._history = history
        self._on_first_asking: Callable[[], None] | None = on_first_asking
        self._typed_ahead = typed_ahead
        self._last = ""
        self._kept = b""  # typed while a reply came
        self._question, self._data = "", b""
        self._cut = False  # a line of it is full, so its end may be missing
        self._line = 0  # where in it the line begins that a backslash before Enter goes on with
        # A signal has come, or what was typed has been taken because the program was stopped.
        self._wakes, self._wake = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(self._wake, False)

    def ask(self) -> str:
        """Read a message.

        Raises:
            EOFError: Ctrl+D on an empty line, or the terminal is gone.
            KeyboardInterrupt: Ctrl+C.
            CutLineError: the terminal has dropped a part; what came is in the history.
        """
        message, cut = self.answer(LABEL), self._cut
        if message.strip() and message != self._last:
            self._last = message
            self._history.append_string(message)
        if cut:
            raise CutLineError
        return message

    def answer(self, question: str) -> str:
        """Read the answer to a question, without history. Raises the same as `ask`."""
        try:
            with self._jobs.holding():
                return self._read(question)
        except KeyboardInterrupt:
            _write("\n")
            if edited(self._data).strip():  # of what is typed now only the terminal knows
                raise DraftCleared from None
            raise
        except EOFError:
            _write("\n")
            raise

    def decide(self, question: str) -> str:
        """Read an answer to an unexpected question: type-ahead is kept for the next prompt."""
        self.keep()
        kept, self._kept = self._typed_ahead().encode(_encoding(), "surrogateescape") + self._kept, b""
        try:
            return self.answer(question)
        finally:
            self._kept = kept + self._kept

    def _read(self, question: str) -> str:
        self.keep()
        ahead = self._typed_ahead().encode(_encoding(), "surrogateescape")
        self._question, self._data, self._kept, self._line = question, ahead + self._kept, b"", 0
        self._cut = False
        if (self._ended() and not self._goes_on()) or edited(self._data).startswith(_LEAVE):
            _write(question)
            if edited(self._data).startswith(_LEAVE):
                raise EOFError
            _write(sanitize(edited(self._data)))
            return self._rest()
        with self._keyboard.usual():
            self._show()
            self._begin()
            more = self._lines()
        return self._rest(more)

    def keep(self) -> None:
        """Keep the input waiting in the terminal for the next question."""
        self._kept += _waiting_bytes()

    def _show(self) -> None:
        # What came up to here nothing has echoed; from here on the terminal does.
        self._data += _waiting_bytes()
        _write(self._question + sanitize(edited(self._data)))

    def _rest(self, more: bool = True) -> str:
        """Read the lines that arrive together with those already read, if more can come."""
        while more:
            # In its usual mode a terminal keeps an unfinished line to itself; in the quiet one it shows
            # whether one came together with the lines, as the last one of a paste does.
            rest = _waiting_bytes()
            self._data, more = self._data + rest, bool(rest)
            if not self._ended() or self._goes_on():
                with self._keyboard.usual():
                    more = self._lines()
        return sanitize_message(edited(self._data)).removesuffix("\n")

    def _begin(self) -> None:
        if self._on_first_asking is not None:
            begin, self._on_first_asking = self._on_first_asking, None
            begin()

    def _lines(self) -> bool:
        """Read to the end of a line that no other follows at once; return whether more can come at all."""
        while not self._ended() or _readable(_TOGETHER_SECONDS) or self._goes_on():
            if len(self._data) == self._line > 0:
                _write(" " * len(LABEL))
            with self._jobs.taking_part(self._leave, self._come_back, reads=True), self._woken():
                _readable(None, sys.stdin.fileno(), self._wakes)
            if _readable(0, self._wakes):
                os.read(self._wakes, _AT_ONCE)
                continue
            piece = _read_bytes()
            if not piece and not self._data:
                raise EOFError
            if not piece:
                return False
            self._data += piece
            self._cut = self._cut or len(piece) >= _FULL_LINE  # each read is one line in the usual mode
        return True

    def _ended(self) -> bool:
        return len(self._data) > self._line and self._data.endswith((b"\n", b"\r"))

    def _goes_on(self) -> bool:
        """Whether a message goes on after an Enter: there is a backslash before it, which is dropped."""
        last = edited(self._data[self._line :]).removesuffix("\n").rpartition("\n")[2]
        typed = self._data.rstrip(b"\r\n")
        if self._question != LABEL or not (ends_in_continuation(last) and typed.endswith(b"\\")):
            return False
        self._data = typed[:-1] + b"\n"
        self._line = len(self._data)
        return True

    @contextmanager
    def _woken(self) -> Iterator[None]:
        """Wake the wait on signals (set_wakeup_fd).

        Otherwise a signal that comes just before the wait would be handled only after the next key.
        """
        if sys.platform == "win32":  # no pipe can be waited for there
            yield
            return
        before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)

    def _leave(self) -> None:
        """Take the line being typed from the terminal before a stop: the shell would run it as a command."""
        self._keyboard.quiet()  # in its usual mode the terminal keeps it
        self._data += _waiting_bytes()

    def _come_back(self) -> None:
        self._keyboard.echo()
        self._show()
        with suppress(BlockingIOError):  # it is full, so it wakes
            os.write(self._wake, b"\0")


def edited(data: bytes) -> str:
    """Turn raw input into text: keys that are no text are dropped, erasing is applied."""
    typed = typed_text(data.decode(_encoding(), "replace"))
    text: list[str] = []
    for char in typed.replace("\r\n", "\n").replace("\r", "\n"):
        if char in _ERASE:
            if text and text[-1] != "\n":
                text.pop()
        elif char == _ERASE_LINE:
            while text and text[-1] != "\n":
                text.pop()
        else:
            text.append(char)
    return "".join(text)


def _encoding() -> str:
    return sys.stdin.encoding or "utf-8"


def _readable(seconds: float | None, *descriptors: int) -> bool:
    try:
        return bool(select.select(descriptors or [sys.stdin.fileno()], [], [], seconds)[0])
    except (OSError, ValueError):
        return False  # a system on which a terminal cannot be waited for


def _read_bytes() -> bytes:
    while True:
        try:
            return os.read(sys.stdin.fileno(), _AT_ONCE)
        except BlockingIOError:  # another program left the terminal like that
            _readable(None)
        except OSError:  # the terminal is gone
            raise EOFError from None


def _waiting_bytes() -> bytes:
    """Read the available bytes without waiting."""
    data = b""
    while _readable(0) and (piece := _read_bytes()):
        data += piece
    return data


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
