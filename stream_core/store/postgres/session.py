"""The one connection of a program: opened when needed, opened again when it was lost, errors translated."""

from __future__ import annotations

import os
import re
import selectors
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
from psycopg import conninfo

from stream_core.core import store_errors as e
from stream_core.core.watchdog import watchdog
from stream_core.store.column_codec import Damaged, Oversized

from . import schema

Database = psycopg.Connection[tuple[Any, ...]]

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 8.0  # more than the server's own limits
_QUIET_SECONDS = 2.0  # after an attempt that failed; until then the next ones fail at once
_OPTIONS = (
    "-c lock_timeout=4s -c statement_timeout=6s -c idle_in_transaction_session_timeout=30s -c jit=off"
    # A client that is gone without a word is noticed, so that its turns can be recovered.
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
_DEFAULTS: Mapping[str, Any] = {
    "connect_timeout": _CONNECT_SECONDS,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "stream_core",
}

_ADMINISTRATOR = (
    "Entras en el almacén del equipo como administrador: ves las conversaciones de todos. Para hablar, mejor "
    "con un usuario propio."
)
_NOT_NOW = (
    "starting up",
    "not yet accepting",
    "shutting down",
    "recovery mode",
    "too many clients",
    "connection slots",
)

# https://www.postgresql.org/docs/15/errcodes-appendix.html
_BY_STATE: Mapping[str, type[e.StoreError]] = {
    "53300": e.StoreUnreachable,  # too many connections
    "53": e.StoreFull,  # insufficient resources: disk, memory
    "25006": e.StoreReadOnly,
    "28": e.StoreAccessDenied,
    "42501": e.StoreAccessDenied,
    "3D000": e.StoreNotSetUp,
    "3F000": e.StoreNotSetUp,
    "42P01": e.StoreNotSetUp,
    "55P03": e.StoreBusy,
    "57014": e.StoreBusy,
    "40": e.StoreBusy,  # deadlocks
    "54": e.StoreTooLarge,
    "23514": e.StoreTooLarge,  # the check on the length of a text
    "57P": e.StoreUnreachable,
    "08": e.StoreUnreachable,
}


class Session:
    """Access to the database of a team, by one connection.

    Args:
        url: `postgresql://…`; what it leaves out comes from the environment (`PGPASSWORD`, `~/.pgpass`…).
        program: a number of this program, on which the server holds a lock as long as it is connected.

    Attributes:
        where: the server and the database, without a password.
        notes: Spanish sentences about what was found.
    """

    def __init__(self, url: str, program: int) -> None:
        """Connect, and create the tables if there are none.

        Raises:
            StoreError: the database cannot be reached or used; see its classes.
        """
        self._url, self._program = url, program
        self._connection: Database | None = None
        self._failed_at = 0.0
        self.where = describe(url)
        self.notes: list[str] = []
        with self.faults():
            self._live()

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction; when the block has ended it is durable.

        Raises:
            StoreError: nothing of it was saved, or, if the connection was lost at its very end, perhaps all.
        """
        with self.faults():
            connection = self._live()
            with _time_limit(connection), connection.transaction():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """The connection, for single statements."""
        with self.faults():
            connection = self._live()
            with _time_limit(connection):
                yield connection

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Translate errors of the database."""
        try:
            yield
        except psycopg.Error as error:
            raise self._translated(error) from error
        except Oversized as error:
            raise e.StoreTooLarge(location=self.where) from error
        except Damaged as error:
            raise e.StoreError(str(error), location=self.where) from error

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _live(self) -> Database:
        connection = self._connection
        if connection is not None and not _lost(connection):
            return connection
        self.close()
        if time.monotonic() - self._failed_at < _QUIET_SECONDS:
            raise e.StoreUnreachable(location=self.where)
        try:
            self._connection = self._open()
        except (psycopg.OperationalError, OSError):
            self._failed_at = time.monotonic()
            raise
        return self._connection

    def _open(self) -> Database:
        given = conninfo.conninfo_to_dict(self._url)
        options = f"{given.pop('options', '')} {_OPTIONS}".strip()
        connection: Database = psycopg.connect(autocommit=True, **{**_DEFAULTS, **given, "options": options})
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Database) -> None:
        connection.execute("SET client_encoding TO 'UTF8'")
        version = schema.version_of(connection)
        if version > len(schema.MIGRATIONS):
            raise e.StoreTooNew(location=self.where)
        if version < len(schema.MIGRATIONS):
            try:
                schema.set_up(connection)
            except psycopg.errors.InsufficientPrivilege as error:
                raise e.StoreNotSetUp(location=self.where) from error
        connection.execute("SELECT pg_advisory_lock(%s)", (self._program,))
        sees_all = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user"
        ).fetchone()
        if sees_all and sees_all[0] and _ADMINISTRATOR not in self.notes:
            self.notes.append(_ADMINISTRATOR)

    def _translated(self, error: psycopg.Error) -> e.StoreError:
        state = error.sqlstate or ""
        for length in (5, 3, 2):
            if kind := _BY_STATE.get(state[:length]):
                return kind(location=self.where)
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return _refused(str(error))(location=self.where)
        return e.StoreError(type(error).__name__, location=self.where)


def describe(url: str) -> str:
    """Return the server and the database of a URL, without a password.

    Raises:
        StoreError: it is no such URL.
    """
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise e.StoreError("no PostgreSQL URL") from error
    return f"{given.get('host', 'localhost')}/{given.get('dbname', given.get('user', ''))}"


def _refused(message: str) -> type[e.StoreError]:
    """Map a failed attempt to connect to a StoreError.

    libpq reports no SQLSTATE then, and its messages may be in other languages than English.
    """
    if "FATAL" not in message or any(words in message for words in _NOT_NOW):
        return e.StoreUnreachable
    return e.StoreNotSetUp if re.search('database ".*" does not exist', message) else e.StoreAccessDenied


def _time_limit(connection: Database) -> AbstractContextManager[None]:
    """Cut the connection if the block takes too long: a network can swallow an answer without a word."""
    return watchdog(_ANSWER_SECONDS, partial(_cut, connection))


def _cut(connection: Database) -> None:
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as theirs:
        theirs.shutdown(socket.SHUT_RDWR)


def _lost(connection: Database) -> bool:
    """Whether the server has closed the connection; looks without waiting."""
    if connection.closed:
        return True
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.pgconn.socket, selectors.EVENT_READ)
            while selector.select(0):  # its last words, then its end, which raises
                connection.pgconn.consume_input()
    except (psycopg.Error, OSError, ValueError):
        return True
    return False
