"""A time limit around a block: something is called if the block takes longer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watchdog(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Call `act` once, on a thread of its own, if the block has not ended after so many seconds."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
