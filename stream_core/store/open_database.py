"""Opening the file: making it, checking it, putting a damaged one aside, leading an older one on.

All of it happens under the lock of the store, so that no other program does the same at once.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from stream_core.core.errors import StoreCorrupt, StoreTooNew
from stream_core.texts.errors_es import explain

from . import schema
from .private_files import PATIENCE, keep_names, new_file, own_file, quarantine
from .sqlite_errors import is_odd, kind_of

NAME = "conversations.sqlite3"
COMPANIONS = ("-wal", "-shm", "-journal")
CHECKED = 2 << 20
"""Bytes up to which a file is read as a whole when it is opened; damage in a larger one shows when met."""


def open_file(folder: Path) -> tuple[sqlite3.Connection, tuple[int, int], list[str]]:
    """Open the file in a folder, or begin one.

    Returns:
        A connection that begins no transaction by itself; device and number of the file, by which it is known
        again; Spanish sentences about what was found.

    Raises:
        StoreTooNew: it is of a newer version; nothing was changed.
        StoreRefused: something there is not ours.
        sqlite3.Error: as SQLite says.
        OSError: as the system says.
    """
    file = folder / NAME
    for end in COMPANIONS:
        own_file(file.with_name(NAME + end))
    notes: list[str] = []
    if own_file(file) is None and not _left_behind(file):
        _begin_new(file)
    try:
        if not file.exists():
            raise StoreCorrupt("its companions only")
        connection = _sound(file)
    except StoreCorrupt:
        notes.append(explain(StoreCorrupt(where=str(folder), aside=_begin_new(file))))
        connection = _sound(file)
    try:
        _lead_on(connection, file)
    except BaseException:
        connection.close()
        raise
    found = file.stat()
    return connection, (found.st_dev, found.st_ino), notes


def _left_behind(file: Path) -> bool:
    """Whether what belongs to a file is there without it: SQLite would throw it away."""
    return any(file.with_name(NAME + end).exists() for end in COMPANIONS if end != "-shm")


def _begin_new(file: Path) -> str:
    """Make a new file as a whole, then give it its name; what was there is put aside before, and named.

    So a file that is empty is never a new one, but one that lost what it had.
    """
    new = file.with_name(f"{NAME}.new")
    for end in ("", *COMPANIONS):
        with suppress(FileNotFoundError):
            new.with_name(new.name + end).unlink()
    _make(new)
    aside = ""
    if file.exists() or _left_behind(file):
        aside = quarantine(file, COMPANIONS)
    new.rename(file)
    keep_names(file.parent)
    return aside


def _make(new: Path) -> None:
    os.close(new_file(new))
    with closing(connect(new)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN EXCLUSIVE")
        schema.migrate(connection, 0)
        connection.execute("COMMIT")


def connect(file: Path) -> sqlite3.Connection:
    """Connect to a file that is there.

    Raises:
        sqlite3.Error: as SQLite says.
    """
    uri = f"{file.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _sound(file: Path) -> sqlite3.Connection:
    """Connect to a file that can be read.

    Raises:
        StoreCorrupt: there is none that can.
        StoreTooNew: it is of a newer version.
    """
    connection = None
    try:
        _look_at_header(file)
        connection = connect(file)
        _check(connection, file)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if _means_damage(error, file):
            raise StoreCorrupt(str(error)) from None
        raise
    return connection


def _means_damage(error: BaseException, file: Path) -> bool:
    """Whether an error while a file is checked is the file's fault: the statements are known to be right."""
    if isinstance(error, sqlite3.Error):
        return is_odd(error) or kind_of(error, file) is StoreCorrupt
    return isinstance(error, UnicodeDecodeError)  # not even SQLite's message could be read


def _look_at_header(file: Path) -> None:
    """Read whose file it is and its version, in a way that writes nothing.

    Through SQLite: if we closed the file ourselves, its locks in this process would be gone.
    """
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION:
            raise StoreCorrupt("not a file of this program")
        if _version(connection) > schema.newest():
            raise StoreTooNew(where=str(file.parent))


def _check(connection: sqlite3.Connection, file: Path) -> None:
    version = _version(connection)
    if version > schema.newest():
        raise StoreTooNew(where=str(file.parent))
    if version < 1 or connection.execute("PRAGMA encoding").fetchone()[0] != "UTF-8":
        raise StoreCorrupt("no version")
    if version == schema.newest():
        schema.probe(connection)
    if file.stat().st_size <= CHECKED and connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise StoreCorrupt("quick_check")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _lead_on(connection: sqlite3.Connection, file: Path) -> None:
    """Lead an older file to this version, all or nothing, after a copy was made."""
    version = _version(connection)
    if version == schema.newest():
        return
    _copy(connection, file, version)
    connection.execute("PRAGMA foreign_keys = OFF")  # so that a table may be made anew
    connection.execute("BEGIN EXCLUSIVE")
    try:
        schema.migrate(connection, version)
        schema.probe(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("PRAGMA foreign_keys = ON")


def copies(folder: Path) -> list[Path]:
    """Give the copies that were made before a new version."""
    file = Path(NAME)
    return list(folder.glob(f"{file.stem}.version-*{file.suffix}*"))


def _copy(connection: sqlite3.Connection, file: Path, version: int) -> None:
    """Copy a file as it is before a new version; a copy that is there from an attempt before is replaced."""
    copy = file.with_name(f"{file.stem}.version-{version}{file.suffix}")
    half = copy.with_name(f"{copy.name}.new")
    with suppress(FileNotFoundError):
        half.unlink()
    os.close(new_file(half))
    with closing(sqlite3.connect(half, isolation_level=None)) as target:
        connection.backup(target)
    half.replace(copy)
    keep_names(file.parent)
