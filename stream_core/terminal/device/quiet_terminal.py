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
def unechoed(*, by_key: bool) -> Iterator[int | None]:
    """Keep the terminal from echoing keys; what is typed and not read is discarded at the end.

    Args:
        by_key: whether keys can be read one by one; else by lines.

    Yields:
        The terminal; None where there is none.
    """
    if termios is None or sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        yield None
        return
    terminal = sys.stdin.fileno()
    before, quiet = termios.tcgetattr(terminal), termios.tcgetattr(terminal)
    quiet[3] &= ~(termios.ECHO | (termios.ICANON if by_key else 0))
    # Else Ctrl+C throws away what was seen and is about to be read, and the read waits for ever.
    quiet[3] |= termios.NOFLSH
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield terminal
    finally:
        # Flushing: what was typed meanwhile must not answer the next question.
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


@contextmanager
def quiet_terminal(on_escape: Callable[[], None] | None = None) -> Iterator[None]:
    """Keep the terminal from writing `^C` and other keys into what is drawn; what is typed is discarded.

    Args:
        on_escape: called on a thread for each Esc that is a key of its own. Ctrl+C stays a signal.
    """
    with unechoed(by_key=on_escape is not None) as terminal:
        if terminal is None or on_escape is None:
            yield
        else:
            with _watching(terminal, on_escape):
                yield


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
