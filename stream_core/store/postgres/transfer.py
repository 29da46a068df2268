"""Whole conversations out of the database and into it. Functions over a connection: psycopg.Error."""

from __future__ import annotations

from stream_core.store.dump import Dumped, DumpedTurn
from stream_core.store.row_mapping import TURN

from . import files, rows
from .schema import SCHEMA
from .session import Database
from .text_codec import pack, unpack


def ids(db: Database) -> list[str]:
    """Return the ids of the own conversations, those used last at the end."""
    found = db.execute(
        f"SELECT id FROM {SCHEMA}.conversations c WHERE {rows.MINE} ORDER BY used, id"
    ).fetchall()
    return [unpack(name) for (name,) in found]


def read(db: Database, conversation: str) -> Dumped | None:
    """Read a conversation of this person without its unfinished turns."""
    row = db.execute(
        f"SELECT key, title, created, updated, last FROM {SCHEMA}.conversations c"
        f" WHERE id = %s AND {rows.MINE}",
        (pack(conversation),),
    ).fetchone()
    if row is None:
        return None
    found = db.execute(
        f"SELECT {TURN}, t.number, t.begun, t.ended FROM {SCHEMA}.turns t WHERE t.conversation = %s"
        " AND t.outcome IS NOT NULL ORDER BY t.number",
        row[:1],
    ).fetchall()
    turns = tuple(
        DumpedTurn(number, begun, ended, rows.read_turn(db, columns))
        for *columns, number, begun, ended in found
    )
    return Dumped(
        conversation, unpack(row[1]), row[2], row[3], row[4], turns, rows.instructions_of(db, row[0])
    )


def write(db: Database, dumped: Dumped, program: int) -> None:
    """Write a conversation in place of the own one with its id, in the open transaction."""
    rows.delete(db, pack(dumped.id))
    row = db.execute(
        f"INSERT INTO {SCHEMA}.conversations(id, title, created, updated, last) VALUES(%s, %s, %s, %s, %s)"
        " RETURNING key",
        (pack(dumped.id), pack(dumped.title), dumped.created, dumped.updated, dumped.last),
    ).fetchone()
    assert row is not None
    rows.instruct(db, int(row[0]), dumped.instructions)
    for each in dumped.turns:
        key = rows.begin(db, int(row[0]), each.number, each.turn, each.begun, program)
        rows.finish(db, key, each.turn, each.ended)
    files.drop_unreferred(db)
