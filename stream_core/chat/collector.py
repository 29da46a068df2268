"""The garbage collector while much is loaded that stays until the end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting_collector() -> Iterator[None]:
    """Keep the collector off, and what was loaded out of its sight from then on.

    Loading the SDK makes some 150,000 objects that stay. Looking through them again and again takes a quarter
    of the time of loading it, and each full collection later would look through them once more.

    The collector belongs to the whole process, so this is for a program; a library leaves it alone. Where
    loading fails it is as it was before, too.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()
