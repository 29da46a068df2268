"""Whole conversations and their instructions. Functions over a connection; they raise sqlite3.Error."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stream_core.core.instructions import Instructions
from stream_core.core.sanitize import repair_surrogates

from . import queries
from .column_codec import pack, pack_blocks, unpack
from .row_mapping import TURN, figures, turn_of

if TYPE_CHECKING:
    from .dump import Dumped


def ids(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the ids of all conversations, those used last at the end."""
    yield from (
        str(name) for (name,) in db.execute("SELECT id FROM conversations ORDER BY used, id").fetchall()
    )


def read(db: sqlite3.Connection, conversation: str) -> Dumped | None:
    """Read a conversation without its unfinished turns."""
    from .dump import Dumped, DumpedTurn  # not for every chat that saves its turns

    row = db.execute(
        "SELECT key, title, created, updated, last FROM conversations WHERE id = ?", (conversation,)
    ).fetchone()
    if row is None:
        return None
    found = db.execute(
        f"SELECT {TURN}, t.number, t.begun, t.ended FROM turns t WHERE t.conversation = ?"
        " AND t.outcome IS NOT NULL ORDER BY t.number",
        row[:1],
    )
    turns = tuple(
        DumpedTurn(number, begun, ended, turn_of(columns, "")) for *columns, number, begun, ended in found
    )
    return Dumped(
        conversation, unpack(row[1]), row[2], row[3], row[4], turns, instructions_of(db, conversation)
    )


def write(db: sqlite3.Connection, dumped: Dumped, *, fts5: bool) -> None:
    """Write a conversation that is not there, in the open transaction."""
    (key,) = db.execute(
        "INSERT INTO conversations(id, title, created, updated, last, used) VALUES(?, ?, ?, ?, ?,"
        " (SELECT ifnull(max(used), 0) + 1 FROM conversations)) RETURNING key",
        (repair_surrogates(dumped.id), pack(dumped.title), dumped.created, dumped.updated, dumped.last),
    ).fetchone()
    instruct(db, repair_surrogates(dumped.id), dumped.instructions)
    for each in dumped.turns:
        turn = each.turn
        (turn_key,) = db.execute(
            "INSERT INTO turns(conversation, number, begun, ended, outcome, model, question, text, blocks,"
            " input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens, characters,"
            " indexed) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
            (key, each.number, each.begun, each.ended, turn.outcome, pack(turn.model), pack(turn.question),
             pack(turn.text), pack_blocks(turn), *figures(turn), fts5),
        ).fetchone()  # fmt: skip
        if fts5:
            queries.index(db, turn_key, turn.question, turn.text)


def instruct(db: sqlite3.Connection, name: str, instructions: Instructions) -> None:
    """Save the instructions of a conversation, in the open transaction."""
    values = (pack(text) if text else None for text in (instructions.text, instructions.role))
    db.execute("UPDATE conversations SET instructions = ?, role = ? WHERE id = ?", (*values, name))


def instructions_of(db: sqlite3.Connection, name: str) -> Instructions:
    """Return the instructions of a conversation."""
    row = db.execute("SELECT instructions, role FROM conversations WHERE id = ?", (name,)).fetchone()
    text, role = ("" if value is None else unpack(value) for value in row or (None, None))
    return Instructions(text, role)
