"""Attached files, each once for a person, by the SHA-256 of its bytes. Over a connection: psycopg.Error.

Blocks hold references; the bytes are in a row of their own, with a link from each turn that refers to them.
"""
# See docs/adr/0021-attached-files-by-hash.md

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace

from stream_core.core.attachments import attachment_of
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block

from .schema import LOCK, SCHEMA
from .session import Database


def without_data(turn: Turn) -> tuple[Turn, dict[str, bytes]]:
    """Return a turn whose references hold no bytes, and the bytes by their SHA-256."""
    files: dict[str, bytes] = {}

    def stripped(block: Block) -> Block:
        attached = attachment_of(block)
        if attached is None or not attached.data:
            return block
        files[attached.sha256] = b64decode(attached.data)
        return {key: value for key, value in block.items() if key != "data"}

    asked = tuple(map(stripped, turn.asked))
    return (replace(turn, asked=asked), files) if files else (turn, files)


def attach(db: Database, key: int, files: dict[str, bytes]) -> None:
    """Store the files of a turn of this person that are not there yet."""
    if not files:
        return
    _lock(db)
    for sha256, data in files.items():
        db.execute(
            f"INSERT INTO {SCHEMA}.files(sha256, data) SELECT %s, %s WHERE NOT EXISTS"
            f" (SELECT 1 FROM {SCHEMA}.files WHERE owner = (session_user)::text AND sha256 = %s)",
            (sha256, data, sha256),
        )
        db.execute(
            f"INSERT INTO {SCHEMA}.attached(turn, sha256) VALUES(%s, %s) ON CONFLICT DO NOTHING",
            (key, sha256),
        )


def with_data(db: Database, key: int, turn: Turn) -> Turn:
    """Return a turn whose references hold their bytes, as far as those are there."""
    if not any(attachment_of(block) for block in turn.asked):
        return turn
    found = db.execute(
        f"SELECT f.sha256, f.data FROM {SCHEMA}.attached a JOIN {SCHEMA}.files f"
        " ON f.owner = a.owner AND f.sha256 = a.sha256 WHERE a.turn = %s",
        (key,),
    ).fetchall()
    data = {sha256: b64encode(content).decode("ascii") for sha256, content in found}
    asked = tuple(
        {**block, "data": data[str(block["sha256"])]}
        if attachment_of(block) is not None and block["sha256"] in data
        else block
        for block in turn.asked
    )
    return replace(turn, asked=asked)


def copy(db: Database, source: int, target: int) -> None:
    """Attach the files of a conversation to the same turns of this person's copy of it."""
    _lock(db)
    db.execute(
        f"INSERT INTO {SCHEMA}.files(sha256, data) SELECT DISTINCT ON (f.sha256) f.sha256, f.data"
        f" FROM {SCHEMA}.turns t JOIN {SCHEMA}.attached a ON a.turn = t.key"
        f" JOIN {SCHEMA}.files f ON f.owner = a.owner AND f.sha256 = a.sha256 WHERE t.conversation = %s"
        f" AND NOT EXISTS (SELECT 1 FROM {SCHEMA}.files mine"
        "  WHERE mine.owner = (session_user)::text AND mine.sha256 = f.sha256)",
        (source,),
    )
    db.execute(
        f"INSERT INTO {SCHEMA}.attached(turn, sha256) SELECT mine.key, a.sha256 FROM {SCHEMA}.turns t"
        f" JOIN {SCHEMA}.attached a ON a.turn = t.key"
        f" JOIN {SCHEMA}.turns mine ON mine.conversation = %s AND mine.number = t.number"
        " WHERE t.conversation = %s",
        (target, source),
    )


def drop_unreferred(db: Database) -> None:
    """Delete the own files to which no turn refers any more."""
    _lock(db)
    db.execute(
        f"DELETE FROM {SCHEMA}.files f WHERE f.owner = (session_user)::text AND NOT EXISTS"
        f" (SELECT 1 FROM {SCHEMA}.attached a WHERE a.owner = f.owner AND a.sha256 = f.sha256)"
    )


def _lock(db: Database) -> None:
    """Keep this person's other programs from deleting, until the transaction ends, what it refers to."""
    db.execute("SELECT pg_advisory_xact_lock(%s, hashtext(session_user))", (LOCK,))
