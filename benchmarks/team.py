"""The store of a team: a real PostgreSQL, filled by several people, and what a search and a save take."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .table import Row, at

if TYPE_CHECKING:
    from support.postgres import Server

sys.path.append(
    str(Path(__file__).resolve().parent.parent / "tests")
)  # the server is started as its tests do

TURNS = 100_000
PEOPLE = 2  # who share them; one of them searches
SEARCHES = 200
SAVES = 300
_VOCABULARY = 8_000
_WORDS = 60  # of a turn


def run() -> list[Row]:
    """Every figure; without PostgreSQL, a row that says so."""
    from support import postgres

    if reason := postgres.missing():
        return [Row("the store of a team", reason, "-", None)]
    server = postgres.Server(durable=True)
    try:
        server.set_up()
        words = _fill(server)
        return [_search(server, words), _save(server)]
    finally:
        server.stop()


def _fill(server: Server) -> list[str]:
    """Fill it with turns of random words, frequent as in a language (Zipf); returns them, frequent first."""
    import psycopg
    from support.postgres import PEOPLE as names

    chance = random.Random(4)
    syllables = [a + b for a in "bcdfglmnprstv" for b in "aeiou"]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(_VOCABULARY)]
    weights = [1 / (rank + 1) for rank in range(_VOCABULARY)]
    batch = 500
    for begin in range(0, TURNS // PEOPLE, batch):
        for person in names[:PEOPLE]:  # in turns, as people talk
            with psycopg.connect(server.url(person)) as db, db.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO stream_core.conversations(id, title, created, updated)"
                    " VALUES(%s, 'título', 0, 0) RETURNING key",
                    (f"{person}{begin}",),
                )
                (key,) = cursor.fetchone() or (0,)
                texts = [" ".join(chance.choices(words, weights, k=_WORDS)) for _ in range(batch)]
                cursor.executemany(
                    "INSERT INTO stream_core.turns(conversation, number, begun, ended, outcome, model,"
                    " question, text, words) VALUES(%s, %s, 0, 0, 'complete', 'm', 'pregunta', %s,"
                    " setweight(to_tsvector('stream_core.plain', %s), 'A')"
                    " || setweight(to_tsvector('stream_core.spanish', %s), 'D'))",
                    [(key, number, text, text, text) for number, text in enumerate(texts, 1)],
                )
    server.admin("VACUUM ANALYZE")
    return words


def _search(server: Server, words: list[str]) -> Row:
    from stream_core.store.postgres.store import PostgresStore

    chance = random.Random(5)
    store = PostgresStore(server.url("ana"))
    took = []
    for number in range(SEARCHES):
        place = int(len(words) ** chance.random())  # frequent and rare ones alike
        wanted = words[min(place, len(words) - 1)]
        if number % 3 == 1:
            wanted = wanted[:4]  # the beginning of a word
        if number % 3 == 2:
            wanted += f" {words[chance.randrange(50)]}"
        before = time.perf_counter()
        store.search(wanted, limit=20)
        took.append(1000 * (time.perf_counter() - before))
    store.close()
    middle, most = at(took, 0.5), at(took, 0.95)
    measured = f"p50 {middle:.1f}, p95 {most:.1f}, worst {max(took):.1f} ms"
    return Row(f"search among {TURNS:,} turns of {PEOPLE} people", measured, "p95 <= 50 ms", most <= 50)


def _save(server: Server) -> Row:
    from stream_core.core.conversation import Turn
    from stream_core.store.postgres.store import PostgresStore

    store = PostgresStore(server.url("ana"))
    turn = Turn("¿Qué?", "una respuesta " * 100, "complete", "m")
    took = []
    name = None
    for _ in range(SAVES):
        before = time.perf_counter()
        place = store.begin_turn(name, turn.question, model="m", at=1.0)
        took.append(1000 * (time.perf_counter() - before))
        name = place.conversation
        store.append(place, "una respuesta", at=2.0)
        store.end_turn(place, turn, at=3.0)
    store.close()
    measured = f"p50 {at(took, 0.5):.1f}, p95 {at(took, 0.95):.1f} ms"
    return Row("saving a question before it is sent", measured, "-", None)
