"""Queries over conversations and their words. Functions over a connection; they raise sqlite3.Error."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from stream_core.core.sanitize import repair_surrogates

from . import schema
from .alternatives import GLOB
from .column_codec import Damaged, Oversized, unpack
from .protocol import INDEXED, TITLE, Hit, Place, Summary, Totals

_SENT = "input_tokens + cache_creation_input_tokens + cache_read_input_tokens"
_WEIGHED = 500  # of more matches the newest are taken: ranking all of them takes too long
_TITLE_BYTES = 16 * TITLE  # more than any encoding of so many characters
_AT_ONCE = 500  # turns indexed in one transaction


def prepare(db: sqlite3.Connection) -> None:
    """Create the full-text index if there is none, and index turns saved by a Python without FTS5."""
    db.execute(schema.WORDS)
    while True:
        rows = db.execute(
            "SELECT key, question, text FROM turns WHERE outcome IS NOT NULL AND indexed = 0 LIMIT ?",
            (_AT_ONCE,),
        ).fetchall()
        if not rows:
            return
        db.execute("BEGIN IMMEDIATE")
        for key, question, text in rows:
            index(db, key, unpack(question), unpack(text))
            db.execute("UPDATE turns SET indexed = 1 WHERE key = ?", (key,))
        db.execute("COMMIT")


def index(db: sqlite3.Connection, key: int, question: str, text: str) -> None:
    """Index the words of a turn."""
    db.execute("INSERT INTO words(rowid, body) VALUES(?, ?)", (key, _body(question, text)))


def unindex(db: sqlite3.Connection, key: int, question: str, text: str) -> None:
    """Remove the words of a turn from the index; they must be those that were indexed."""
    db.execute("INSERT INTO words(words, rowid, body) VALUES('delete', ?, ?)", (key, _body(question, text)))


def purge(db: sqlite3.Connection) -> None:
    """Rewrite the index without removed words: until then they are only marked as deleted."""
    db.execute("INSERT INTO words(words) VALUES('optimize')")


def _body(question: str, text: str) -> str:
    return repair_surrogates(f"{question[:INDEXED]}\n{text[:INDEXED]}")


def conversations(db: sqlite3.Connection, limit: int, before: Summary | None) -> list[Summary]:
    """Return a page of conversations, last used first."""
    where, bound = "", list[str | int]()
    if before is not None:
        where, bound = "WHERE (used, id) < (?, ?)", [before.used, before.id]
    rows = db.execute(
        f"SELECT c.id, c.title, c.created, c.updated, count(t.key), total({_SENT}), total(output_tokens),"
        f" c.used FROM (SELECT * FROM conversations {where} ORDER BY used DESC, id DESC LIMIT ?) c"
        " LEFT JOIN turns t ON t.conversation = c.key GROUP BY c.key ORDER BY c.used DESC, c.id DESC",
        [*bound, limit],
    ).fetchall()
    return [
        Summary(name, _title(title), created, updated, turns, _whole(sent), _whole(received), used)
        for name, title, created, updated, turns, sent, received, used in rows
    ]


def find(db: sqlite3.Connection, beginning: str) -> list[str]:
    """Return at most ten ids with this prefix, in order."""
    if not beginning:
        return []
    rows = db.execute(
        "SELECT id FROM conversations WHERE id >= ?1 AND substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 10",
        (beginning,),
    )
    return [name for (name,) in rows]


def latest(db: sqlite3.Connection) -> str | None:
    """Return the id of the conversation last used, or None."""
    row = db.execute("SELECT id FROM conversations ORDER BY used DESC, id DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def _whole(figure: float) -> int:
    try:
        return int(figure)
    except (ValueError, OverflowError) as error:
        raise Damaged(str(error)) from None


def totals(db: sqlite3.Connection) -> Totals:
    """Return figures over all conversations."""
    count, alternatives, first = db.execute(
        "SELECT count(*), total(id GLOB ?), min(created) FROM conversations", (GLOB,)
    ).fetchone()
    alternatives = _whole(alternatives)
    turns, characters, sent, received = db.execute(
        f"SELECT count(*), total(characters), total({_SENT}), total(output_tokens) FROM turns"
    ).fetchone()
    count, turns = count - alternatives, turns - alternatives
    return Totals(count, turns, _whole(characters), _whole(sent), _whole(received), first)


def search(db: sqlite3.Connection, words: str, limit: int, *, fts5: bool) -> list[Hit]:
    """Search for words. Without FTS5 it is slower, and the newest turns come first."""
    from .text_index import shown_line, with_titles, words_of  # loaded only when something is searched

    wanted = words_of(repair_surrogates(words))
    if not wanted or limit < 1:
        return []
    rows = _matching(db, wanted, limit) if fts5 else _read_through(db, wanted, limit)
    hits = list[Hit]()
    for name, number, title, begun, question, text in rows:
        with suppress(Oversized):  # it is not shown; the others are
            texts = unpack(question)[:INDEXED], unpack(text)[:INDEXED]
            hits.append(Hit(Place(name, number), _title(title), begun, *shown_line(texts, wanted)))
    return with_titles(hits, _titled(db), wanted, limit)


def _titled(db: sqlite3.Connection) -> Iterator[tuple[Place, str, float, Callable[[], str]]]:
    """Yield of each conversation what `with_titles` needs, last used first."""
    rows = db.execute(
        "SELECT key, id, last, title, created FROM conversations ORDER BY used DESC, id DESC"
    ).fetchall()
    for key, name, last, title, created in rows:
        yield Place(name, last), _title(title), created, partial(_first_question, db, key)


def _first_question(db: sqlite3.Connection, key: int) -> str:
    row = db.execute(
        "SELECT question FROM turns WHERE conversation = ? ORDER BY number LIMIT 1", (key,)
    ).fetchone()
    with suppress(Oversized):
        return unpack(row[0]) if row is not None else ""
    return ""


def _title(column: object) -> str:
    """Decode a title; one that is too long is none, and does not keep the others from being listed."""
    try:
        return unpack(column, _TITLE_BYTES)
    except Oversized:
        return ""


_COLUMNS = "c.id, t.number, c.title, t.begun, t.question, t.text"


def _matching(db: sqlite3.Connection, wanted: list[str], limit: int) -> Iterator[tuple[Any, ...]]:
    """Match whole words first: they rank higher, and prefixes take longer."""
    found = _keys(db, " AND ".join(f'"{word}"' for word in wanted), limit)
    if len(found) < limit:
        more = _keys(db, " AND ".join(f'"{word}"*' for word in wanted), limit)
        found = list(dict.fromkeys([*found, *more]))[:limit]
    for key in found:
        yield from db.execute(
            f"SELECT {_COLUMNS} FROM turns t JOIN conversations c ON c.key = t.conversation WHERE t.key = ?",
            (key,),
        )


def _keys(db: sqlite3.Connection, query: str, limit: int) -> list[int]:
    """Return the turns that match, best first; if there are very many, the newest."""
    most = max(limit, _WEIGHED)
    newest = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"
    keys = [key for (key,) in db.execute(newest, (query, most + 1))]
    if len(keys) > most:
        return keys[:limit]
    best = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank, rowid DESC LIMIT ?"
    return [key for (key,) in db.execute(best, (query, limit))]


def _read_through(db: sqlite3.Connection, wanted: list[str], limit: int) -> Iterator[tuple[Any, ...]]:
    from .text_index import occurrences

    rows = db.execute(
        f"SELECT {_COLUMNS} FROM turns t JOIN conversations c ON c.key = t.conversation"
        " WHERE t.outcome IS NOT NULL ORDER BY t.key DESC"
    )
    for row in rows:
        if all(occurrences(f"{unpack(row[4])[:INDEXED]}\n{unpack(row[5])[:INDEXED]}", wanted)):
            yield row
            limit -= 1
            if not limit:
                return
