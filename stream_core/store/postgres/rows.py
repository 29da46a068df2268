"""Statements that the methods of the store share. Functions over a connection; they raise psycopg.Error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stream_core.core.conversation import Turn
from stream_core.core.instructions import Instructions
from stream_core.store.conversation_limit import check_total
from stream_core.store.protocol import TITLE, Place
from stream_core.store.row_mapping import figures, turn_of_texts

from . import files
from .schema import SCHEMA
from .session import Database
from .text_codec import index_words, pack, pack_asked, pack_blocks, unpack, unpack_blocks

OF = f"{SCHEMA}.turns t JOIN {SCHEMA}.conversations c ON c.key = t.conversation"
MINE = "c.owner = (session_user)::text"
"""Where a person can have the same id as another who shares: the own conversation is meant."""

_COPIED = (
    "number, begun, ended, outcome, input_tokens, output_tokens, cache_creation_input_tokens,"
    " cache_read_input_tokens, characters, model, question, text, blocks, words"
)


def conversation_key(db: Database, name: str) -> int | None:
    """Return the key of a conversation that can be read: the own one before one that somebody shares."""
    row = db.execute(
        f"SELECT key FROM {SCHEMA}.conversations c WHERE id = %s ORDER BY ({MINE}) DESC, used DESC LIMIT 1",
        (name,),
    ).fetchone()
    return None if row is None else int(row[0])


def checked_key(db: Database, name: str) -> int | None:
    """Return the key of a conversation of which all can be held; another person may share a giant one.

    Raises:
        Oversized: it is too large.
    """
    key = conversation_key(db, name)
    row = db.execute(
        "SELECT sum(octet_length(question) + coalesce(octet_length(text), 0)"
        f" + coalesce(octet_length(blocks), 0)) FROM {SCHEMA}.turns WHERE conversation = %s",
        (key,),
    ).fetchone()
    check_total(int(row[0] or 0) if row is not None else 0)
    return key


def own_key(db: Database, name: str) -> int | None:
    """Return the key of a conversation of this person, locked until the transaction ends."""
    row = db.execute(
        f"SELECT key FROM {SCHEMA}.conversations c WHERE id = %s AND {MINE} FOR UPDATE", (name,)
    ).fetchone()
    return None if row is None else int(row[0])


def to_write(db: Database, name: str) -> int | None:
    """Return the key of the own conversation; one that somebody else shares is copied first."""
    key = own_key(db, name)
    if key is not None:
        return key
    shared = conversation_key(db, name)
    return None if shared is None else _copy(db, shared)


def _copy(db: Database, key: int) -> int:
    row = db.execute(
        f"INSERT INTO {SCHEMA}.conversations(id, title, created, updated, last, instructions, role)"
        f" SELECT id, title, created, updated, last, instructions, role FROM {SCHEMA}.conversations"
        " WHERE key = %s RETURNING key",
        (key,),
    ).fetchone()
    assert row is not None
    db.execute(
        f"INSERT INTO {SCHEMA}.turns(conversation, {_COPIED}) SELECT %s, {_COPIED} FROM {SCHEMA}.turns"
        " WHERE conversation = %s AND outcome IS NOT NULL ORDER BY number",
        (row[0], key),
    )
    files.copy(db, key, int(row[0]))
    return int(row[0])


def next_place(db: Database, name: str, question: str, at: float) -> tuple[int, int]:
    """Return the key of a conversation, created if there is none, and the number of its next turn."""
    if to_write(db, name) is None:
        db.execute(
            f"INSERT INTO {SCHEMA}.conversations(id, title, created, updated) VALUES(%s, %s, %s, %s)"
            " ON CONFLICT(owner, id) DO NOTHING",
            (name, pack(question[:TITLE]), at, at),
        )
    row = db.execute(
        f"UPDATE {SCHEMA}.conversations c SET last = last + 1 WHERE id = %s AND {MINE} RETURNING key, last",
        (name,),
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def delete(db: Database, name: str) -> None:
    """Delete a conversation of this person."""
    db.execute(f"DELETE FROM {SCHEMA}.conversations c WHERE id = %s AND {MINE}", (name,))


def instruct(db: Database, conversation: int, instructions: Instructions) -> None:
    """Save the instructions of a conversation."""
    values = [pack(text) if text else None for text in (instructions.text, instructions.role)]
    db.execute(
        f"UPDATE {SCHEMA}.conversations SET instructions = %s, role = %s WHERE key = %s",
        (*values, conversation),
    )


def instructions_of(db: Database, conversation: int | None) -> Instructions:
    """Return the instructions of a conversation."""
    row = db.execute(
        f"SELECT instructions, role FROM {SCHEMA}.conversations WHERE key = %s", (conversation,)
    ).fetchone()
    text, role = ("" if value is None else unpack(value) for value in row or (None, None))
    return Instructions(text, role)


def use(db: Database, conversation: int, at: float) -> None:
    """Make a conversation the one used last."""
    db.execute(
        f"UPDATE {SCHEMA}.conversations SET updated = %s, used = nextval('{SCHEMA}.uses') WHERE key = %s",
        (at, conversation),
    )


def begin(db: Database, conversation: int, number: int, turn: Turn, begun: float, program: int) -> int:
    """Insert an unfinished turn and return its key."""
    turn, attached = files.without_data(turn)
    row = db.execute(
        f"INSERT INTO {SCHEMA}.turns(conversation, number, begun, program, model, question, blocks)"
        " VALUES(%s, %s, %s, %s, %s, %s, %s) RETURNING key",
        (conversation, number, begun, program, pack(turn.model), pack(turn.question), pack_asked(turn.asked)),
    ).fetchone()
    assert row is not None
    files.attach(db, int(row[0]), attached)
    return int(row[0])


def continue_turn(db: Database, key: int, turn: Turn, program: int, at: float) -> None:
    """Make a turn that has ended an unfinished one of this program, with the text it had."""
    turn, attached = files.without_data(turn)
    db.execute(
        f"UPDATE {SCHEMA}.turns SET outcome = NULL, ended = NULL, program = %s, text = NULL, blocks = %s,"
        " words = NULL, input_tokens = 0, output_tokens = 0, cache_creation_input_tokens = 0,"
        " cache_read_input_tokens = 0, characters = 0, model = %s WHERE key = %s",
        (program, pack_asked(turn.asked), pack(turn.model), key),
    )
    files.attach(db, key, attached)
    add_piece(db, key, turn.text, at)


def finish(db: Database, key: int, turn: Turn, at: float | None) -> None:
    """Save the whole of a turn, and index its words."""
    turn, attached = files.without_data(turn)
    files.attach(db, key, attached)
    db.execute(f"DELETE FROM {SCHEMA}.pieces WHERE turn = %s", (key,))
    words = index_words(turn.question, turn.text)
    db.execute(
        f"UPDATE {SCHEMA}.turns SET ended = %s, program = NULL, outcome = %s, model = %s, question = %s,"
        " text = %s, blocks = %s, input_tokens = %s, output_tokens = %s, cache_creation_input_tokens = %s,"
        " cache_read_input_tokens = %s, characters = %s,"
        f" words = setweight(to_tsvector('{SCHEMA}.plain', %s), 'A')"
        f" || setweight(to_tsvector('{SCHEMA}.spanish', %s), 'D') WHERE key = %s",
        (at, turn.outcome, pack(turn.model), pack(turn.question), pack(turn.text), pack_blocks(turn),
         *figures(turn), words, words, key),
    )  # fmt: skip


def read_turn(db: Database, row: Sequence[Any]) -> Turn:
    """Build a turn from its columns.

    Raises:
        Damaged: they hold something that this program did not write.
    """
    key, outcome, question, text, blocks, model, *usage = row
    reply_text = pieces(db, key) if outcome is None else unpack(text)
    whole = () if outcome is None and blocks is None else unpack_blocks(blocks, reply_text)
    turn = turn_of_texts(outcome, unpack(question), reply_text, unpack(model), usage, whole)
    return files.with_data(db, key, turn)


def pieces(db: Database, key: int) -> str:
    """The text of an unfinished turn."""
    rows = db.execute(f"SELECT text FROM {SCHEMA}.pieces WHERE turn = %s ORDER BY number", (key,))
    return "".join(unpack(text) for (text,) in rows)


def add_piece(db: Database, key: int, text: str, at: float) -> None:
    """Add text to an unfinished turn."""
    db.execute(
        f"INSERT INTO {SCHEMA}.pieces(turn, number, at, text) SELECT %s,"
        f" (SELECT coalesce(max(number), 0) + 1 FROM {SCHEMA}.pieces WHERE turn = %s), %s, %s",
        (key, key, at, pack(text)),
    )


def turn_key(db: Database, place: Place) -> tuple[int, int, bool] | None:
    """Return the keys of a turn of this person and of its conversation, and whether it has ended."""
    row = db.execute(
        f"SELECT t.key, c.key, t.outcome IS NOT NULL FROM {OF} WHERE c.id = %s AND {MINE} AND t.number = %s"
        " FOR UPDATE OF t",
        (pack(place.conversation), place.number),
    ).fetchone()
    return None if row is None else (int(row[0]), int(row[1]), bool(row[2]))
