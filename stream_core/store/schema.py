"""The tables, by version. `user_version` is the version of a file; `application_id` shows that it is ours.

A new version is a further entry of `MIGRATIONS`: the statements that lead to it from the one before. A new
file runs all of them too, so the tables are described once. `words` needs FTS5 and can be rebuilt from the
rest; `indexed` marks the turns in it, since a Python without FTS5 may have saved others.
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
"""The columns of the spending, in the order of the fields of `Spent` and `Usage`."""

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

# Version 2: spending apart from the turns. Tokens of version 1 are taken over as requests without a price, so
# that their cost is an estimate; their model is the one that ended the turn.
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

# Version 3: the order in which conversations were used is counted. Their times come from a clock that may
# have been wrong; the keys of their turns were given in the order in which those were begun.
_SEQUENCE = (
    "ALTER TABLE conversations ADD COLUMN used INTEGER NOT NULL DEFAULT 0",
    "UPDATE conversations SET used = ifnull("
    "(SELECT max(t.key) FROM turns t WHERE t.conversation = conversations.key), 0)",
    "DROP INDEX conversations_used",
    "CREATE INDEX conversations_used ON conversations(used, id)",
)

# Version 4: the receipts of spending, since the same entry can be in a journal and in the table.
_RECEIPTS = (
    """CREATE TABLE receipts(
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        program TEXT NOT NULL UNIQUE,
        last INTEGER NOT NULL
    )""",
)

# Version 5: the instructions of each conversation, and the role they came from; NULL where there are none.
_INSTRUCTIONS = (
    "ALTER TABLE conversations ADD COLUMN instructions",
    "ALTER TABLE conversations ADD COLUMN role",
)

MIGRATIONS: list[Sequence[str]] = [_FIRST, _SPENT, _SEQUENCE, _RECEIPTS, _INSTRUCTIONS]
"""The statements that lead to version 1, 2, …"""

_PROBES = (
    "SELECT key, id, title, created, updated, last, used, instructions, role FROM conversations LIMIT 0",
    "SELECT key, conversation, number, begun, ended, owner, outcome, indexed, input_tokens, output_tokens,"
    " cache_creation_input_tokens, cache_read_input_tokens, characters, model, question, text, blocks"
    " FROM turns LIMIT 0",
    "SELECT turn, number, at, text FROM pieces LIMIT 0",
    f"SELECT {SPENT} FROM spent LIMIT 0",
    "SELECT key, program, last FROM receipts LIMIT 0",
)


def newest() -> int:
    """Return the version that this program writes."""
    return len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Migrate a file from `version` to the newest, in the open transaction.

    Raises:
        sqlite3.Error: from SQLite; then the transaction must be rolled back.
    """
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {newest()}")


def probe(connection: sqlite3.Connection) -> None:
    """Check that the tables of the newest version exist.

    Raises:
        sqlite3.Error: they do not.
    """
    for statement in _PROBES:
        connection.execute(statement)
    words = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone()
    if words is not None and has_fts5(connection):
        connection.execute("SELECT rowid FROM words LIMIT 1")


def is_indexed(connection: sqlite3.Connection) -> bool:
    """Whether the index of words is there and complete, so that it can be used without being prepared."""
    if not has_fts5(connection):
        return False
    words = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone()
    missing = connection.execute("SELECT 1 FROM turns WHERE outcome IS NOT NULL AND indexed = 0 LIMIT 1")
    return words is not None and missing.fetchone() is None


def has_fts5(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite has full-text search."""
    try:
        return bool(connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0])
    except sqlite3.OperationalError:  # built without compile option diagnostics
        return False
