"""Pausing the garbage collector while modules are loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector() -> Iterator[None]:
    """Turn the collector off during the block, and freeze the objects that exist at its end.

    Loading the SDK creates some 150,000 permanent objects. Traversing them again and again takes a quarter of
    the loading time, and every later full collection would traverse them once more.

    The collector belongs to the whole process, so only a program may use this, not a library. The previous
    state is restored when loading fails, too.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()
