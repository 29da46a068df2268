"""The open file of the store: its locks, its transactions, and what becomes of trouble with it.

Programs write one after the other, under a lock of their own beside SQLite's: before 3.51.3, two that write
and checkpoint at the same moment could damage a file ("WAL-reset bug", https://sqlite.org/wal.html).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stream_core.core.errors import StoreCorrupt, StoreError, StoreMoved

from . import queries as finding
from . import schema
from .column_codec import Damaged
from .liveness import Alive
from .open_database import COMPANIONS, NAME, copies, open_file
from .private_files import exclusive, lock_file, own_folder, quarantine, told
from .sqlite_errors import is_odd, kind_of


class Database:
    """The file, its connection, and this program's sign of life.

    Attributes:
        folder: where everything is.
        notes: Spanish sentences about what was found.
        fts5: whether SQLite can look for words by itself.
    """

    def __init__(self, folder: Path) -> None:
        """Open the file in `folder`, or begin one.

        Raises:
            StoreError: it cannot be had.
        """
        self.folder = folder
        self._path = folder / NAME
        self._connection: sqlite3.Connection | None = None
        self._alive: Alive | None = None
        self._lock = -1
        self._same: tuple[int, int] | None = None
        try:
            with self.faults():
                own_folder(folder)
                self._lock = lock_file(folder / "lock")
                with exclusive(self._lock, folder):
                    self._connection, self._same, self.notes = open_file(folder)
                    self.fts5 = schema.has_fts5(self._connection)
                    if self.fts5:
                        finding.prepare(self._connection)
                    self._alive = Alive(folder)
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
            raise StoreError("the store is closed", where=str(self.folder))
        return self._connection

    @property
    def me(self) -> str:
        """The name of this program's sign of life."""
        assert self._alive is not None
        return self._alive.name

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Do one transaction: all of it is safe afterwards, or nothing of it was done.

        Raises:
            StoreError: it could not be done.
        """
        db = self.db
        with self.faults(), exclusive(self._lock, self.folder):
            self._look()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have done it already
                    db.execute("ROLLBACK")
                raise

    def wipe(self) -> None:
        """Empty the -wal, so that what was deleted is not there any more; who reads may hinder it.

        Copies of an older version go as well: they would have it still.
        """
        with suppress(sqlite3.Error, StoreError, OSError), exclusive(self._lock, self.folder):
            for copy in copies(self.folder):
                copy.unlink()
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of everything."""
        connection, self._connection = self._connection, None
        alive, self._alive = self._alive, None
        if self._lock >= 0:
            with suppress(StoreError, sqlite3.Error), exclusive(self._lock, self.folder):
                if connection is not None:
                    connection.close()  # writes what is in the -wal into the file
            if alive is not None:
                alive.end()
            os.close(self._lock)
            self._lock = -1

    # -- trouble -------------------------------------------------------------------------------

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Let nothing but a `StoreError` out. A file that proves damaged is put aside.

        Raises:
            StoreError: for what SQLite, the system or the columns said.
        """
        try:
            yield
        except sqlite3.Error as error:
            raise self._told(error) from error
        except (Damaged, UnicodeDecodeError) as error:  # not even SQLite's message could be read
            raise self._damaged(str(error)) from error
        except OSError as error:
            raise told(error, self.folder) from error

    def _look(self) -> None:
        """Nobody must write into a file that was put aside or deleted: it would not be found there."""
        if self._same is None:
            return
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise StoreMoved(where=str(self.folder)) from None
        if (found.st_dev, found.st_ino) != self._same:
            raise StoreMoved(where=str(self.folder))

    def _told(self, error: sqlite3.Error) -> StoreError:
        kind = kind_of(error, self._path)
        if kind is StoreCorrupt or (is_odd(error) and not self._is_sound()):
            return self._damaged(str(error))
        return kind(str(error), where=str(self.folder))

    def _is_sound(self) -> bool:
        """Whether an odd error was not the file's fault."""
        if self._connection is None:
            return True
        try:
            return bool(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.Error as error:
            return not is_odd(error) and kind_of(error, self._path) is not StoreCorrupt

    def _damaged(self, why: str) -> StoreError:
        """Put the file aside, unless another program has done so already."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        try:
            with exclusive(self._lock, self.folder):
                self._look()
                aside = quarantine(self._path, COMPANIONS) if self._same else ""
                return StoreCorrupt(why, where=str(self.folder), aside=aside)
        except StoreMoved as moved:
            return moved
        except (OSError, StoreError):
            return StoreCorrupt(why, where=str(self.folder))
