"""Esc while something is drawn by a program that reads no keys: quiet terminal, one key that counts."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]

_ESC = b"\x1b"
_SEQUENCE_SECONDS = 0.05  # what follows an Esc later than this is no part of its sequence


@contextmanager
def quiet_terminal(on_escape: Callable[[], None] | None = None) -> Iterator[None]:
    """Keep the terminal from writing `^C` and other keys into what is drawn; what is typed is discarded.

    Args:
        on_escape: called on a thread for each Esc that is a key of its own. Ctrl+C stays a signal.
    """
    if termios is None or sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before, quiet = termios.tcgetattr(terminal), termios.tcgetattr(terminal)
    quiet[3] &= ~(termios.ECHO | (termios.ICANON if on_escape else 0))
    quiet[3] |= (
        termios.NOFLSH
    )  # Ctrl+C would throw away what is about to be read, and the read would wait for ever
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        if on_escape is None:
            yield
        else:
            with _watching(terminal, on_escape):
                yield
    finally:
        # Flushing: what was typed meanwhile must not answer the next question.
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


@contextmanager
def _watching(terminal: int, on_escape: Callable[[], None]) -> Iterator[None]:
    wakes, wake = os.pipe()

    def watch() -> None:
        try:
            while wakes not in select.select([terminal, wakes], [], [])[0]:
                if not (typed := os.read(terminal, 1024)):
                    return
                if typed.endswith(_ESC) and not select.select([terminal], [], [], _SEQUENCE_SECONDS)[0]:
                    on_escape()
        except OSError:  # the terminal is gone: the program will notice
            return

    thread = threading.Thread(target=watch, name="escape", daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.write(wake, b"\0")
        thread.join()
        os.close(wakes)
        os.close(wake)
