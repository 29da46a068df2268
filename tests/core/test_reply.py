"""The reply as a fold over its deltas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.block_text import TextJoiner
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
from stream_core.core.errors import ConnectionLost, Overloaded, UsageError
from stream_core.core.reply import Reply

OPENED = Opened("msg_1", "claude-sonnet-5-5", Usage(input_tokens=9), "req_1", 1.0)
WORDS = st.text(st.characters(codec=None), max_size=5)

ENDINGS: list[Ending] = [
    Finished("end_turn", Usage(9, 4), 8.0),
    Cancelled(8.0),
    Failed(ConnectionLost(), 8.0),
]
PIECES = st.one_of(
    st.builds(Text, WORDS, st.integers(0, 3), st.just(2.0)),
    st.builds(Thinking, WORDS, st.integers(0, 3), st.just(2.0)),
    st.just(ToolInput("{}", 1, "toolu_1", "hora", 2.0)),
    st.just(BlockDone({"type": "text", "text": "x"}, 0, 2.0)),
    st.just(Unknown("novelty", 2.0)),
    st.just(Waiting("idle", 1, 1, 5.0, 2.0)),
)


def fed(*deltas: Delta) -> Reply:
    reply = Reply()
    for delta in deltas:
        reply.feed(delta)
    return reply


# -- outcomes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stop_reason", "outcome"),
    [
        ("end_turn", "complete"),
        ("stop_sequence", "complete"),
        ("tool_use", "complete"),
        ("pause_turn", "complete"),
        ("max_tokens", "max_tokens"),
        ("model_context_window_exceeded", "max_tokens"),
        ("refusal", "refused"),
        ("a_newer_reason", "complete"),
    ],
)
@pytest.mark.parametrize("clean", [True, False])
def test_the_outcome_of_a_finished_reply(stop_reason: str, outcome: str, clean: bool) -> None:
    reply = fed(OPENED, Text("a", 0, 2.0), Finished(stop_reason, Usage(9, 4), 3.0, clean=clean))
    assert (reply.outcome, reply.stop_reason) == (outcome, stop_reason)
    assert (reply.text, reply.usage, reply.error) == ("a", Usage(9, 4), None)


def test_the_outcome_of_what_did_not_finish() -> None:
    lost = Failed(ConnectionLost(), 3.0)
    assert fed().outcome is None
    assert fed(OPENED, Text("a", 0, 2.0)).outcome is None
    assert fed(Cancelled(3.0)).outcome == "cancelled"
    assert fed(OPENED, Text("a", 0, 2.0), Cancelled(3.0)).outcome == "cancelled"
    assert fed(lost).outcome == "error"
    assert fed(Waiting("first_byte", 1, 1, 2.0, 2.0), lost).outcome == "error"
    assert fed(OPENED, lost).outcome == "interrupted"
    assert fed(OPENED, Text("a", 0, 2.0), lost).outcome == "interrupted"


def test_a_reply_without_an_id_was_interrupted_too() -> None:
    nameless = Opened("", "local-model", Usage(), None, 1.0)
    assert fed(nameless, Thinking("Veamos", 0, 2.0), Failed(ConnectionLost(), 3.0)).outcome == "interrupted"


def test_an_unfinished_reply_has_no_stop_reason() -> None:
    for reply in (fed(), fed(OPENED), fed(Cancelled(3.0)), fed(Failed(Overloaded(), 3.0))):
        assert reply.stop_reason is None
        assert reply.stop_details is None


def test_a_refusal_brings_its_details() -> None:
    details = {"type": "refusal", "category": "cyber"}
    reply = fed(OPENED, Finished("refusal", Usage(), 3.0, stop_details=details))
    assert reply.stop_details == details


# -- what is kept -------------------------------------------------------------------------------


def test_a_reply_gathers_what_arrives() -> None:
    block = {"type": "text", "text": "Hola"}
    reply = fed(
        Waiting("first_byte", 1, 1, 2.0, 0.5),
        OPENED,
        Thinking("Ve", 0, 1.5),
        Thinking("amos", 0, 1.6),
        Text("Ho", 1, 2.0),
        Unknown("novelty", 2.1),
        Text("la", 1, 2.2),
        BlockDone(block, 1, 2.3),
        ToolInput("", 2, "toolu_1", "hora", 2.4),
    )
    assert (reply.message_id, reply.model, reply.request_id) == ("msg_1", "claude-sonnet-5-5", "req_1")
    assert (reply.text, reply.thinking, reply.blocks) == ("Hola", "Veamos", [block])
    assert reply.usage == Usage(input_tokens=9)
    assert reply.ending is None


def test_a_new_reply_is_empty() -> None:
    reply = Reply()
    assert (reply.text, reply.thinking, reply.blocks, reply.ending) == ("", "", [], None)
    assert (reply.message_id, reply.model, reply.request_id, reply.usage) == ("", "", None, Usage())


@given(st.lists(PIECES), st.sampled_from(ENDINGS), st.sets(st.integers(0, 20)))
def test_the_text_is_that_of_its_deltas_whenever_it_is_read(
    pieces: list[Delta], ending: Ending, reads: set[int]
) -> None:
    reply, joiner = fed(OPENED), TextJoiner()
    text = arrived = thinking = ""
    for n, delta in enumerate(pieces):
        reply.feed(delta)
        text += joiner.feed(delta)
        arrived += delta.text if isinstance(delta, Text) else ""
        thinking += delta.text if isinstance(delta, Thinking) else ""
        if n in reads:
            assert (reply.text, reply.thinking) == (text, thinking)
    reply.feed(ending)
    for _ in range(3):
        assert (reply.text, reply.arrived, reply.thinking) == (text, arrived, thinking)
    assert reply.blocks == [delta.block for delta in pieces if isinstance(delta, BlockDone)]
    assert reply.ending is ending


def test_text_read_again_is_not_joined_again() -> None:
    reply = fed(OPENED, *(Text("palabra ", 0, 2.0) for _ in range(100)))
    assert reply.text is reply.text


def test_a_second_opening_starts_anew() -> None:
    again = Opened("msg_2", "claude-opus-5-5", Usage(input_tokens=11), "req_2", 5.0)
    reply = fed(
        OPENED,
        Text("perdido", 0, 2.0),
        Thinking("perdido", 0, 2.0),
        BlockDone({"type": "text", "text": "perdido"}, 0, 2.0),
        Waiting("retry", 2, 3, 1.0, 3.0, Overloaded()),
        again,
        Text("bien", 0, 6.0),
    )
    assert (reply.text, reply.thinking, reply.blocks) == ("bien", "", [])
    assert (reply.message_id, reply.model, reply.request_id) == ("msg_2", "claude-opus-5-5", "req_2")
    assert reply.usage == Usage(input_tokens=11)


# -- endings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("late", [OPENED, Text("tarde", 0, 9.0), Unknown("novelty", 9.0), Cancelled(9.0)])
def test_nothing_comes_after_the_ending(ending: Ending, late: Delta) -> None:
    reply = fed(OPENED, Text("a", 0, 2.0), ending)
    with pytest.raises(UsageError, match="after the ending"):
        reply.feed(late)
    assert (reply.text, reply.ending) == ("a", ending)


def test_a_failure_can_be_raised() -> None:
    error = Overloaded(request_id="req_1", status=529)
    reply = fed(OPENED, Failed(error, 3.0))
    assert reply.error is error
    with pytest.raises(Overloaded) as raised:
        reply.raise_for_failure()
    assert raised.value is error


@pytest.mark.parametrize("ending", [None, Finished("refusal", Usage(), 3.0), Cancelled(3.0)])
def test_what_is_no_failure_raises_nothing(ending: Ending | None) -> None:
    reply = fed(OPENED) if ending is None else fed(OPENED, ending)
    reply.raise_for_failure()
    assert reply.error is None
