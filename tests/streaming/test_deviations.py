"""What compatible servers do otherwise than the API: all that arrived is in the reply, once, in order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from support.events import Event, close, piece, text, thought, tool_json
from support.fixed_answer import always
from support.replies import Read, read
from support.wire import REQUEST, body, playing

from stream_core import Cancelled, Failed, Finished, Opened, Unknown, fetch_reply, open_client
from stream_core.core import errors
from stream_core.core.deltas import Usage
from stream_core.core.deviations import DEVIATIONS
from stream_core.practice.script import Hang, Head, Send, Step
from stream_core.streaming import event_loop

__all__ = ["read"]  # the fixture that gives both shells

START: Event = {
    "type": "message_start",
    "message": {"id": "m1", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 3}},
}
STOP: Event = {"type": "message_stop"}
TEXT: Event = {"type": "text", "text": ""}


def begin(index: Any = 0, block: Any = None) -> Event:
    return {"type": "content_block_start", "index": index, "content_block": TEXT if block is None else block}


def reason(why: Any = "end_turn", **more: Any) -> Event:
    return {"type": "message_delta", "delta": {"stop_reason": why}, "usage": {"output_tokens": 7}, **more}


def call(tool_id: Any = "t1", **more: Any) -> Event:
    return {"type": "tool_use", "id": tool_id, "name": "sumar", "input": {}, **more}


def less(event: Event, *names: str) -> Event:
    return {key: value for key, value in event.items() if key not in names}


def sse(*events: Event, named: bool = True) -> bytes:
    """The events of an event stream, as the API sends them."""
    name = b"event: %s\n" if named else b"%.0s"
    return b"".join(
        name % str(event.get("type")).encode() + b"data: %s\n\n" % json.dumps(event).encode()
        for event in events
    )


END = (close(), reason(), STOP)
HOLA = (START, begin(), text("Ho"), text("la"))
WHOLE = (*HOLA, *END)
HOLA_BLOCK = {"type": "text", "text": "Hola"}
MESSAGE: Event = {
    "id": "m1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [HOLA_BLOCK],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 7},
}


@dataclass(frozen=True)
class Case:
    """A body and what becomes of it."""

    data: bytes
    codes: set[str]
    text: str = "Hola"
    blocks: tuple[Event, ...] | None = (HOLA_BLOCK,)
    stop_reason: str = "end_turn"
    usage: Usage = Usage(3, 7)  # noqa: RUF009 -- a frozen value


def with_index(index: Any) -> tuple[Event, ...]:
    return tuple({**event, "index": index} if "index" in event else event for event in WHOLE)


def lines(*events: Event) -> bytes:
    return b"".join(b"data: %s\n" % json.dumps(event).encode() for event in events)


def no_usage(*events: Event) -> tuple[Event, ...]:
    message = less(START["message"], "usage")
    return tuple(
        {**START, "message": message} if event is START else less(event, "usage") for event in events
    )


FRAMING = {
    "no-name": Case(sse(*WHOLE, named=False), {"event_name"}),
    "empty-name": Case(sse(*WHOLE).replace(b"event: content_block_delta", b"event:"), {"event_name"}),
    "wrong-name": Case(sse(*WHOLE).replace(b"event: content_block_delta", b"event: other"), {"event_name"}),
    "ping-with-content": Case(
        sse(*WHOLE).replace(b"event: content_block_delta", b"event: ping"), {"event_name"}
    ),
    "error-with-content": Case(
        sse(*WHOLE).replace(b"event: content_block_delta", b"event: error"), {"event_name"}
    ),
    "no-type": Case(sse(*WHOLE).replace(b'"type": "content_block_delta", ', b""), set()),
    "neither-name-nor-type": Case(
        sse(*WHOLE)
        .replace(b"event: content_block_delta\n", b"")
        .replace(b'"type": "content_block_delta", ', b""),
        {"event_name"},
    ),
    "a-data-line-each": Case(lines(*WHOLE), {"event_name", "joined_events", "unfinished_event"}),
    "no-blank-lines": Case(sse(*WHOLE).replace(b"\n\n", b"\n"), {"joined_events", "unfinished_event"}),
    "several-data-lines": Case(
        b"".join(
            b"".join(b"data: %s\n" % line.encode() for line in json.dumps(event, indent=1).splitlines())
            + b"\n"
            for event in WHOLE
        ),
        {"event_name"},
    ),
    "last-blank-line-missing": Case(sse(*WHOLE)[:-2], {"unfinished_event"}),
    "done": Case(sse(*WHOLE) + b"data: [DONE]\n\n", set()),
    "done-as-event": Case(sse(*WHOLE[:-1]) + b"event: data\ndata: [DONE]\n\n" + sse(STOP), {"done_marker"}),
    "done-for-an-end": Case(sse(*WHOLE[:-1]) + b"data: [DONE]\n\n", {"done_marker", "no_message_stop"}),
    "done-without-a-reason": Case(
        sse(*HOLA, close()) + b"data: [DONE]\n\n",
        {"done_marker", "no_message_stop", "no_stop_reason"},
        usage=Usage(3),
    ),
    "done-without-a-block-begun": Case(
        sse(START, text("Ho"), text("la")) + b"data: [DONE]\n\n",
        {"done_marker", "no_block_start", "no_block_stop", "no_message_stop", "no_stop_reason"},
        usage=Usage(3),
    ),
    "done-as-message-stop": Case(
        sse(*WHOLE[:-1]) + b"event: message_stop\ndata: [DONE]\n\n", {"done_marker"}
    ),
    "heartbeats": Case(
        b": hi\n\nevent: ping\ndata:\n\ndata:\n\n"
        + sse(*HOLA)
        + b"event: heartbeat\ndata: 12:00\n\n: x\n\n"
        + sse({"type": "ping"}, *END)
        + b": bye\n\n",
        {"not_json"},
    ),
    "unknown-event-that-is-not-json": Case(
        sse(*HOLA) + b"event: metrics\ndata: tokens=3\n\n" + sse(*END), {"not_json"}
    ),
    "bad-utf8": Case(sse(*WHOLE) + b": \xff\n\n", set()),
    "cut-after-the-end": Case(sse(*WHOLE) + b'event: x\ndata: {"a', set()),
    "cut-before-the-stop": Case(
        sse(*WHOLE[:-1]) + b'event: message_stop\ndata: {"ty', {"cut_event", "no_message_stop"}
    ),
    "bare-deltas": Case(
        sse(START, begin(), {"type": "text_delta", "text": "Ho"}, {"type": "text_delta", "text": "la"}, *END),
        {"bare_delta", "index"},
    ),
    "lines-of-json": Case(
        b"".join(json.dumps(event).encode() + b"\n" for event in WHOLE)[:-1], {"json_lines"}
    ),
    "a-list-of-events": Case(json.dumps(WHOLE).encode(), {"json_lines"}),
    "a-whole-message": Case(
        json.dumps(MESSAGE, indent=1).encode(),
        {"whole_message"},
    ),
    "a-whole-message-with-a-text": Case(
        json.dumps({"type": "message", "content": "Hola"}).encode(),
        {"whole_message", "no_stop_reason", "no_usage"},
        usage=Usage(),
    ),
    "lines-without-blanks-nor-a-last-line-end": Case(
        lines(*WHOLE)[:-1], {"event_name", "joined_events", "unfinished_event"}
    ),
    "fields-in-another-spelling": Case(sse(*WHOLE).replace(b"data: ", b" Data:"), set()),
    "a-byte-order-mark-amidst": Case(
        sse(*WHOLE).replace(b"data: ", b"\xef\xbb\xbfdata: \xef\xbb\xbf"), {"loose_json"}
    ),
    "an-empty-line-of-data": Case(sse(*WHOLE).replace(b"\n\n", b"\ndata:\n\n"), set()),
    "lines-without-data": Case(sse(*WHOLE).replace(b"data: ", b""), {"json_lines"}),
    "a-list-an-event": Case(
        b"".join(b"data: [%s]\n\n" % json.dumps(event).encode() for event in WHOLE), {"joined_events"}
    ),
    "line-ends-within-the-json": Case(
        sse(START, begin(), text("Ho@la"), *END).replace(b"@", b"\ndata: "),
        {"loose_json"},
        "Ho\nla",
        ({**TEXT, "text": "Ho\nla"},),
    ),
    "null-for-a-stop": Case(sse(*WHOLE[:-1]) + b"event: message_stop\ndata: null\n\n", set()),
    "done-in-quotes": Case(sse(*WHOLE[:-1]) + b'data: "[DONE]"\n\n', {"done_marker", "no_message_stop"}),
    "bare-delta-with-its-kind-as-name": Case(
        sse(START, begin()) + b'event: text_delta\ndata: {"text": "Hola"}\n\n' + sse(*END),
        {"bare_delta", "index"},
    ),
    "a-whole-message-as-an-event": Case(b"data: %s\n\n" % json.dumps(MESSAGE).encode(), {"whole_message"}),
    "a-whole-message-within-an-event": Case(sse({"type": "message", "message": MESSAGE}), {"whole_message"}),
    "a-whole-message-in-a-list": Case(json.dumps([MESSAGE]).encode(), {"json_lines", "whole_message"}),
    "a-whole-message-that-sums-up": Case(
        sse(*HOLA, {"type": "message", "message": {"id": "m1", "content": [HOLA_BLOCK]}}, *END),
        {"whole_message", "message_start_again"},
    ),
    "an-event-called-message": Case(
        sse(*HOLA) + b'event: message\ndata: {"state": "busy"}\n\n' + sse(*END), set()
    ),
    "stray-words": Case(sse(*HOLA) + b'data: {"message": "cola 3"}\n\n' + sse(*END), {"stray_error"}),
}

USAGES = {
    "no-usage": Case(sse(*no_usage(*WHOLE)), {"no_usage"}, usage=Usage()),
    "null-usage": Case(
        sse(*WHOLE).replace(b'{"input_tokens": 3}', b"null").replace(b'{"output_tokens": 7}', b"null"),
        {"no_usage"},
        usage=Usage(),
    ),
    "usage-at-the-end": Case(
        sse(*no_usage(*HOLA), close(), reason(usage={"input_tokens": 3, "output_tokens": 7}), STOP), set()
    ),
    "usage-in-the-stop": Case(
        sse(*no_usage(*HOLA, close(), reason()), {**STOP, "usage": {"input_tokens": 3, "output_tokens": 7}}),
        set(),
    ),
    "usage-in-the-delta": Case(
        sse(
            *no_usage(*HOLA, close()),
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "usage": {"output_tokens": 7}}},
            STOP,
        ),
        set(),
        usage=Usage(0, 7),
    ),
    "usage-beside-the-message": Case(
        sse({**no_usage(START)[0], "usage": {"input_tokens": 3}}, *WHOLE[1:]), set()
    ),
    "counts-past-counting": Case(
        sse(*WHOLE).replace(b'"output_tokens": 7', b'"output_tokens": 1e300'), set(), usage=Usage(3)
    ),
    "counts-that-are-none": Case(
        sse(*WHOLE).replace(b'"output_tokens": 7', b'"output_tokens": "muchos", "input_tokens": null'),
        set(),
        usage=Usage(3),
    ),
}

BLOCKS = {
    "no-message-start": Case(sse(*WHOLE[1:]), {"no_message_start"}, usage=Usage(0, 7)),
    "message-start-again": Case(sse(START, *WHOLE), {"message_start_again"}),
    "message-start-again-midway": Case(sse(*HOLA, START, *END), {"message_start_again"}),
    "message-start-again-without-an-id": Case(
        sse(*HOLA, {"type": "message_start", "message": {}}, *END), {"message_start_again"}
    ),
    "content-in-message-start-as-texts": Case(
        sse({**START, "message": {**START["message"], "content": ["Hola"]}}, reason(), STOP), set()
    ),
    "content-in-message-start-as-an-object": Case(
        sse({**START, "message": {**START["message"], "content": HOLA_BLOCK}}, reason(), STOP), set()
    ),
    "content-in-message-start-and-streamed": Case(
        sse({**START, "message": {**START["message"], "content": [HOLA_BLOCK]}}, *WHOLE[1:]), {"block_again"}
    ),
    "content-in-message-start-and-streamed-at-its-start": Case(
        sse({**START, "message": {**START["message"], "content": [HOLA_BLOCK]}}, begin(0, HOLA_BLOCK), *END),
        {"block_again"},
    ),
    "content-in-message-start-that-goes-on": Case(
        sse(
            {**START, "message": {**START["message"], "content": [HOLA_BLOCK]}},
            begin(),
            text("Hola, "),
            text("mar"),
            *END,
        ),
        {"block_again", "no_block_start"},
        "Hola, mar",
        (HOLA_BLOCK, {**TEXT, "text": ", mar"}),
    ),
    "content-in-message-start-and-another-block-there": Case(
        sse(
            {**START, "message": {**START["message"], "content": [HOLA_BLOCK]}},
            begin(),
            text("Ho"),
            text("mbre"),
            *END,
        ),
        {"block_again", "no_block_start"},
        "HolaHombre",
        (HOLA_BLOCK, {**TEXT, "text": "Hombre"}),
    ),
    "stop-reason-that-is-no-text": Case(sse(*HOLA, close(), reason(True), STOP), {"no_stop_reason"}),
    "message-start-without-message": Case(
        sse({"type": "message_start"}, *WHOLE[1:]), {"value"}, usage=Usage(0, 7)
    ),
    "content-null": Case(sse(*WHOLE).replace(b'"content": []', b'"content": null'), set()),
    "content-in-message-start": Case(
        sse({**START, "message": {**START["message"], "content": [HOLA_BLOCK]}}, reason(), STOP), set()
    ),
    "no-block-start": Case(sse(START, text("Ho"), text("la"), *END), {"no_block_start"}),
    "block-start-null": Case(
        sse(START, {**begin(), "content_block": None}, text("Hola"), *END), {"value", "no_block_start"}
    ),
    "block-without-type": Case(sse(START, begin(0, {"text": ""}), text("Hola"), *END), set()),
    "no-block-stop": Case(sse(*HOLA, reason(), STOP), {"no_block_stop"}),
    "no-block-stop-and-no-end": Case(sse(*HOLA, reason()), {"no_block_stop", "no_message_stop"}),
    "extra-block-stop": Case(sse(*HOLA, close(), close(), close(4), reason(), STOP), {"extra_block_stop"}),
    "no-stop-reason": Case(sse(*HOLA, close(), reason(None), STOP), {"no_stop_reason"}),
    "empty-stop-reason": Case(sse(*HOLA, close(), reason(""), STOP), {"no_stop_reason"}),
    "no-message-delta-and-no-block-begun": Case(
        sse(START, text("Ho"), text("la"), STOP),
        {"no_block_start", "no_block_stop", "no_stop_reason"},
        usage=Usage(3),
    ),
    "stop-reason-of-another-api": Case(sse(*HOLA, close(), reason("stop"), STOP), {"stop_word"}),
    "no-message-delta": Case(sse(*HOLA, close(), STOP), {"no_stop_reason"}, usage=Usage(3)),
    "message-delta-without-delta": Case(
        sse(*HOLA, close(), less(reason(), "delta"), STOP), {"no_stop_reason", "value"}
    ),
    "stop-reason-beside-the-delta": Case(
        sse(*HOLA, close(), {**reason(), "delta": {}, "stop_reason": "end_turn"}, STOP), set()
    ),
    "no-index": Case(sse(*(less(event, "index") for event in WHOLE)), {"index"}),
    "index-null": Case(sse(*with_index(None)), {"index"}),
    "index-as-text": Case(sse(*with_index("0")), {"index"}),
    "index-from-one": Case(sse(START, begin(1), text("Ho", 1), text("la", 1), close(1), *END[1:]), {"index"}),
    "index-of-the-delta-is-another": Case(sse(START, begin(), text("Ho", 1), text("la", 5), *END), {"index"}),
    "index-skips": Case(
        sse(START, begin(), text("Ho"), close(), begin(2), text("la", 2), close(2), *END[1:]),
        {"index"},
        blocks=({"type": "text", "text": "Ho"}, {"type": "text", "text": "la"}),
    ),
    "index-always-nought": Case(
        sse(START, begin(0, {"type": "thinking", "thinking": ""}), thought("Mmm"), close(), *WHOLE[1:]),
        {"index"},
        blocks=({"type": "thinking", "thinking": "Mmm", "signature": ""}, HOLA_BLOCK),
    ),
    "always-nought-and-not-closed": Case(
        sse(START, begin(0, {"type": "thinking", "thinking": ""}), thought("Mmm"), *WHOLE[1:]),
        {"index", "no_block_stop"},
        blocks=({"type": "thinking", "thinking": "Mmm", "signature": ""}, HOLA_BLOCK),
    ),
    "a-block-start-a-token": Case(
        sse(START, begin(), text("Ho"), begin(), text("la"), *END), {"no_block_stop"}
    ),
    "a-block-start-a-token-with-its-text": Case(
        sse(START, begin(0, {**TEXT, "text": "Ho"}), begin(0, {**TEXT, "text": "la"}), *END),
        {"no_block_stop"},
    ),
    "a-block-a-token": Case(
        sse(START, begin(), text("Ho"), close(), begin(1), text("la", 1), close(1), *END[1:]),
        set(),
        blocks=({"type": "text", "text": "Ho"}, {"type": "text", "text": "la"}),
    ),
    "text-null": Case(
        sse(START, begin(0, {"type": "text", "text": None}), text(None), *HOLA[2:], *END), {"value"}
    ),
    "text-absent": Case(
        sse(START, begin(0, {"type": "text"}), piece(type="text_delta"), *HOLA[2:], *END), {"value"}
    ),
    "text-is-a-number": Case(
        sse(START, begin(), text(4), text(2), *END), {"value"}, "42", ({**TEXT, "text": "42"},)
    ),
    "delta-absent": Case(sse(*HOLA, less(piece(), "delta"), *END), {"value"}),
    "delta-is-a-text": Case(sse(START, begin(), {**piece(), "delta": "Hola"}, *END), {"value"}),
    "delta-in-a-list": Case(
        sse(
            START,
            begin(),
            {**piece(), "delta": [text(word)["delta"] for word in ("Ho", "la")]},
            *END,
        ),
        set(),
    ),
    "delta-not-wrapped": Case(
        sse(START, begin(), {"type": "content_block_delta", "index": 0, "text": "Hola"}, *END), {"bare_delta"}
    ),
    "new-kind-of-block-that-starts-with-text": Case(
        sse(START, begin(0, {"type": "poem", "text": "Ho"}), text("la"), *END),
        set(),
        blocks=({"type": "poem", "text": "Hola"},),
    ),
    "delta-without-type": Case(sse(START, begin(), piece(text="Hola"), *END), set()),
    "text-in-a-thinking-block": Case(
        sse(
            START,
            begin(0, {"type": "thinking", "thinking": ""}),
            thought("Mmm"),
            text("Ho"),
            text("la"),
            *END,
        ),
        {"delta_kind"},
        blocks=({"type": "thinking", "thinking": "Mmm", "signature": ""}, HOLA_BLOCK),
    ),
    "thinking-in-a-text-block": Case(
        sse(START, begin(), text("Ho"), thought("Mmm"), text("la"), *END),
        {"delta_kind"},
        blocks=(HOLA_BLOCK, {"type": "thinking", "thinking": "Mmm", "signature": ""}),
    ),
    "text-in-a-tool-block": Case(
        sse(START, begin(0, call()), tool_json("{}"), text("Hola"), close(), reason("tool_use"), STOP),
        {"delta_kind"},
        blocks=(call(), HOLA_BLOCK),
        stop_reason="tool_use",
    ),
    "new-kind-of-delta-with-text": Case(
        sse(START, begin(), piece(type="novel_delta", text="Hola"), *END), {"delta_kind"}
    ),
    "text-in-a-new-kind-of-block": Case(
        sse(START, begin(0, {"type": "poem"}), text("Ho"), piece(type="verse_delta", text="la"), *END),
        {"delta_kind"},
        blocks=({"type": "poem", "text": "Hola"},),
    ),
    "new-kind-of-delta": Case(
        sse(
            START,
            begin(0, {"type": "poem", "verses": ["a"], "meter": None, "title": "T", "by": {"a": 1}}),
            piece(type="verse_delta", verses=["b"], meter=7, title="ú", by={"b": 2}),
            close(),
            begin(1),
            text("Hola", 1),
            close(1),
            *END[1:],
        ),
        set(),
        blocks=(
            {"type": "poem", "verses": ["a", "b"], "meter": 7, "title": "Tú", "by": {"a": 1, "b": 2}},
            HOLA_BLOCK,
        ),
    ),
    "a-derived-event": Case(sse(*HOLA, {"type": "text", "text": "la", "snapshot": "Hola"}, *END), set()),
    "input-without-a-call": Case(sse(*HOLA, tool_json("{}"), *END), {"delta_kind", "lost_input"}),
}

TOOLS = {
    name: Case(sse(START, *events, reason(stopped), STOP), codes, "", blocks, stopped or "tool_use")
    for name, events, blocks, stopped, codes in [
        ("id-null", (begin(0, call(None)), close()), (call("toolu_local_0"),), "tool_use", {"tool_id"}),
        (
            "id-absent",
            (begin(0, less(call(), "id")), close()),
            (call("toolu_local_0"),),
            "tool_use",
            {"tool_id"},
        ),
        ("id-empty", (begin(0, call("")), close()), (call("toolu_local_0"),), "tool_use", {"tool_id"}),
        ("id-number", (begin(0, call(5)), close()), (call("toolu_local_0"),), "tool_use", {"tool_id"}),
        (
            "id-invalid",
            (begin(0, call("functions.x:0")), close()),
            (call("toolu_local_0"),),
            "tool_use",
            {"tool_id"},
        ),
        (
            "id-repeated",
            (begin(0, call()), close(), begin(1, call()), close(1)),
            (call(), call("toolu_local_0")),
            "tool_use",
            {"tool_id"},
        ),
        (
            "name-absent",
            (begin(0, less(call(), "name")), close()),
            ({**call(), "name": "unnamed"},),
            "tool_use",
            {"tool_name"},
        ),
        ("input-absent", (begin(0, less(call(), "input")), close()), (call(),), "tool_use", set()),
        (
            "input-null",
            (begin(0, call(input=None)), tool_json(None), close()),
            (call(),),
            "tool_use",
            {"value"},
        ),
        (
            "input-at-the-start",
            (begin(0, call(input={"a": 1})), close()),
            (call(input={"a": 1}),),
            "tool_use",
            set(),
        ),
        (
            "input-as-text",
            (begin(0, call(input='{"a": 1}')), close()),
            (call(input={"a": 1}),),
            "tool_use",
            set(),
        ),
        (
            "input-as-an-object",
            (begin(0, call()), tool_json({"a": 1}), close()),
            (call(input={"a": 1}),),
            "tool_use",
            set(),
        ),
        (
            "input-that-is-not-json",
            (begin(0, call()), tool_json('{"a": '), close()),
            (call(input={"INVALID_JSON": '{"a": '}),),
            "tool_use",
            {"tool_input"},
        ),
        (
            "input-after-an-empty-one",
            (begin(0, call()), tool_json("{}"), tool_json('{"a": 1}'), close()),
            (call(input={"a": 1}),),
            "tool_use",
            set(),
        ),
        (
            "input-that-is-json-in-a-text",
            (begin(0, call()), tool_json('"{\\"a\\": 1}"'), close()),
            (call(input={"a": 1}),),
            "tool_use",
            set(),
        ),
        ("input-that-is-null", (begin(0, call()), tool_json("null"), close()), (call(),), "tool_use", set()),
        (
            "input-as-text-instead-of-an-object",
            (begin(0, call()), piece(partial_json=None), {**piece(), "delta": '{"a": 1}'}, close()),
            (call(input={"a": 1}),),
            "tool_use",
            {"value"},
        ),
        (
            "in-message-start-and-streamed",
            (
                {
                    **START,
                    "message": {**START["message"], "content": [call(input={"a": 1})]},
                },
                begin(0, call()),
                tool_json('{"a": 1}'),
                close(),
            ),
            (call(input={"a": 1}),),
            "tool_use",
            {"block_again", "message_start_again"},
        ),
        (
            "another-reason",
            (begin(0, call()), tool_json("{}"), close()),
            (call(),),
            "end_turn",
            {"tool_stop"},
        ),
        ("no-reason", (begin(0, call()), tool_json("{}"), close()), (call(),), None, {"no_stop_reason"}),
        (
            "two-calls-at-nought",
            (begin(0, call()), tool_json('{"a": 1}'), begin(0, call("t2")), tool_json("{}"), close()),
            (call(input={"a": 1}), call("t2")),
            "tool_use",
            {"no_block_stop", "index"},
        ),
        (
            "a-block-start-a-piece",
            (begin(0, call()), tool_json('{"a":'), begin(0, call()), tool_json("1}"), close()),
            (call(input={"a": 1}),),
            "tool_use",
            {"no_block_stop"},
        ),
        (
            "a-server-call-and-its-result",
            (
                begin(0, {**call("x.1"), "type": "server_tool_use"}),
                close(),
                begin(1, {"type": "web_search_tool_result", "tool_use_id": "x.1", "content": []}),
                close(1),
            ),
            (
                {**call("toolu_local_0"), "type": "server_tool_use"},
                {"type": "web_search_tool_result", "tool_use_id": "toolu_local_0", "content": []},
            ),
            "end_turn",
            {"tool_id"},
        ),
    ]
}

CASES = {**FRAMING, **USAGES, **BLOCKS, **{f"tool-{name}": case for name, case in TOOLS.items()}}


@pytest.mark.parametrize("name", CASES)
def test_what_deviates_is_taken_and_noted(read: Read, name: str) -> None:
    case = CASES[name]
    with playing(body(case.data)) as server:
        result = read(server.base_url)
    ending = result.deltas[-1]
    assert isinstance(ending, Finished), result.reply.error
    assert (result.reply.text, result.reply.stop_reason, result.reply.usage) == (
        case.text,
        case.stop_reason,
        case.usage,
    )
    assert result.reply.outcome == "complete"
    assert tuple(result.reply.blocks) == case.blocks
    assert set(result.reply.deviations) == case.codes <= DEVIATIONS.keys()
    assert sum(isinstance(delta, Opened) for delta in result.deltas) == 1


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/octet-stream", "", "text/html"]
)
def test_an_event_stream_under_another_content_type(read: Read, kind: str) -> None:
    headers = (("content-type", kind),) if kind else ()
    with playing([Head(headers=headers), Send(sse(*WHOLE))]) as server:
        result = read(server.base_url)
    assert (result.reply.text, result.reply.outcome) == ("Hola", "complete")
    assert set(result.reply.deviations) == ({"content_type"} if kind else set())


# -- endings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["max_tokens", "model_context_window_exceeded"])
@pytest.mark.parametrize(
    "block", [TEXT, call(), {"type": "thinking", "thinking": ""}], ids=["text", "tool", "thinking"]
)
def test_a_block_that_the_limit_left_open(read: Read, why: str, block: Event) -> None:
    cut = {"text": text("Ho", 1), "tool_use": tool_json('{"a": ', 1), "thinking": thought("Mm", 1)}[
        block["type"]
    ]
    with playing(body(sse(*HOLA, close(), begin(1, block), cut, reason(why), STOP))) as server:
        reply = read(server.base_url).reply
    assert (reply.outcome, reply.stop_reason, reply.usage) == ("max_tokens", why, Usage(3, 7))
    assert reply.text.startswith("Hola") and reply.deviations == () and len(reply.blocks) == 2


@pytest.mark.parametrize(
    ("why", "stop_reason", "outcome"),
    [("length", "max_tokens", "max_tokens"), ("content_filter", "refusal", "refused")],
)
def test_a_stop_reason_of_another_api(read: Read, why: str, stop_reason: str, outcome: str) -> None:
    with playing(body(sse(*HOLA, reason(why), STOP))) as server:
        reply = read(server.base_url).reply
    assert (reply.text, reply.stop_reason, reply.outcome) == ("Hola", stop_reason, outcome)
    assert "stop_word" in reply.deviations


def test_usage_counts_when_the_reply_fails(read: Read) -> None:
    data = sse(*HOLA, reason(None), {"type": "error", "error": {"type": "api_error", "message": "roto"}})
    with playing(body(data)) as server:
        result = read(server.base_url)
    ending = result.deltas[-1]
    assert isinstance(ending, Failed) and ending.usage == result.reply.usage == Usage(3, 7)
    assert (result.reply.text, result.reply.outcome) == ("Hola", "interrupted")


def test_usage_counts_when_the_reply_is_cancelled(read: Read) -> None:
    def watch(stream: Any, delta: Any) -> None:
        if isinstance(delta, Unknown):
            stream.cancel()

    script: list[Step] = [Head(), Send(sse(*HOLA, reason(None), {"type": "novelty"})), Hang()]
    with playing(script) as server:
        result = read(server.base_url, watch)
    ending = result.deltas[-1]
    assert isinstance(ending, Cancelled) and ending.usage == result.reply.usage == Usage(3, 7)


def test_what_the_response_and_the_message_say_beside(read: Read) -> None:
    message = {**START["message"], "container": {"id": "c1"}}
    last = {
        "type": "message_delta",
        "delta": {"stop_reason": "stop_sequence", "stop_sequence": "FIN"},
        "usage": {
            "output_tokens": 7,
            "service_tier": "priority",
            "output_tokens_details": {"thinking_tokens": 2},
        },
    }
    headers = (
        ("content-type", "text/event-stream"),
        ("anthropic-ratelimit-requests-remaining", "41"),
        ("X-RateLimit-Limit", "60"),
    )
    data = sse({**START, "message": message}, *HOLA[1:], close(), last, STOP)
    with playing([Head(headers=headers), Send(data)]) as server:
        reply = read(server.base_url).reply
    assert (reply.stop_sequence, reply.container, reply.usage.service_tier) == (
        "FIN",
        {"id": "c1"},
        "priority",
    )
    assert (reply.usage.thinking_tokens, reply.usage.raw["output_tokens"]) == (2, 7)
    assert reply.rate_limits == {"anthropic-ratelimit-requests-remaining": "41", "x-ratelimit-limit": "60"}


def answered_whole(data: bytes, kind: str = "application/json") -> Any:
    """What becomes of a request that does not stream, and is answered with these bytes."""

    with always(data, kind) as url:
        client = open_client(base_url=url)
        try:
            return fetch_reply(client, **REQUEST).reply
        finally:
            event_loop.submit(client.close()).result()


NO_REPLIES: list[tuple[bytes, type[errors.StreamCoreError]]] = [
    (b"<html>hola</html>", errors.NotTheApi),
    (b"[]", errors.NotTheApi),
    (b'"hola"', errors.NotTheApi),
    (b'{"object": "chat.completion", "choices": []}', errors.NotTheApi),
    (b'data: {"object": "chat.completion.chunk", "choices": []}\n\ndata: [DONE]\n\n', errors.NotTheApi),
    (b'{"error": {"type": "overloaded_error", "message": "Overloaded"}}', errors.Overloaded),
    (b'data: {"error": "se acab\xc3\xb3"}\n\n', errors.ApiError),
    (b'{"detail": "no hay sitio"}', errors.ApiError),
    (b'data: {"type": "message", "message": "no"}\n\n', errors.NotTheApi),
    (b'{"type": "message", "content": [], "error": {"message": "no"}}', errors.ApiError),
    (sse(*HOLA) + b"<html><title>502</title>\n<body>no</body></html>\n", errors.ProxyPage),
    (
        sse(*HOLA) + b'{"type": "error",\n "error": {"type": "overloaded_error", "message": "x"}}',
        errors.Overloaded,
    ),
    (sse(*HOLA) + b'{"error": {"type": "overloaded_error", "message": "x"}}', errors.Overloaded),
    (sse(*HOLA) + b"data: upstream connect error\n\n", errors.ApiError),
    (sse(*HOLA) + b"data: 12:00\n\n" + sse(text("")), errors.Truncated),
    (sse(*HOLA) + b"dat", errors.Truncated),
    (sse(*HOLA, {**reason("error"), "error": {"message": "no"}}, STOP), errors.ApiError),
    (b"", errors.Truncated),
    (sse(*HOLA), errors.Truncated),
    (sse(*HOLA) + b"event: content_block_delta\ndata: {roto\n\n", errors.ProtocolError),
]


@pytest.mark.parametrize(("data", "kind"), NO_REPLIES)
def test_what_is_no_reply_is_a_failure(read: Read, data: bytes, kind: type[errors.StreamCoreError]) -> None:
    with playing(body(data)) as server:
        result = read(server.base_url)
    assert type(result.reply.error) is kind
    assert result.reply.text == ("Hola" if b"content_block_start" in data else "")


@pytest.mark.parametrize(
    ("data", "kind"), [*NO_REPLIES, (b"null", errors.NotTheApi), (b"hola", errors.NotTheApi)]
)
def test_it_is_when_it_was_asked_for_whole(data: bytes, kind: type[errors.StreamCoreError]) -> None:
    reply = answered_whole(data)
    assert type(reply.error) is kind and reply.outcome in ("error", "interrupted")
    assert reply.text == ("Hola" if b"content_block_start" in data else "")


@pytest.mark.parametrize(
    "name", ["no-name", "no-usage", "index-skips", "a-whole-message", "text-in-a-thinking-block"]
)
def test_an_answer_that_was_asked_for_whole_may_come_as_anything(name: str) -> None:
    reply = answered_whole(CASES[name].data)
    assert (reply.text, reply.outcome) == ("Hola", "complete")
    assert set(reply.deviations) - {"content_type"} == CASES[name].codes - {"whole_message"}
