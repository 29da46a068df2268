"""Who is alive: each program that has the store open holds a lock of its own, which ends when it does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .ids import new_id
from .private_files import new_file, there_and_open, try_lock

_PREFIX = "alive-"


class Alive:
    """The sign of life of one open store. Made, looked at and cleared away under the lock of the store.

    Attributes:
        name: stands in the turns that this program has begun.
    """

    def __init__(self, folder: Path) -> None:
        """Make it.

        Raises:
            OSError: as the system says.
        """
        self.name = new_id()
        self._file = folder / f"{_PREFIX}{self.name}"
        self._handle = new_file(self._file)
        try_lock(self._handle)

    def end(self) -> None:
        """Take it away."""
        os.close(self._handle)
        with suppress(OSError):  # others take it away then
            self._file.unlink()


def gone(folder: Path, name: str) -> bool:
    """Whether a program has ended, however it did; its sign is then taken away.

    Raises:
        OSError: as the system says.
    """
    file = folder / f"{_PREFIX}{name}"
    handle = there_and_open(file)
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


def signs(folder: Path) -> Iterator[str]:
    """Give the names of all whose sign is there, alive or not."""
    for file in folder.glob(f"{_PREFIX}*"):
        yield file.name.removeprefix(_PREFIX)
