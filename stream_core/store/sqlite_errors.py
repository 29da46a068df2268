"""What SQLite's errors mean for a person's conversations."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from stream_core.core.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly

_ERROR, _IOERR, _CONSTRAINT = 1, 10, 19
_KINDS: dict[int, type[StoreError]] = {
    5: StoreBusy,
    6: StoreBusy,
    8: StoreReadOnly,
    11: StoreCorrupt,
    13: StoreFull,
    14: StoreReadOnly,  # the file cannot be opened: we know that it is there
    26: StoreCorrupt,
}
# Python 3.10 does not give SQLite's code, and no Python one for text that is no UTF-8.
_WORDS = {
    "locked": 5,
    "readonly": 8,
    "i/o error": _IOERR,
    "malformed": 11,
    "corrupt": 11,
    "decode": 11,
    "full": 13,
    "unable to open": 14,
    "not a database": 26,
    "constraint": _CONSTRAINT,
}
_LITTLE = 1 << 20  # bytes; SQLite does not always say that it was the space


def kind_of(error: sqlite3.Error, file: Path) -> type[StoreError]:
    """Give the class of error that tells this one."""
    code = code_of(error)
    if code == _IOERR and _no_room(file):
        return StoreFull
    return _KINDS.get(code, StoreError)


def is_odd(error: sqlite3.Error) -> bool:
    """Whether it is an error that a sound file gives only when this program is wrong."""
    kinds = (sqlite3.OperationalError, sqlite3.IntegrityError)  # not ProgrammingError: that is us
    return isinstance(error, kinds) and code_of(error) in (_ERROR, _CONSTRAINT)


def code_of(error: sqlite3.Error) -> int:
    """Give SQLite's primary code."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return int(code) & 0xFF
    said = str(error).lower()
    return next((number for words, number in _WORDS.items() if words in said), _ERROR)


def _no_room(file: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        found = os.statvfs(file.parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LITTLE
