"""Figures on the edge of a reply: what the program and the network took apart, and the trace of retries."""

from __future__ import annotations

import pytest

from stream_core.core.deltas import Finished, Opened, Text, Usage, Waiting
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.terminal.rows.figures import reply_figures, retries_words, session_rows


def stats_of(*waits: int) -> ReplyStats:
    """A reply whose attempts with these numbers were waited for."""
    stats = ReplyStats(10.0)
    for attempt in waits:
        for left in (2.0, 1.0):
            stats.feed(Waiting("retry", attempt, 4, left, 10.5))
    stats.feed(Waiting("first_byte", max(waits, default=1), 4, 1.0, 10.6))
    stats.feed(Opened("m", "x", Usage(5, 0), None, 11.0))
    stats.feed(Text("hola", 0, 11.5))
    stats.feed(Finished("end_turn", Usage(5, 3), 12.5))
    return stats


@pytest.mark.parametrize(
    ("retries", "told"),
    [
        (0, ""),
        (1, "al 2.º intento, tras 1 espera"),
        (2, "al 3.er intento, tras 2 esperas"),
        (3, "al 4.º intento, tras 3 esperas"),
        (10, "al 11.º intento, tras 10 esperas"),
        (12, "al 13.er intento, tras 12 esperas"),
        (20, "al 21.er intento, tras 20 esperas"),
    ],
)
def test_which_attempt_it_was(retries: int, told: str) -> None:
    assert retries_words(retries) == told


def test_retries_leave_a_trace_on_the_edge() -> None:
    assert reply_figures(stats_of(2, 3), "gratis")[-2:] == ["al 3.er intento, tras 2 esperas", "gratis"]
    assert not any("intento" in figure for figure in reply_figures(stats_of()))


def test_retries_of_all_rounds_of_a_turn_count() -> None:
    assert ReplyStats.of_rounds([stats_of(2, 3), stats_of(2)]).retries == 3


def test_what_the_program_took_is_told_apart_from_the_first_token() -> None:
    stats = stats_of()
    stats.prepared = 0.84
    figures = reply_figures(stats)
    assert (figures[0], figures[-1]) == ("primer token 1.50 s", "preparación 0.84 s")
    stats.prepared = 0.01
    assert not any("preparación" in figure for figure in reply_figures(stats))


def test_what_a_person_took_to_decide_is_told_apart_from_the_total() -> None:
    stats = stats_of()
    assert stats.duration is not None
    whole = reply_figures(stats)
    stats.awaited = 0.5
    figures = reply_figures(stats)
    assert stats.working_time == stats.duration - 0.5 and "0.50 s esperándote" in figures
    assert figures[1] == f"total {stats.working_time:.2f} s" != whole[1]
    assert ReplyStats.of_rounds([stats, stats]).awaited == 1.0
    stats.awaited = 0.01
    assert not any("esperándote" in figure for figure in reply_figures(stats))


def test_the_session_adds_the_retries_up() -> None:
    session = SessionStats(0.0)
    assert "Reintentos" not in dict(session_rows(session, 1.0))
    for stats in (stats_of(2, 3), stats_of(), stats_of(2)):
        session.add(stats)
    assert dict(session_rows(session, 1.0))["Reintentos"] == "3 (en 2 respuestas)"
