"""The open database file: its locks, its transactions, and how its errors are mapped.

Writers are serialised by a lock of ours beside SQLite's: before SQLite 3.51.3, two connections that write and
checkpoint at the same moment could corrupt the file ("WAL-reset bug", https://sqlite.org/wal.html).
"""
# See docs/adr/0011-sqlite-on-a-writer-thread.md

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stream_core.core.store_errors import (
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreHolderStopped,
    StoreMoved,
    StoreTooLarge,
)
from stream_core.files.private import private_folder, quarantine, store_error

from . import locks, queries, schema
from .column_codec import Damaged, Oversized
from .liveness import LiveFile
from .locks import exclusive, lock_file
from .open_database import COMPANIONS, NAME, open_as_it_is, open_file, version_copies
from .sqlite_errors import is_unexpected, kind_of

_SHORT_PATIENCE = 0.3  # seconds


class Database:
    """The database file, its connection, and the file that shows that this program is alive.

    Attributes:
        folder: the folder of the database and its companions.
        notes: Spanish sentences about what was found when it was opened.
        fts5: whether this SQLite has full-text search.
    """

    def __init__(self, folder: Path) -> None:
        """Open the database in `folder`, or create it.

        Raises:
            StoreError: it cannot be opened.
        """
        self.folder = folder
        self._path = folder / NAME
        self._connection: sqlite3.Connection | None = None
        self._live: LiveFile | None = None
        self._impatient = False  # another program has kept the file for too long
        self._lock = -1
        self._same: tuple[int, int] | None = None
        try:
            with self.faults():
                private_folder(folder)
                self._lock = lock_file(folder / "lock")
                try:
                    with exclusive(self._lock, folder):
                        self._connection, self._same, self.notes = open_file(folder)
                        self.fts5 = schema.has_fts5(self._connection)
                        if self.fts5:
                            queries.prepare(self._connection)
                        self._live = LiveFile(folder)
                except StoreHolderStopped:  # reading needs no lock of ours
                    self._connection, self._same = open_as_it_is(folder)
                    self.notes, self.fts5 = [], schema.is_indexed(self._connection)
        except BaseException:
            self.close()
            raise

    @property
    def db(self) -> sqlite3.Connection:
        """The connection.

        Raises:
            StoreError: the file is closed.
        """
        if self._connection is None:
            raise StoreError("the store is closed", location=str(self.folder))
        return self._connection

    @property
    def owner_id(self) -> str:
        """The id of this program in the turns that it has begun. To be read in a transaction only."""
        if self._live is None:
            self._live = LiveFile(self.folder)
        return self._live.name

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction: afterwards it is durable, or nothing of it was done.

        Raises:
            StoreError: it failed and was rolled back.
        """
        db = self.db
        with self.faults(), self._exclusive():
            self._check_not_moved()
            db.execute(f"PRAGMA busy_timeout = {round(1000 * self._patience)}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have rolled back already
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the lock of the store. Who has waited for it once in vain does not wait as long again."""
        try:
            with exclusive(self._lock, self.folder, self._patience):
                yield
            self._impatient = False
        except (StoreBusy, sqlite3.OperationalError) as error:
            self._impatient = isinstance(error, StoreBusy) or kind_of(error, self._path) is StoreBusy
            raise

    @property
    def _patience(self) -> float:
        return _SHORT_PATIENCE if self._impatient else locks.LOCK_SECONDS

    def wipe(self) -> None:
        """Checkpoint and truncate the WAL, so that deleted data does not survive there.

        Best effort: an open reader blocks it. Copies of an older version are deleted for the same reason.
        """
        with suppress(sqlite3.Error, StoreError, OSError), self._exclusive():
            for copy in version_copies(self.folder):
                copy.unlink()
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connection and release the locks."""
        connection, self._connection = self._connection, None
        alive, self._live = self._live, None
        if self._lock >= 0:
            with suppress(StoreError, sqlite3.Error), self._exclusive():
                if connection is not None:
                    connection.close()  # checkpoints the WAL
            if alive is not None:
                alive.end()
            os.close(self._lock)
            self._lock = -1

    # -- errors --------------------------------------------------------------------------------

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Map every error to a `StoreError`. A file that proves to be damaged is quarantined.

        Raises:
            StoreError: for an error of SQLite, of the system or in a column.
        """
        try:
            yield
        except sqlite3.Error as error:
            raise self._store_error(error) from error
        except Oversized as error:
            raise StoreTooLarge(location=str(self.folder)) from error
        except (Damaged, UnicodeDecodeError) as error:  # SQLite's own message may be undecodable
            raise self._quarantined(str(error)) from error
        except OSError as error:
            raise store_error(error, self.folder) from error

    def _check_not_moved(self) -> None:
        """Refuse to write into a file that was moved or deleted: nobody would find the data there."""
        if self._same is None:
            return
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise StoreMoved(location=str(self.folder)) from None
        if (found.st_dev, found.st_ino) != self._same:
            raise StoreMoved(location=str(self.folder))

    def _store_error(self, error: sqlite3.Error) -> StoreError:
        kind = kind_of(error, self._path)
        if kind is StoreCorrupt or (is_unexpected(error) and not self._is_sound()):
            return self._quarantined(str(error))
        return kind(str(error), location=str(self.folder))

    def _is_sound(self) -> bool:
        """Whether the file passes SQLite's check, so that an unexpected error was not its fault."""
        if self._connection is None:
            return True
        try:
            return bool(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.Error as error:
            return not is_unexpected(error) and kind_of(error, self._path) is not StoreCorrupt

    def _quarantined(self, why: str) -> StoreError:
        """Quarantine the file, unless another program has done so already."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        try:
            with self._exclusive():
                self._check_not_moved()
                moved_to = quarantine(self._path, COMPANIONS) if self._same else ""
                return StoreCorrupt(why, location=str(self.folder), moved_to=moved_to)
        except StoreMoved as moved:
            return moved
        except (OSError, StoreError):
            return StoreCorrupt(why, location=str(self.folder))
