"""The groups of `stats` count alike, and each says what it is of."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Cancelled, Delta, Finished, Opened, Text, Usage
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.models.catalogue import BUILT_IN
from stream_core.models.cost import Spending
from stream_core.store.memory import MemoryStore
from stream_core.store.protocol import Totals
from stream_core.terminal.pages.stats_table import Counts, notes, rows, stats_table
from stream_core.terminal.rows.figures import NONE

MODEL = "claude-sonnet-5-5"
OPENED = Opened("m", MODEL, Usage(100, 3, 20, 7), None, 0.5)


def replies() -> list[list[Delta]]:
    return [
        [OPENED, Text("x" * 2450, 0, 1.0), Finished("end_turn", Usage(100, 57, 20, 7), 2.0)],
        [OPENED, Text("a medias", 0, 1.0), Cancelled(2.0)],
        [OPENED, Cancelled(2.0)],
    ]


def test_the_session_the_conversation_and_the_store_agree_on_the_same_replies() -> None:
    session, store, turns, place = SessionStats(0.0), MemoryStore(), list[Turn](), None
    for deltas in replies():
        reply, stats = Reply(), ReplyStats(0.0)
        for delta in deltas:
            reply.feed(delta)
            stats.feed(delta)
        session.add(stats)
        turn = Turn.of("¿Qué?", reply, model=MODEL)
        turns.append(turn)
        place = store.begin_turn(place.conversation if place else None, "¿Qué?", model=MODEL, at=1.0)
        store.end_turn(place, turn, at=2.0)
    here, now = Counts.of_turns(turns, None).cells(), Counts.of_session(session, None).cells()
    saved = Counts.of_store(store.totals(), None).cells()
    assert here == now
    assert all(one == other for one, other in zip(now, saved, strict=True) if other != NONE)
    assert now[2:4] == ("2,458", "1,229.0")


def test_no_cost_is_told_where_there_is_none() -> None:
    nothing = Counts(0, 0, 0, 0, 0)
    assert [row[0] for row in rows([nothing])][-1] == "Tokens de salida"
    spent = Counts(0, 0, 0, 0, 0, Spending(priced=1))
    assert rows([nothing, spent])[-1] == ("Gasto", NONE, "0 $")


def test_the_cost_of_a_conversation_is_an_estimate() -> None:
    turn = Turn("¿?", "a", "complete", MODEL, Usage(1_000_000, 0))
    assert Counts.of_turns([turn], BUILT_IN).cells()[-1].startswith("≈ ")


@pytest.mark.parametrize("width", [100, 60, 57])
def test_the_table_fits_the_window(width: int) -> None:
    file = io.StringIO()
    group = Counts(1_234, 1_234, 1_234_567, 1_234_567, 123_456)
    Console(file=file, width=width).print(stats_table([group, group, group], width))
    assert all(len(line.rstrip()) <= width for line in file.getvalue().splitlines())
    assert file.getvalue().count("1,234,567") == 6


def test_what_was_not_counted_and_since_when_is_told() -> None:
    session, cut = SessionStats(0.0), Turn("¿?", "a med", "cancelled", MODEL)
    assert notes([], session, None) == []
    session.uncounted = 1
    before = notes([cut], session, Totals(12, first=0.0))[0]
    assert before == "La API no llegó a contar todos los tokens de 1 respuesta que no terminó."
    assert notes([cut], session, Totals(12, first=86_400.0 * 400))[1].startswith(
        "12 conversaciones guardadas desde el "
    )


def test_a_reopened_conversation_still_says_what_was_not_counted() -> None:
    cut, whole = Turn("¿?", "a med", "cancelled", MODEL), Turn("¿?", "entera", "complete", MODEL)
    nothing = Turn("¿?", "", "cancelled", MODEL)
    assert notes([whole, nothing], SessionStats(0.0), None) == []
    (told,) = notes([whole, cut, nothing], SessionStats(0.0), None)
    assert told == "La API no llegó a contar todos los tokens de 1 respuesta que no terminó."
    (told,) = notes([cut], SessionStats(0.0, uncounted=2), None)
    assert told.endswith("de 2 respuestas que no terminaron (1 en esta conversación, 2 en esta sesión).")
