"""The keyboard between prompts: nothing is echoed into a reply, and what is typed ahead stays as typed.

A terminal in its usual mode echoes keys and `^C` into whatever is on screen, and turns an Enter that is typed
ahead into a newline (ICRNL), which the next prompt would take for Ctrl+J. So one mode holds for the whole
session; the line editor sets its own on top of it and comes back to it.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    import fcntl
    import termios
except ImportError:  # a system without POSIX terminals
    termios = None  # type: ignore[assignment]

_HELD_UP_SECONDS = 0.2
_LATE_SECONDS = 0.5  # in which an answer may still come when the terminal is given back

BRACKETED_PASTE_ON, BRACKETED_PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
"""With it on, a paste is told from typing: also one that comes while a reply streams stays one message."""


class QuietKeyboard:
    """The mode of a terminal that is kept quiet; without effect on what is no terminal.

    Args:
        descriptor: the terminal.
        escapes: whether it may be sent escapes; else there was nothing to turn off with them.

    Attributes:
        escapes: the same.
    """

    def __init__(self, descriptor: int, escapes: Callable[[], bool]) -> None:
        self._descriptor, self.escapes = descriptor, escapes
        self._asked_at: float | None = None  # when a question was sent that is not answered yet
        self._is_answer: Callable[[bytes], bool] = bool
        self._known = termios is not None and os.isatty(descriptor)
        if not self._known:
            return
        self._before: list[Any] = termios.tcgetattr(descriptor)
        quiet = termios.tcgetattr(descriptor)
        quiet[0] &= ~(termios.ICRNL | termios.IXON)  # Enter stays "\r"; Ctrl+S does not freeze the screen
        quiet[3] &= ~(termios.ECHO | termios.ICANON)  # ISIG stays: Ctrl+C is still a signal
        quiet[3] |= termios.NOFLSH  # and does not throw away what was typed before it
        quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
        self._quiet: list[Any] = quiet
        self._typed_before = -1  # bytes; not counted yet

    def quiet(self) -> None:
        """Make it quiet."""
        if self._known:
            self._change(self._quiet)
            if self._typed_before < 0:
                self._typed_before = _waiting(self._descriptor)

    def typed_before(self) -> bytes:
        """Take what was typed before the terminal was quiet for the first time: there Enter is a newline."""
        count, self._typed_before = self._typed_before if self._known else 0, 0
        return self._read(count) if count > 0 else b""

    def ask(self, question: str, is_answer: Callable[[bytes], bool]) -> None:
        """Send a question to the terminal, whose answer comes as if it were typed.

        Args:
            question: what is sent.
            is_answer: whether the whole answer is in what came from the terminal.
        """
        if self._known and in_foreground(self._descriptor):
            try:
                os.write(self._descriptor, question.encode())
            except OSError:
                return  # the terminal is gone
            self._asked_at, self._is_answer = time.monotonic(), is_answer

    def hear(self, limit: float) -> tuple[bytes, bytes]:
        """Read until the question is answered, or so many seconds have passed since it was asked.

        Returns:
            What was typed before the terminal was quiet, and what came since: the answer and other keys.
        """
        before, since = self.typed_before(), b""
        while self._asked_at is not None and not self._is_answer(since):
            left = max(0.0, self._asked_at + limit - time.monotonic())
            if not select.select([self._descriptor], [], [], left)[0] or not (more := self._read(4096)):
                return before, since
            since += more
        self.answered()
        return before, since

    def answered(self) -> None:
        """Note that the answer has come."""
        self._asked_at = None

    def _read(self, count: int) -> bytes:
        try:
            return os.read(self._descriptor, count)
        except OSError:
            return b""  # the terminal is gone

    def restore(self) -> None:
        """Put it back as it was, for whoever has it next. In the background it is somebody else's already."""
        if not self._known or not in_foreground(self._descriptor):
            return
        try:
            if self._asked_at is not None:  # the shell would show the answer
                self.hear(_LATE_SECONDS)
            # A terminal that does not read would hold the end of the program up.
            if self.escapes() and select.select([], [self._descriptor], [], _HELD_UP_SECONDS)[1]:
                os.write(self._descriptor, BRACKETED_PASTE_OFF.encode())
        except OSError:
            pass  # the terminal is gone
        finally:  # also when a signal ends the wait
            self._change(self._before)

    @contextmanager
    def usual(self) -> Iterator[None]:
        """Use the terminal's usual mode during the block; in it Ctrl+C discards type-ahead."""
        try:
            self.echo()
            yield
        except KeyboardInterrupt:
            self._forget()
            raise
        finally:
            self.quiet()

    def echo(self) -> None:
        """Switch on echo and line editing."""
        if not self._known:
            return
        usual = self._before.copy()
        # What a program before us may have left off, a line cannot be typed without.
        usual[0] |= termios.ICRNL
        usual[3] |= termios.ICANON | termios.ECHO | termios.ISIG
        usual[3] |= termios.NOFLSH  # Ctrl+Z throws nothing away; for Ctrl+C, `usual` does
        self._change(usual)

    def _forget(self) -> None:
        """Throw away what was typed and not read yet."""
        if not self._known:
            return
        try:
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
        except termios.error:
            pass  # the terminal is gone

    def _change(self, mode: list[Any]) -> None:
        try:
            termios.tcsetattr(self._descriptor, termios.TCSANOW, mode)
        except termios.error:
            pass  # the terminal is gone: who reads from it finds out


@contextmanager
def quiet_keyboard(descriptor: int, escapes: Callable[[], bool] = lambda: True) -> Iterator[QuietKeyboard]:
    """Keep the terminal quiet, then put it back as it was; without effect on what is no terminal.

    Args:
        descriptor: the terminal.
        escapes: whether it may be sent escapes at the end; else there was nothing to turn off with them.
    """
    keyboard = QuietKeyboard(descriptor, escapes)
    keyboard.quiet()
    try:
        yield keyboard
    finally:
        with _deferred_signals():
            keyboard.restore()


@contextmanager
def _deferred_signals() -> Iterator[None]:
    """Let what would end the process at once end it after the block: nobody else puts the terminal back."""
    arrived: list[int] = []
    before: dict[int, Any] = {}
    names = ("SIGTERM", "SIGHUP", "SIGQUIT") if threading.current_thread() is threading.main_thread() else ()
    for name in names:
        number = getattr(signal, name, None)  # Windows has only the first
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in arrived:
            signal.raise_signal(number)


def _waiting(descriptor: int) -> int:
    """Bytes that can be read without waiting."""
    count = array("i", [0])
    try:
        fcntl.ioctl(descriptor, termios.FIONREAD, count)
    except OSError:
        return 0  # the terminal is gone
    return count[0]


def in_foreground(descriptor: int) -> bool:
    """Whether the terminal is this program's now, and not the shell's or another job's."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True  # not the terminal of this session: there are no jobs on it
