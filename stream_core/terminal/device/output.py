"""Writing to the terminal without blocking other threads while the terminal does not read."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import IO

_CHUNK = 4_096  # bytes of one call: what is between two of them shows that a slow terminal reads


class Output:
    """Writes text to a file; to a terminal without Python's buffer between.

    A thread that is blocked in a buffered write holds the buffer's lock, and another thread waits for that
    lock deaf to signals. A thread that is blocked in `os.write` holds nothing of Python's: the main thread
    still handles Ctrl+C, and the kernel keeps the two writes apart.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._encoding = getattr(file, "encoding", None) or "utf-8"
        self._descriptor = _terminal(file)
        self._writing_since: float | None = None

    def stuck(self, seconds: float) -> bool:
        """Whether a write has been waiting for so long without the terminal taking anything."""
        since = self._writing_since
        return since is not None and time.monotonic() - since > seconds

    def accepts(self, seconds: float) -> bool:
        """Whether the file takes something within so many seconds."""
        if sys.platform == "win32":  # it selects sockets only
            return True
        return self._descriptor is None or bool(select.select([], [self._descriptor], [], seconds)[1])

    def write(self, text: str) -> None:
        """Write all of a text, however long the terminal takes."""
        if self._descriptor is None:
            self._file.write(text)
            self._file.flush()
            return
        self._file.flush()
        data: bytes | memoryview = text.encode(self._encoding, "replace")
        data = memoryview(data) if len(data) > _CHUNK else data
        try:
            while data:
                self._writing_since = time.monotonic()
                try:
                    data = data[os.write(self._descriptor, data[:_CHUNK]) :]
                except BlockingIOError:  # somebody who shares the terminal made it non-blocking
                    select.select([], [self._descriptor], [])
        finally:
            self._writing_since = None


def _terminal(file: IO[str]) -> int | None:
    """The descriptor of the terminal behind a file; None for anything else."""
    try:
        return file.fileno() if file.isatty() else None
    except (AttributeError, OSError, ValueError):  # a file of somebody's own making, or a closed one
        return None
