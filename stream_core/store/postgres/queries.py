"""Queries over conversations. Functions over a connection; they raise psycopg.Error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stream_core.store.alternatives import REGULAR
from stream_core.store.protocol import Summary, Totals
from stream_core.store.row_mapping import TURN

from .rows import MINE
from .schema import SCHEMA
from .session import Database
from .text_codec import pack, unpack

_SENT = "t.input_tokens + t.cache_creation_input_tokens + t.cache_read_input_tokens"
_NO_OWN_COPY = (
    f"({MINE} OR NOT EXISTS (SELECT 1 FROM {SCHEMA}.conversations mine"
    " WHERE mine.id = c.id AND mine.owner = (session_user)::text))"
)


def turns_after(db: Database, key: int | None, number: int, most: int) -> list[tuple[Any, ...]]:
    """Return the columns of the turns of a conversation after this number, each with its own number."""
    return db.execute(
        f"SELECT {TURN}, t.number FROM {SCHEMA}.turns t WHERE t.conversation = %s AND t.number > %s"
        " ORDER BY t.number LIMIT %s",
        (key, number, most),
    ).fetchall()


def conversations(db: Database, limit: int, before: Summary | None) -> list[Summary]:
    """Return a page of conversations, last used first, those that others share among them."""
    where, bound = "", list[Any]()
    if before is not None:
        where, bound = "AND (c.used, c.id) < (%s, %s)", [before.used, pack(before.id)]
    found = db.execute(
        f"SELECT c.id, c.title, c.created, c.updated, count(t.key), coalesce(sum({_SENT}), 0),"
        " coalesce(sum(t.output_tokens), 0), c.used,"
        f" CASE WHEN NOT ({MINE}) THEN c.owner END, c.shared"
        f" FROM (SELECT * FROM {SCHEMA}.conversations c WHERE {_NO_OWN_COPY} {where}"
        " ORDER BY c.used DESC, c.id DESC LIMIT %s) c"
        f" LEFT JOIN {SCHEMA}.turns t ON t.conversation = c.key"
        " GROUP BY c.key, c.id, c.title, c.created, c.updated, c.used, c.owner, c.shared"
        " ORDER BY c.used DESC, c.id DESC",
        [*bound, limit],
    ).fetchall()
    return [_summary(row) for row in found]


def _summary(row: Sequence[Any]) -> Summary:
    name, title, created, updated, turns, sent, received, used, owner, shared = row
    return Summary(
        unpack(name), unpack(title), created, updated, turns, int(sent), int(received), used, owner, shared
    )


def find(db: Database, beginning: str) -> list[str]:
    """Return at most ten ids with this prefix, in order."""
    if not beginning:
        return []
    begin = pack(beginning)
    found = db.execute(
        f"SELECT DISTINCT id FROM {SCHEMA}.conversations WHERE id >= %s AND starts_with(id, %s)"
        " ORDER BY id LIMIT 10",
        (begin, begin),
    ).fetchall()
    return [unpack(name) for (name,) in found]


def latest(db: Database) -> str | None:
    """Return the id of the own conversation last used, or None."""
    row = db.execute(
        f"SELECT id FROM {SCHEMA}.conversations c WHERE {MINE} ORDER BY used DESC, id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else unpack(row[0])


def totals(db: Database) -> Totals:
    """Return figures over all own conversations."""
    count = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE id ~ %s), min(created)"
        f" FROM {SCHEMA}.conversations c WHERE {MINE}",
        (REGULAR,),
    ).fetchone()
    sums = db.execute(
        f"SELECT count(*), coalesce(sum(characters), 0), coalesce(sum({_SENT}), 0),"
        f" coalesce(sum(output_tokens), 0) FROM {SCHEMA}.turns t WHERE t.owner = (session_user)::text"
    ).fetchone()
    assert count is not None and sums is not None
    turns, characters, sent, received = map(int, sums)
    alternatives = int(count[1])
    own = int(count[0]) - alternatives
    return Totals(own, turns - alternatives, characters, sent, received, count[2])
