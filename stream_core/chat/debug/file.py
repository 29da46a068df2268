"""The file of the debug log: one per run, for its owner only. Its failure never stops the program."""

from __future__ import annotations

import errno
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line
from stream_core.core.store_errors import StoreError, StoreRefused
from stream_core.files.private import check_own_file, new_file, private_folder
from stream_core.texts.file_errors_es import why_not_written

FOLDER = "logs"
KEPT = 20
"""Logs that stay, that of this run included."""

_OURS = re.compile(r"\d{8}T\d{6}Z-\d+(-\d)?\.log")
_MOST = 64 << 20  # bytes; a server can send events for as long as it likes


def log_folder(settings: Settings) -> Path | None:
    """Return the folder of the logs, which may not exist; None without a data directory."""
    return settings.paths.data_dir / FOLDER if settings.paths.data_dir is not None else None


class LogFile:
    """A timestamped log file. Consecutive identical lines are folded into the first and a repeat count.

    The first error ends the log and becomes a notice for the person.

    Attributes:
        file: path of the log, or None where there is none or it has ended.
        started: monotonic time of creation, in seconds; timestamps are relative to it.
    """

    def __init__(self) -> None:
        self.file: Path | None = None
        self.started = time.monotonic()
        self._handle = -1
        self._left = _MOST
        self._notices: list[str] = []
        self._failed = False
        self._lock = threading.RLock()  # the bytes of a reply are noted on the loop's thread
        self._last, self._since, self._until, self._more = "", 0.0, 0.0, 0

    def open(self, folder: Path) -> None:
        """Create the log in its folder, and delete the oldest ones."""
        with self.guarded():
            private_folder(folder)
            self.file, self._handle = _new(folder)
            _delete_old(self.file)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Run a block under the lock: an exception in it ends the log and nothing else."""
        with self._lock:
            try:
                yield
            except Exception as error:  # noqa: BLE001 -- a reply must not be lost for the sake of its log
                if not self._failed:
                    self._failed = True
                    self._notices.append(f"No se puede escribir el registro ({_why(error)}): sigo sin él.")
                self._let_go()

    def say(self, fact: str, at: float | None = None) -> None:
        """Write a line with the time `at` (monotonic, in seconds; None for now)."""
        with self.guarded():
            at = time.monotonic() if at is None else at
            if fact == self._last:
                self._more, self._until = self._more + 1, at
                return
            self._fold()
            self._write(fact, at)
            self._last, self._since = fact, at

    def pending_notices(self) -> list[str]:
        """Return the Spanish sentences that the person has not seen yet, each once."""
        with self._lock:
            notices, self._notices = self._notices, []
        return notices

    def close(self) -> None:
        """Write what is still folded, and close the file."""
        with self.guarded():
            self._fold()
            self._let_go()

    def _fold(self) -> None:
        if self._more:
            self._write(f"{self._last} ×{self._more} más, desde {self._time(self._since)}", self._until)
        self._last, self._more = "", 0

    def _write(self, fact: str, at: float) -> None:
        if self._handle < 0:
            return
        line = f"{self._time(at)}  {fact}\n".encode("utf-8", "backslashreplace")
        self._left -= len(line)
        if self._left < 0:
            raise OSError(errno.EFBIG, "the log is full")
        while line:
            line = line[os.write(self._handle, line) :]

    def _time(self, at: float) -> str:
        return f"+{max(0.0, at - self.started):.3f} s"

    def _let_go(self) -> None:
        handle, self._handle, self.file = self._handle, -1, None
        self._more = 0
        if handle >= 0:
            with suppress(OSError):
                os.close(handle)


def _new(folder: Path) -> tuple[Path, int]:
    """Create the file of this run, never over an existing one; return its path and descriptor."""
    stamp = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}"
    for number in ("", *(f"-{number}" for number in range(2, 10))):
        file = folder / f"{stamp}{number}.log"
        with suppress(FileExistsError):
            return file, new_file(file)
    raise FileExistsError(errno.EEXIST, "every name is taken")


def _delete_old(newest: Path) -> None:
    """Delete the oldest logs: only files with a name of ours that the user owns, and no links."""
    names = sorted(file for file in newest.parent.iterdir() if _OURS.fullmatch(file.name))
    for file in names[:-KEPT]:
        if file != newest:  # the clock may have been set back
            with suppress(OSError, StoreError):
                check_own_file(file)
                file.unlink()


def _why(error: Exception) -> str:
    if isinstance(error, StoreRefused):
        return f"«{one_line(error.location, 80)}» es un enlace, es de otra persona o no es una carpeta"
    if isinstance(error, OSError):
        return "creció demasiado" if error.errno == errno.EFBIG else why_not_written(error)
    return f"es un error del programa: {type(error).__name__}"
