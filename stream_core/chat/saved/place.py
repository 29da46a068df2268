"""The place where conversations are saved: a file on this machine, or the store of a team."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from stream_core.config.settings import Settings
from stream_core.store.protocol import Store

ATTACHED = "attachments"
"""The folder of attached files, in that of the store."""

_TEAM = "team"


def store_folder(settings: Settings) -> Path | None:
    """Parent of the folder with the file, or with the journal of a team's store; None without data directory.

    Practice mode has a file of its own: no AI has said any of it, and it concerns no team. Each store of a
    team has a journal of its own.
    """
    folder, url = settings.paths.data_dir, settings.paths.team_store
    if folder is None or settings.connection.practice:
        return None if folder is None else folder / "practice"
    return folder if url is None else folder / _TEAM / hashlib.sha256(url.encode()).hexdigest()[:16]


def is_of_team(settings: Settings) -> bool:
    """Whether conversations are saved in the store of a team."""
    return settings.paths.team_store is not None and not settings.connection.practice


def store_opener(settings: Settings, folder: Path) -> Callable[[], Store]:
    """Return a function that opens the store, which imports what it takes only then."""
    url = settings.paths.team_store
    if url is None or not is_of_team(settings):
        return lambda: open_file(folder)
    return lambda: open_team(url)


def open_file(folder: Path) -> Store:
    """Open the store in a file."""
    from stream_core.store.sqlite import SqliteStore

    return SqliteStore(folder)


def open_team(url: str) -> Store:
    """Open the store of a team."""
    from stream_core.store.postgres.store import PostgresStore

    return PostgresStore(url)
