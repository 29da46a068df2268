"""Opening the database: creates it, checks it, quarantines a damaged one, migrates an older one.

All of it runs under the lock of the store, so that no other program does the same at once.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from stream_core.core.store_errors import StoreCorrupt, StoreHolderStopped, StoreTooNew
from stream_core.files.private import check_own_file, new_file, quarantine, sync_folder
from stream_core.texts.errors_es import explain

from . import schema
from .column_codec import MAX_TEXT
from .locks import LOCK_SECONDS
from .sqlite_errors import is_unexpected, kind_of

NAME = "conversations.sqlite3"
COMPANIONS = ("-wal", "-shm", "-journal")
QUICK_CHECK_BYTES = 2 << 20
"""Size up to which a file is checked completely on opening; damage in a larger one shows when it is read."""


def open_file(folder: Path) -> tuple[sqlite3.Connection, tuple[int, int], list[str]]:
    """Open the database in a folder, or create it.

    Returns:
        A connection in autocommit mode; device and inode of the file, to recognise it later; Spanish
        sentences about what was found.

    Raises:
        StoreTooNew: it is of a newer version; nothing was changed.
        StoreRefused: a file there is a link, not a regular file, or of another user.
        sqlite3.Error: from SQLite.
        OSError: from the system.
    """
    file, there = _checked(folder)
    notes: list[str] = []
    if not there and not _has_orphans(file):
        _replace_with_new(file)
    try:
        if not file.exists():
            raise StoreCorrupt("only its companions are left")
        connection = _open_checked(file)
    except StoreCorrupt:
        notes.append(explain(StoreCorrupt(location=str(folder), moved_to=_replace_with_new(file))))
        connection = _open_checked(file)
    try:
        _migrate(connection, file)
    except BaseException:
        connection.close()
        raise
    found = file.stat()
    return connection, (found.st_dev, found.st_ino), notes


def open_as_it_is(folder: Path) -> tuple[sqlite3.Connection, tuple[int, int]]:
    """Open a sound database of this version without the lock of the store, for reading now and writing later.

    Raises:
        StoreHolderStopped: there is none, or it would have to be changed first.
        StoreRefused: a file there is a link, not a regular file, or of another user.
        sqlite3.Error: from SQLite.
        OSError: from the system.
    """
    file, there = _checked(folder)
    if not there:
        raise StoreHolderStopped(location=str(folder))
    try:
        connection = _open_checked(file)
    except StoreCorrupt as error:
        raise StoreHolderStopped(str(error), location=str(folder)) from None
    if _version(connection) != schema.newest():
        connection.close()
        raise StoreHolderStopped("an older version", location=str(folder))
    found = file.stat()
    return connection, (found.st_dev, found.st_ino)


def _checked(folder: Path) -> tuple[Path, bool]:
    """Return the file of a folder, and whether it is there.

    Raises:
        StoreRefused: it or one of its companions is a link, not a regular file, or of another user.
        OSError: from the system.
    """
    file = folder / NAME
    for end in COMPANIONS:
        check_own_file(file.with_name(NAME + end))
    return file, check_own_file(file) is not None


def _has_orphans(file: Path) -> bool:
    """Whether a WAL or journal is there without its file: SQLite would discard it."""
    return any(file.with_name(NAME + end).exists() for end in COMPANIONS if end != "-shm")


def _replace_with_new(file: Path) -> str:
    """Create a complete new file under another name, then rename it; return the name of an old one.

    So an empty file is never a new one, but one that lost its content.
    """
    new = file.with_name(f"{NAME}.new")
    for end in ("", *COMPANIONS):
        with suppress(FileNotFoundError):
            new.with_name(new.name + end).unlink()
    _make(new)
    aside = ""
    if file.exists() or _has_orphans(file):
        aside = quarantine(file, COMPANIONS)
    new.rename(file)
    sync_folder(file.parent)
    return aside


def _make(new: Path) -> None:
    os.close(new_file(new))
    with closing(connect(new)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN EXCLUSIVE")
        schema.migrate(connection, 0)
        connection.execute("COMMIT")


def connect(file: Path) -> sqlite3.Connection:
    """Connect to an existing file.

    Raises:
        sqlite3.Error: from SQLite.
    """
    uri = f"{file.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None)
    if sys.version_info >= (3, 11):  # no row makes SQLite allocate more than a text may have
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TEXT)
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _open_checked(file: Path) -> sqlite3.Connection:
    """Connect to the file and check it.

    Raises:
        StoreCorrupt: it is damaged.
        StoreTooNew: it is of a newer version.
    """
    connection = None
    try:
        _check_header(file)
        connection = connect(file)
        _check(connection, file)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if _is_damage(error, file):
            raise StoreCorrupt(str(error)) from None
        raise
    return connection


def _is_damage(error: BaseException, file: Path) -> bool:
    """Whether an error during the checks means a damaged file: our statements are known to be right."""
    if isinstance(error, sqlite3.Error):
        return is_unexpected(error) or kind_of(error, file) is StoreCorrupt
    return isinstance(error, UnicodeDecodeError)  # SQLite's message quotes damaged text


def _check_header(file: Path) -> None:
    """Check application id and version without writing anything.

    Through SQLite: closing a descriptor of our own would drop all POSIX locks of this process on the file.
    """
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            _check_version(connection, file)
    except sqlite3.DatabaseError:
        # A full disk cuts a checkpoint short: the file is then whole only together with its WAL.
        if not _has_orphans(file):
            raise


def _check_version(connection: sqlite3.Connection, file: Path) -> int:
    """Return the version of the file.

    Raises:
        StoreCorrupt: it is not a file of this program.
        StoreTooNew: it is of a newer version.
    """
    if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION:
        raise StoreCorrupt("not a file of this program")
    version = _version(connection)
    if version > schema.newest():
        raise StoreTooNew(location=str(file.parent))
    return version


def _check(connection: sqlite3.Connection, file: Path) -> None:
    version = _check_version(connection, file)
    if version < 1 or connection.execute("PRAGMA encoding").fetchone()[0] != "UTF-8":
        raise StoreCorrupt("no version")
    if version == schema.newest():
        schema.probe(connection)
    if (
        file.stat().st_size <= QUICK_CHECK_BYTES
        and connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok"
    ):
        raise StoreCorrupt("quick_check")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Migrate an older file to this version in one transaction, after copying it."""
    version = _version(connection)
    if version == schema.newest():
        return
    _copy(connection, file, version)
    connection.execute("PRAGMA foreign_keys = OFF")  # so that a migration may rebuild a table
    connection.execute("BEGIN EXCLUSIVE")
    try:
        schema.migrate(connection, version)
        schema.probe(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("PRAGMA foreign_keys = ON")


def version_copies(folder: Path) -> list[Path]:
    """Return the copies that were made before migrations."""
    file = Path(NAME)
    return list(folder.glob(f"{file.stem}.version-*{file.suffix}*"))


def _copy(connection: sqlite3.Connection, file: Path, version: int) -> None:
    """Copy a file before its migration, replacing the copy of an earlier attempt."""
    copy = file.with_name(f"{file.stem}.version-{version}{file.suffix}")
    half = copy.with_name(f"{copy.name}.new")
    with suppress(FileNotFoundError):
        half.unlink()
    os.close(new_file(half))
    with closing(sqlite3.connect(half, isolation_level=None)) as target:
        connection.backup(target)
    half.replace(copy)
    sync_folder(file.parent)
