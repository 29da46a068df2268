"""SQLite's errors -> the errors of a store."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from stream_core.core.store_errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreTooLarge,
)

_ERROR, _IOERR, _CONSTRAINT = 1, 10, 19
_KINDS: dict[int, type[StoreError]] = {
    5: StoreBusy,
    6: StoreBusy,
    8: StoreReadOnly,
    11: StoreCorrupt,
    13: StoreFull,
    14: StoreReadOnly,  # it cannot be opened, and we know that it exists
    18: StoreTooLarge,
    26: StoreCorrupt,
}
# Python 3.10 has no sqlite_errorcode, and no version sets it for undecodable text: go by the message.
_WORDS = {
    "locked": 5,
    "readonly": 8,
    "i/o error": _IOERR,
    "malformed": 11,
    "corrupt": 11,
    "decode": 11,
    "full": 13,
    "unable to open": 14,
    "too big": 18,
    "not a database": 26,
    "constraint": _CONSTRAINT,
}
_LITTLE = 1 << 20  # free bytes below which an I/O error is taken for a full disk


def kind_of(error: sqlite3.Error, file: Path) -> type[StoreError]:
    """Return the class of StoreError for an error."""
    code = code_of(error)
    if code == _IOERR and _no_room(file):
        return StoreFull
    return _KINDS.get(code, StoreError)


def is_unexpected(error: sqlite3.Error) -> bool:
    """Whether the error means a corrupt file or a bug in our SQL (SQLITE_ERROR, SQLITE_CONSTRAINT)."""
    kinds = (sqlite3.OperationalError, sqlite3.IntegrityError)  # ProgrammingError is always a bug
    return isinstance(error, kinds) and code_of(error) in (_ERROR, _CONSTRAINT)


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return int(code) & 0xFF
    message = str(error).lower()
    return next((number for words, number in _WORDS.items() if words in message), _ERROR)


def _no_room(file: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        found = os.statvfs(file.parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LITTLE
