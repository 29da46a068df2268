"""Liveness: each program that has the store open holds a lock on a file of its own until it exits."""
# See docs/adr/0012-liveness-by-lock.md

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from stream_core.files.private import new_file, open_existing

from .ids import new_id
from .locks import try_lock

_PREFIX = "alive-"


class LiveFile:
    """The liveness file of one open store. Created, tested and removed under the lock of the store.

    Attributes:
        name: its id, stored as owner of the turns that this program has begun.
    """

    def __init__(self, folder: Path) -> None:
        """Create and lock it.

        Raises:
            OSError: from the system.
        """
        self.name = new_id()
        self._file = folder / f"{_PREFIX}{self.name}"
        self._handle = new_file(self._file)
        try_lock(self._handle)

    def end(self) -> None:
        """Remove it."""
        os.close(self._handle)
        with suppress(OSError):  # otherwise the next program removes it
            self._file.unlink()


def has_exited(folder: Path, name: str) -> bool:
    """Whether a program has exited, in whatever way; its liveness file is then removed.

    Raises:
        OSError: from the system.
    """
    file = folder / f"{_PREFIX}{name}"
    handle = open_existing(file)
    if handle is None:
        return True
    try:
        if not try_lock(handle):
            return False
    finally:
        os.close(handle)
    with suppress(OSError):
        file.unlink()
    return True


def live_files(folder: Path) -> Iterator[str]:
    """Yield the ids of all liveness files, of running and of exited programs."""
    for file in folder.glob(f"{_PREFIX}*"):
        yield file.name.removeprefix(_PREFIX)
