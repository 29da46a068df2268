"""Search by PostgreSQL's own full text: whole words first, then beginnings, then Spanish stems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from stream_core.store.protocol import INDEXED, TITLE, Hit, Place
from stream_core.store.text_index import shown_line, with_titles, words_of

from .schema import SCHEMA
from .session import Database
from .text_codec import unpack

_WEIGHED = 500  # of more matches the newest are taken: ranking all of them takes too long
_MOST_WORDS = 40


def search(db: Database, words: str, limit: int) -> list[Hit]:
    """Return the turns that contain all these words, best match first."""
    wanted = [word[:500] for word in words_of(words)][:_MOST_WORDS]
    if not wanted or limit < 1:
        return []
    stems = _stems(db, wanted)
    keys = list[int]()
    for query, bound in _queries(wanted, stems):
        if len(keys) < limit:
            rows = db.execute(
                f"SELECT {SCHEMA}.matching({query}, %s, %s)",
                (*bound, max(limit, _WEIGHED), limit),
            ).fetchall()
            keys = list(dict.fromkeys([*keys, *(int(key) for (key,) in rows)]))[:limit]
    found = {hit_key: hit for hit_key, hit in _hits(db, keys, [*wanted, *filter(None, stems)])}
    return with_titles([found[key] for key in keys if key in found], _titled(db), wanted, limit)


def _titled(db: Database) -> Iterator[tuple[Place, str, float, Callable[[], str]]]:
    """Yield of each conversation what `with_titles` needs, last used first."""
    rows = db.execute(
        f"SELECT c.id, c.last, c.title, c.created, (SELECT left(t.question, %s) FROM {SCHEMA}.turns t"
        f" WHERE t.conversation = c.key ORDER BY t.number LIMIT 1) FROM {SCHEMA}.conversations c"
        " ORDER BY c.used DESC, c.id DESC",
        (TITLE,),
    ).fetchall()
    for name, last, title, created, question in rows:
        first = unpack(question) if question else ""
        yield Place(unpack(name), last), unpack(title), created, partial(str, first)


def _queries(wanted: Sequence[str], stems: Sequence[str | None]) -> Iterator[tuple[str, Sequence[str]]]:
    plain = f"to_tsquery('{SCHEMA}.plain', %s)"
    yield plain, [" & ".join(wanted)]
    yield plain, [" & ".join(f"{word}:*" for word in wanted)]
    if any(stems):
        parts, bound = list[str](), list[str]()
        for word, stem in zip(wanted, stems, strict=True):
            parts.append(f"({plain} || %s::tsquery)" if stem else plain)
            bound += [f"{word}:*", f"'{stem}'"] if stem else [f"{word}:*"]
        yield f"({' && '.join(parts)})", bound


def _stems(db: Database, wanted: Sequence[str]) -> list[str | None]:
    """The Spanish stem of each word; None for a stop word, whose stem is no word of the index."""
    rows = db.execute(
        "SELECT (ts_lexize('pg_catalog.spanish_stem', word))[1] FROM unnest(%s::text[]) WITH ORDINALITY"
        " AS given(word, place) ORDER BY place",
        (list(wanted),),
    ).fetchall()
    return [stem if isinstance(stem, str) and stem.isalnum() else None for (stem,) in rows]


def _hits(db: Database, keys: Sequence[int], shown: Sequence[str]) -> Iterator[tuple[int, Hit]]:
    rows = db.execute(
        "SELECT t.key, c.id, t.number, c.title, t.begun, left(t.question, %s), left(t.text, %s)"
        f" FROM {SCHEMA}.turns t JOIN {SCHEMA}.conversations c ON c.key = t.conversation"
        " WHERE t.key = ANY(%s) AND NOT EXISTS ("
        f"SELECT 1 FROM {SCHEMA}.conversations mine WHERE mine.id = c.id"
        " AND mine.owner = (session_user)::text AND mine.key <> c.key)",
        (INDEXED, INDEXED, list(keys)),
    ).fetchall()
    for key, name, number, title, begun, question, text in rows:
        texts = unpack(question), unpack(text)
        yield int(key), Hit(Place(unpack(name), number), unpack(title), begun, *shown_line(texts, shown))
