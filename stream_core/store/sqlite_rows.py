"""Statements that the methods of the store in a file share. They raise sqlite3.Error."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn

from . import queries
from .column_codec import pack, pack_asked, pack_blocks, unpack
from .database import Database
from .protocol import TITLE, Place
from .row_mapping import figures, turn_of

if TYPE_CHECKING:
    from stream_core.core.deltas import Block

OF = "turns t JOIN conversations c ON c.key = t.conversation"
USED = "updated = ?, used = (SELECT max(used) + 1 FROM conversations)"
"""The assignments that make a conversation the last one used; they take the time of its update."""


def next_place(db: sqlite3.Connection, name: str, question: str, at: float) -> Place:
    """Return the place of a new turn; a conversation that is not there yet is created for it."""
    db.execute(
        "INSERT INTO conversations(id, title, created, updated) VALUES(?, ?, ?, ?)"
        " ON CONFLICT(id) DO NOTHING",
        (name, pack(question[:TITLE]), at, at),
    )
    db.execute("UPDATE conversations SET last = last + 1 WHERE id = ?", (name,))
    (number,) = db.execute("SELECT last FROM conversations WHERE id = ?", (name,)).fetchone()
    return Place(name, number)


def begin(
    file: Database,
    place: Place,
    question: str,
    model: str,
    *,
    begun: float,
    at: float,
    asked: Sequence[Block] = (),
) -> int | None:
    """Insert an unfinished turn of this program and return its key; its conversation is now the last used."""
    key = file.db.execute(
        "INSERT INTO turns(conversation, number, begun, owner, model, question, blocks)"
        " SELECT key, ?, ?, ?, ?, ?, ? FROM conversations WHERE id = ?",
        (place.number, begun, file.owner_id, pack(model), pack(question), pack_asked(asked),
         place.conversation),
    ).lastrowid  # fmt: skip
    file.db.execute(f"UPDATE conversations SET {USED} WHERE id = ?", (at, place.conversation))
    return key


def finish(file: Database, key: int, turn: Turn, at: float) -> None:
    """Store the whole of a turn, index its words, and delete the pieces that it arrived in."""
    unindex(file, key)
    file.db.execute("DELETE FROM pieces WHERE turn = ?", (key,))
    file.db.execute(
        "UPDATE turns SET ended = ?, owner = NULL, outcome = ?, model = ?, question = ?, text = ?,"
        " blocks = ?, input_tokens = ?, output_tokens = ?, cache_creation_input_tokens = ?,"
        " cache_read_input_tokens = ?, characters = ?, indexed = ? WHERE key = ?",
        (at, turn.outcome, pack(turn.model), pack(turn.question), pack(turn.text), pack_blocks(turn),
         *figures(turn), file.fts5, key),
    )  # fmt: skip
    if file.fts5:
        queries.index(file.db, key, turn.question, turn.text)


def unindex(file: Database, key: int) -> None:
    """Remove a turn from the index. Without FTS5 it stays and is never found, as keys are not reused."""
    row = file.db.execute("SELECT question, text FROM turns WHERE key = ? AND indexed", (key,)).fetchone()
    if row is not None and file.fts5:
        queries.unindex(file.db, key, unpack(row[0]), unpack(row[1]))


def read_turn(db: sqlite3.Connection, row: Sequence[object]) -> Turn:
    """Build a turn from its columns, and from its pieces while it is unfinished."""
    return turn_of(row, pieces(db, row[0]) if row[1] is None else "")


def pieces(db: sqlite3.Connection, key: object) -> str:
    """Return the text of an unfinished turn."""
    found = db.execute("SELECT text FROM pieces WHERE turn = ? ORDER BY number", (key,))
    return "".join(unpack(text) for (text,) in found)
