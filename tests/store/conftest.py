"""A PostgreSQL server for the tests of stores, one for each worker that needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import postgres

from stream_core.store.protocol import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A server with its people and tables."""
    if reason := postgres.missing():
        pytest.skip(reason)
    server = postgres.Server()
    try:
        server.set_up()
        yield server
    finally:
        server.stop()


@pytest.fixture
def team(postgres_server: postgres.Server) -> postgres.Server:
    """The server, without anything that was said."""
    postgres_server.empty()
    return postgres_server


@pytest.fixture
def postgres_store(team: postgres.Server) -> Store:
    """A store on it, for one of its people."""
    from stream_core.store.postgres.store import PostgresStore

    return PostgresStore(team.url("ana"))
