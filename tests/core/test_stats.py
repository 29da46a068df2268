"""Figures from made timestamps."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Delta,
    Ending,
    Failed,
    Finished,
    Opened,
    Text,
    Thinking,
    ToolInput,
    Unknown,
    Usage,
    Waiting,
)
from stream_core.core.errors import ConnectionLost
from stream_core.core.frame_stats import FrameStats
from stream_core.core.stats import ReplyStats, SessionStats, percentile

OPENED = Opened("msg_1", "claude-sonnet-5-5", Usage(10, 1, 20, 30), "req_1", 100.5)


def fed(*deltas: Delta, started: float = 100.0) -> ReplyStats:
    stats = ReplyStats(started)
    for delta in deltas:
        stats.feed(delta)
    return stats


def whole_reply() -> ReplyStats:
    """Thinks first, then answers: 12 tokens in the 4 seconds since its first piece."""
    return fed(
        Waiting("first_byte", 1, 1, 0.25, 100.25),
        OPENED,
        Thinking("Veamos", 0, 101.0),
        BlockDone({"type": "thinking"}, 0, 101.25),
        Text("¡Hola", 1, 102.0),
        Unknown("novelty", 102.25),
        Text("!", 1, 102.5),
        ToolInput("", 2, "toolu_1", "hora", 104.5),
        Finished("tool_use", Usage(10, 12, 20, 30), 105.0),
    )


# -- one reply ----------------------------------------------------------------------------------


def test_the_figures_of_a_whole_reply() -> None:
    stats = whole_reply()
    assert stats.time_to_first_token == 1.0
    assert stats.time_to_first_text == 2.0
    assert stats.duration == 5.0
    assert stats.generation_time == 4.0
    assert stats.tokens_per_second == 3.0
    assert list(stats.gaps) == [1.0, 0.5, 2.0]
    assert (stats.deltas, stats.characters) == (4, 6)
    assert stats.usage == Usage(10, 12, 20, 30)
    assert stats.complete


def test_before_anything_came_there_are_no_figures() -> None:
    for stats in (fed(), fed(OPENED), fed(Waiting("idle", 1, 1, 5.0, 105.0))):
        assert stats.time_to_first_token is None
        assert stats.time_to_first_text is None
        assert stats.duration is None
        assert stats.generation_time is None
        assert stats.tokens_per_second is None
        assert (stats.deltas, stats.characters, list(stats.gaps), stats.complete) == (0, 0, [], False)


def test_while_a_reply_is_under_way_its_length_is_not_known() -> None:
    stats = fed(OPENED, Text("a", 0, 101.0))
    assert (stats.time_to_first_token, stats.time_to_first_text) == (1.0, 1.0)
    assert (stats.duration, stats.generation_time, stats.tokens_per_second) == (None, None, None)
    assert stats.usage == OPENED.usage


@pytest.mark.parametrize("ending", [Cancelled(103.0), Failed(ConnectionLost(), 103.0)])
def test_a_partial_reply_has_times_but_no_speed(ending: Ending) -> None:
    stats = fed(OPENED, Text("abc", 0, 101.0), ending)
    assert (stats.duration, stats.generation_time, stats.tokens_per_second) == (3.0, 2.0, None)
    assert (stats.complete, stats.characters) == (False, 3)
    assert stats.usage == OPENED.usage


def test_a_reply_that_came_in_one_instant_has_no_speed() -> None:
    stats = fed(OPENED, Text("abc", 0, 101.0), Finished("end_turn", Usage(10, 3), 101.0))
    assert (stats.generation_time, stats.tokens_per_second) == (0.0, None)


def test_a_reply_without_content_has_a_duration_only() -> None:
    stats = fed(OPENED, Finished("end_turn", Usage(10, 0), 101.0))
    assert (stats.duration, stats.generation_time, stats.tokens_per_second) == (1.0, None, None)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_the_gaps_lie_between_the_pieces(steps: list[int]) -> None:
    at, deltas = 100.0, []
    for step in steps:
        at += step
        deltas.append(Text("ab", 0, at))
    stats = fed(OPENED, *deltas, Finished("end_turn", Usage(10, 7), at + 1))
    assert list(stats.gaps) == steps[1:]
    assert stats.time_to_first_token == steps[0]
    assert stats.deltas == len(steps)
    assert stats.characters == 2 * len(steps)
    assert stats.duration == sum(steps) + 1
    assert stats.tokens_per_second == 7 / (sum(steps[1:]) + 1)


def test_the_time_of_thinking_that_is_not_shown_counts_with_its_tokens() -> None:
    hidden = BlockDone({"type": "thinking", "thinking": "", "signature": "s"}, 0, 105.0)
    stats = fed(
        OPENED, hidden, Text("a", 1, 105.0), Text("b", 1, 106.0), Finished("end_turn", Usage(60, 55), 106.0)
    )
    assert stats.generation_time == 106.0 - OPENED.at
    assert stats.time_to_first_token == 105.0 - stats.started


def test_what_lies_between_rounds_is_no_time_of_writing() -> None:
    first = fed(OPENED, Text("a", 0, 101.0), ToolInput("{}", 1, "t", "x", 102.0), started=100.0)
    first.feed(Finished("tool_use", Usage(60, 10), 150.0))  # a person thought about a question
    second = fed(
        Text("b", 0, 151.0), Text("c", 0, 153.0), Finished("end_turn", Usage(60, 20), 153.0), started=150.0
    )
    whole = ReplyStats.of_rounds([first, second])
    assert whole.generation_time == 1.0 + 2.0 and whole.tokens_per_second == 30 / 3.0
    assert whole.duration == 53.0


def test_of_a_turn_that_was_cut_the_rounds_that_were_complete_are_counted() -> None:
    first = fed(OPENED, Text("a", 0, 101.0), Finished("tool_use", Usage(60, 10), 102.0))
    second = fed(OPENED, Text("b", 0, 103.0), Cancelled(104.0))
    session = SessionStats(50.0)
    session.add(ReplyStats.of_rounds([first, second]))
    assert (session.output_tokens, session.uncounted) == (10, 1)


# -- a session ----------------------------------------------------------------------------------


def test_a_new_session_has_no_figures() -> None:
    session = SessionStats(50.0)
    assert (session.user_messages, session.replies, session.characters, session.uncounted) == (0, 0, 0, 0)
    assert (session.average_characters, session.tokens_per_second) == (0.0, None)
    assert (session.first_tokens, list(session.gaps)) == ([], [])
    assert session.elapsed(61.5) == 11.5


def test_a_session_adds_up_its_replies() -> None:
    session = SessionStats(50.0)
    session.add(whole_reply())
    session.add(
        fed(
            Opened("msg_2", "m", Usage(5), None, 200.5),
            Text("Adiós", 0, 200.5),
            Text("", 0, 201.5),
            Finished("end_turn", Usage(5, 8), 201.5),
            started=200.0,
        )
    )
    assert (session.user_messages, session.replies) == (2, 2)
    assert (session.characters, session.average_characters) == (11, 5.5)
    assert session.first_tokens == [1.0, 0.5]
    assert list(session.gaps) == [1.0, 0.5, 2.0, 1.0]
    assert (session.input_tokens, session.output_tokens) == (65, 20)
    assert session.uncounted == 0
    assert session.tokens_per_second == (12 + 8) / (4.0 + 1.0)


@pytest.mark.parametrize("ending", [Cancelled(103.0), Failed(ConnectionLost(), 103.0)])
def test_a_partial_reply_counts_but_its_tokens_do_not(ending: Ending) -> None:
    session = SessionStats(50.0)
    session.add(fed(OPENED, Text("abc", 0, 101.0), Text("d", 0, 101.5), ending))
    assert (session.user_messages, session.replies, session.characters) == (1, 1, 4)
    assert (session.input_tokens, session.output_tokens, session.uncounted) == (60, 0, 1)
    assert (session.first_tokens, list(session.gaps)) == ([1.0], [0.5])
    assert session.tokens_per_second is None


def test_what_goes_on_with_a_reply_is_part_of_it() -> None:
    session = SessionStats(50.0)
    session.add(fed(OPENED, Text("Érase una", 0, 101.0), Cancelled(103.0)), characters=9)
    session.add(fed(OPENED, Text("una vez", 0, 101.0), Cancelled(103.0)), asked=False, characters=4)
    assert (session.user_messages, session.replies, session.characters) == (1, 1, 13)


def test_a_reply_that_began_elsewhere_or_without_text_counts_once_when_it_goes_on() -> None:
    session = SessionStats(50.0)
    part = fed(OPENED, Text("una vez", 0, 101.0), Cancelled(103.0))
    session.add(part, asked=False)  # of a conversation that was opened again
    session.add(part, asked=False)
    assert (session.user_messages, session.replies, session.characters) == (0, 1, 14)
    session.add(fed(OPENED, Cancelled(103.0)))
    session.add(part, asked=False)
    assert (session.user_messages, session.replies, session.characters) == (1, 2, 21)


def test_thinking_that_was_cut_off_is_uncounted_but_no_reply() -> None:
    session = SessionStats(50.0)
    session.add(fed(OPENED, Thinking("Veamos", 0, 101.0), Cancelled(103.0)))
    assert (session.user_messages, session.replies, session.uncounted) == (1, 0, 1)


def test_a_message_that_got_nothing_is_only_a_message() -> None:
    session = SessionStats(50.0)
    session.add(fed(Failed(ConnectionLost(), 103.0)))
    assert (session.user_messages, session.replies, session.uncounted) == (1, 0, 0)
    assert (session.input_tokens, session.output_tokens, session.first_tokens) == (0, 0, [])
    assert session.average_characters == 0.0


def test_sessions_share_nothing() -> None:
    one, other = SessionStats(0.0), SessionStats(0.0)
    one.add(whole_reply())
    assert (other.first_tokens, list(other.gaps)) == ([], [])


# -- percentiles --------------------------------------------------------------------------------


def test_percentiles_by_nearest_rank() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]
    assert [percentile(hundred, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]
    assert percentile([15, 20, 35, 40, 50], 0.3) == 20
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([2.0, 1.0], 0.5) == 1.0
    assert percentile([7.0], 0.95) == 7.0
    assert percentile(iter([1.0, 2.0]), 0.95) == 2.0
    assert percentile([], 0.5) is None


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=300), st.sampled_from([50, 90, 95, 99]))
def test_a_percentile_is_the_value_of_its_rank(values: list[float], percent: int) -> None:
    rank = math.ceil(Fraction(percent, 100) * len(values))
    assert percentile(values, percent / 100) == sorted(values)[rank - 1]


# -- frames ------------------------------------------------------------------------------------


def test_how_deltas_came_onto_the_screen() -> None:
    assert FrameStats().deltas_per_frame is None
    frames = FrameStats()
    frames.drawn([1.0, 1.5], 2.0)
    frames.drawn([], 3.0)  # a frame in which only the clock went on
    other = FrameStats()
    other.drawn([4.0], 4.25)
    frames.add(other)
    assert (frames.frames, frames.deltas, frames.deltas_per_frame) == (2, 3, 1.5)
    assert list(frames.waits) == [1.0, 0.5, 0.25]
