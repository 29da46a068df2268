"""Doing something before Ctrl+Z stops the program, where nothing of the terminal has to be undone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def around_stops(before: Callable[[], object], after: Callable[[], object]) -> Iterator[None]:
    """Call `before` when the terminal or a shell stops the program (SIGTSTP), and `after` when it continues.

    Without effect on a system without jobs, and where the signal is ignored. Call it on the main thread.
    """
    number = getattr(signal, "SIGTSTP", None)
    if number is None or signal.getsignal(number) is not signal.SIG_DFL:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        before()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # the shell sees a stopped job; here the program stands still
        signal.signal(number, stop)
        after()

    signal.signal(number, stop)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)
