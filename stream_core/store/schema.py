"""The tables, by version. `user_version` says which a file has; `application_id` says that it is ours.

A new version is a further entry of `MIGRATIONS`: the statements that lead to it from the one before. A new
file goes through all of them too, so there is one description only. `words` needs FTS5 and can be made anew
from the rest; `indexed` says which turns are in it, as a Python without FTS5 may have written some.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION = 0x53434850
WORDS = """CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    body, content='', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
)"""

SPENT = (
    "model, dollars, priced, uncounted, input_tokens, output_tokens, cache_creation_input_tokens,"
    " cache_read_input_tokens, cache_creation_1h_input_tokens, web_search_requests"
)
"""The columns of what was spent, in the order of the fields of `Spent` and `Usage`."""

_FIRST = (
    """CREATE TABLE conversations(
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        title NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        last INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX conversations_used ON conversations(updated, id)",
    """CREATE TABLE turns(
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
        number INTEGER NOT NULL,
        begun REAL NOT NULL,
        ended REAL,
        owner TEXT,
        outcome TEXT,
        indexed INTEGER NOT NULL DEFAULT 0,
        input_tokens INTEGER NOT NULL DEFAULT 0,
        output_tokens INTEGER NOT NULL DEFAULT 0,
        cache_creation_input_tokens INTEGER NOT NULL DEFAULT 0,
        cache_read_input_tokens INTEGER NOT NULL DEFAULT 0,
        characters INTEGER NOT NULL DEFAULT 0,
        model NOT NULL,
        question NOT NULL,
        text,
        blocks,
        UNIQUE(conversation, number)
    )""",
    """CREATE INDEX turns_figures ON turns(
        conversation, input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens,
        characters
    )""",
    "CREATE INDEX turns_arriving ON turns(owner) WHERE outcome IS NULL",
    "CREATE INDEX turns_unindexed ON turns(key) WHERE outcome IS NOT NULL AND indexed = 0",
    """CREATE TABLE pieces(
        turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
        number INTEGER NOT NULL,
        at REAL NOT NULL,
        text NOT NULL,
        PRIMARY KEY(turn, number)
    ) WITHOUT ROWID""",
)

_MOST = 1 << 53  # sum() fails above 64 bits, total() does not
_SUMS = ", ".join(
    f"CAST(min(max(total({tokens}), 0), {_MOST}) AS INTEGER)"
    for tokens in (
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
    )
)

# What was spent, apart from the turns. Of those of the first version the tokens are taken over as of requests
# without a price, so that what they cost is an estimate; their model is the one that ended the turn.
_SPENT = (
    """CREATE TABLE spent(
        model PRIMARY KEY NOT NULL,
        dollars TEXT NOT NULL DEFAULT '0',
        priced INTEGER NOT NULL DEFAULT 0,
        uncounted INTEGER NOT NULL DEFAULT 0,
        input_tokens INTEGER NOT NULL DEFAULT 0,
        output_tokens INTEGER NOT NULL DEFAULT 0,
        cache_creation_input_tokens INTEGER NOT NULL DEFAULT 0,
        cache_read_input_tokens INTEGER NOT NULL DEFAULT 0,
        cache_creation_1h_input_tokens INTEGER NOT NULL DEFAULT 0,
        web_search_requests INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID""",
    "INSERT INTO spent(model, input_tokens, output_tokens, cache_creation_input_tokens,"
    f" cache_read_input_tokens) SELECT model, {_SUMS} FROM turns GROUP BY model",
)

MIGRATIONS: list[Sequence[str]] = [_FIRST, _SPENT]
"""What leads to version 1, 2, …"""

_PROBES = (
    "SELECT key, id, title, created, updated, last FROM conversations LIMIT 0",
    "SELECT key, conversation, number, begun, ended, owner, outcome, indexed, input_tokens, output_tokens,"
    " cache_creation_input_tokens, cache_read_input_tokens, characters, model, question, text, blocks"
    " FROM turns LIMIT 0",
    "SELECT turn, number, at, text FROM pieces LIMIT 0",
    f"SELECT {SPENT} FROM spent LIMIT 0",
)


def newest() -> int:
    """Give the version that this program writes."""
    return len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Lead a file from `version` to the newest, inside the transaction that is open.

    Raises:
        sqlite3.Error: as SQLite says; then nothing must be committed.
    """
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {newest()}")


def probe(connection: sqlite3.Connection) -> None:
    """Look whether the tables of the newest version are there.

    Raises:
        sqlite3.Error: they are not.
    """
    for statement in _PROBES:
        connection.execute(statement)
    words = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone()
    if words is not None and has_fts5(connection):
        connection.execute("SELECT rowid FROM words LIMIT 1")


def has_fts5(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite can look for words by itself."""
    try:
        return bool(connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0])
    except sqlite3.OperationalError:  # it was made without saying how
        return False
