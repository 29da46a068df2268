"""Deviations told to a person."""

from __future__ import annotations

from support.wire import body, playing, read_sync

from stream_core.core.deltas import Finished, Usage
from stream_core.core.deviations import DEVIATIONS, MAY_MISS
from stream_core.core.reply import Reply
from stream_core.texts.deviations_es import deviations_line, missing_note
from stream_core.texts.outcomes_es import outcome_note


def test_each_code_has_its_words() -> None:
    assert deviations_line(()) == ""
    for code in DEVIATIONS:
        told = deviations_line([code])
        assert (
            code not in told
            and told.startswith("El servidor se apartó del protocolo: ")
            and told.endswith(".")
        )
    assert deviations_line(["index", "value"]).count(";") == 1


def test_only_what_may_miss_something_is_told_of_a_reply_that_is_complete() -> None:
    for code in DEVIATIONS:
        assert (missing_note([code]) is not None) == (code in MAY_MISS)
    reply = Reply()
    reply.feed(Finished("tool_use", Usage(), 1.0, deviations=("index", "no_usage")))
    assert outcome_note(reply) is None


def test_a_reply_without_a_stop_reason_says_so() -> None:
    data = (
        b'data: {"type": "message_start", "message": {"id": "m"}}\n\n'
        b'data: {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hola"}}\n\n'
        b'data: {"type": "content_block_stop"}\n\ndata: {"type": "message_stop"}\n\n'
    )
    with playing(body(data)) as server:
        reply = read_sync(server.base_url).reply
    assert reply.outcome == "complete" and reply.text == "Hola"
    assert outcome_note(reply) == "Puede que falte algo de la respuesta: no dijo por qué paró."
