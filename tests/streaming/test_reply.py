"""The contract of an iteration, on the real wire and through both shells."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest
from pytest_mock import MockerFixture
from support.replies import (
    BLOCK,
    DELTA,
    FLOWING,
    QUICK,
    START,
    Read,
    comparable,
    endings,
    read,
    sse,
)
from support.wire import REQUEST, body, events, playing, read_async, read_sync, recorded

from stream_core import (
    BlockDone,
    Cancelled,
    Failed,
    Finished,
    Opened,
    RetryPolicy,
    Text,
    Thinking,
    Timeouts,
    ToolInput,
    Unknown,
    Waiting,
    astream_reply,
    open_client,
    stream_reply,
)
from stream_core.core import errors
from stream_core.core.deltas import Delta
from stream_core.core.wire import Answered, Ended, Received, Sent, WireEvent
from stream_core.practice.events import text_delta
from stream_core.practice.script import JSON, Cut, Hang, Head, Reset, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.sdk import client as sdk
from stream_core.streaming import event_loop

__all__ = ["read"]  # the fixture that gives both handles

# -- whole replies -----------------------------------------------------------------------------


def test_a_text_arrives_as_deltas_and_ends_once(read: Read) -> None:
    with playing(body(recorded("text"))) as server:
        result = read(server.base_url)
    opened, *rest = result.deltas
    assert isinstance(opened, Opened)
    assert (opened.message_id, opened.usage.input_tokens, opened.usage.cache_read_input_tokens) == (
        "msg_01",
        12,
        3,
    )
    assert opened.request_id
    texts = [delta.text for delta in rest if isinstance(delta, Text)]
    assert texts == ["¡Hola", " desde", " el año ", "ñandú 👋🏽!"]
    assert isinstance(rest[-1], Finished) and rest[-1].clean and rest[-1].usage.output_tokens == 9
    assert len(endings(result)) == 1
    assert result.reply.text == "".join(texts)
    assert result.reply.outcome == "complete"
    assert result.stats.deltas == 4 and result.stats.complete


def test_thinking_and_tool_calls(read: Read) -> None:
    with playing(body(recorded("thinking_and_tools"))) as server:
        result = read(server.base_url)
    assert [d.text for d in result.deltas if isinstance(d, Thinking)] == ["Primero ", "calculo."]
    inputs = [d for d in result.deltas if isinstance(d, ToolInput)]
    assert (inputs[0].partial_json, inputs[0].tool_id, inputs[0].name) == ("", "toolu_1", "calculadora")
    blocks = [d.block for d in result.deltas if isinstance(d, BlockDone)]
    assert json.loads(json.dumps(blocks)) == [
        {"type": "thinking", "thinking": "Primero calculo.", "signature": "c2lnbmF0dXJl"},
        {"type": "text", "text": "Lo miro."},
        {"type": "tool_use", "id": "toolu_1", "name": "calculadora", "input": {"expresión": "2 + 2"}},
        {"type": "tool_use", "id": "toolu_2", "name": "reloj", "input": {}},
    ]
    assert result.reply.stop_reason == "tool_use"


def test_what_is_unknown_is_named_and_the_rest_arrives(read: Read) -> None:
    with playing(body(recorded("unknown"))) as server:
        result = read(server.base_url)
    assert [d.type for d in result.deltas if isinstance(d, Unknown)] == [
        "hologram_start",
        "hologram",
        "hologram_delta",
    ]
    assert result.reply.text == "lo demás llega"
    assert result.reply.stop_reason == "brand_new_reason"
    assert result.reply.outcome == "complete"


@pytest.mark.parametrize(
    ("name", "outcome"), [("refusal", "refused"), ("max_tokens", "max_tokens"), ("citations", "complete")]
)
def test_outcomes(read: Read, name: str, outcome: str) -> None:
    with playing(body(recorded(name))) as server:
        result = read(server.base_url)
    assert result.reply.outcome == outcome
    if name == "refusal":
        assert result.reply.stop_details == {"type": "refusal", "category": "cyber", "explanation": "no"}


@pytest.mark.parametrize(
    "name", ["text", "thinking_and_tools", "refusal", "max_tokens", "unknown", "no_message_stop", "citations"]
)
def test_both_shells_give_the_same(name: str) -> None:
    with playing(body(recorded(name))) as server:
        sync, asynchronous = read_sync(server.base_url), read_async(server.base_url)
    assert isinstance(sync.deltas[0], Opened)
    assert comparable(sync.deltas) == comparable(asynchronous.deltas)
    assert sync.reply.blocks == asynchronous.reply.blocks


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_bytes_may_be_cut_anywhere(read: Read, size: int) -> None:
    data = recorded("text")
    with playing([Head(), *(Send(data[i : i + size]) for i in range(0, len(data), size))]) as server:
        assert read(server.base_url).reply.text == "¡Hola desde el año ñandú 👋🏽!"


@pytest.mark.parametrize("newline", [b"\r\n", b"\r"])
def test_other_line_ends(read: Read, newline: bytes) -> None:
    with playing(body(recorded("text").replace(b"\n", newline))) as server:
        assert read(server.base_url).reply.outcome == "complete"


# -- the byte tap ------------------------------------------------------------------------------


def test_a_byte_order_mark_and_invalid_utf8_are_repaired(read: Read) -> None:
    broken = b"\xef\xbb\xbf" + recorded("text").replace("ñandú".encode(), b"\xff\xfe")
    with playing(body(broken)) as server:
        result = read(server.base_url)
    assert result.reply.text == "¡Hola desde el año \ufffd\ufffd 👋🏽!"
    assert result.reply.outcome == "complete"


def test_surrogate_halves_in_two_deltas_join_and_a_lone_one_is_replaced(read: Read) -> None:
    data = (
        recorded("text").replace('"¡Hola"'.encode(), b'"\\ud83d"').replace(b'" desde"', b'"\\ude00 \\udc00"')
    )
    with playing(body(data)) as server:
        assert read(server.base_url).reply.text == "😀 \ufffd el año ñandú 👋🏽!"


def test_the_bytes_can_be_recorded_with_their_times(read: Read) -> None:
    wire: list[WireEvent] = []
    data = b"\xef\xbb\xbf" + recorded("text")
    with playing(body(data)) as server:
        result = read(server.base_url, record=wire.append)
    sent, answered, *chunks, ended = wire
    assert isinstance(sent, Sent) and (sent.attempt, sent.request["model"]) == (1, REQUEST["model"])
    assert isinstance(answered, Answered) and answered.status == 200
    assert answered.headers["content-type"].startswith("text/event-stream")
    assert isinstance(ended, Ended) and ended.how == "end"
    received = [each for each in chunks if isinstance(each, Received)]
    assert len(received) == len(chunks) and b"".join(each.data for each in received) == data
    assert {delta.at for delta in result.deltas if isinstance(delta, Text)} <= {each.at for each in received}
    assert [each.at for each in wire] == sorted(each.at for each in wire)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (list(error_reply(529, "overloaded_error", "no")), "Sent Answered Received Ended:end"),
        ([Cut()], "Sent Ended:cut"),
        ([Head(), Send(recorded("text")[:300]), Cut()], "Sent Answered Received Ended:cut"),
        ([Head(), Send(recorded("text")[:300])], "Sent Answered Received Ended:end"),
        ([Head(), Send(recorded("text")[:700]), Hang()], "Sent Answered Received Ended:timeout"),
        ([Hang()], "Sent Ended:timeout"),
        ([Head(), Send(b"event: error\ndata: {}\n\n"), Hang()], "Sent Answered Received Ended:end"),
    ],
)
def test_each_attempt_is_told_to_its_end_whatever_that_is(read: Read, script: list[Step], told: str) -> None:
    wire: list[WireEvent] = []
    with playing(script) as server:
        first_byte = 60.0 if len(script) > 1 else 0.3  # a busy machine may be slow to begin
        read(server.base_url, record=wire.append, timeouts=Timeouts(first_byte=first_byte, idle=0.3))
    names = [f"Ended:{each.how}" if isinstance(each, Ended) else type(each).__name__ for each in wire]
    assert " ".join(dict.fromkeys(names)) == told


def test_a_cancelled_attempt_is_told_as_that(read: Read) -> None:
    wire: list[WireEvent] = []
    with playing([Head(), Send(recorded("text")[:700]), Hang()]) as server:
        read(server.base_url, lambda stream, delta: stream.cancel(), record=wire.append)
    assert isinstance(wire[-1], Ended) and wire[-1].how == "cancel"


# -- cuts --------------------------------------------------------------------------------------


def test_an_end_after_every_block_was_closed_is_accepted(read: Read) -> None:
    with playing(body(recorded("no_message_stop"))) as server:
        result = read(server.base_url)
    assert isinstance(result.deltas[-1], Finished) and not result.deltas[-1].clean
    assert result.reply.outcome == "complete"


@pytest.mark.parametrize("ending", [[], [Cut()], [Reset()]], ids=["end", "cut", "reset"])
@pytest.mark.parametrize("kept", range(1, len(events("text"))))
def test_a_stream_that_ends_early_is_never_complete(read: Read, kept: int, ending: list[Step]) -> None:
    """Cut after each event in turn: a failure with all that had come, until only message_stop is missing."""
    parts = events("text")
    with playing([Head(), Send(b"".join(parts[:kept])), Wait(0.05, fixed=True), *ending]) as server:
        result = read(server.base_url)
    assert len(endings(result)) == 1
    if kept == len(parts) - 1:
        assert isinstance(result.deltas[-1], Finished) and not result.deltas[-1].clean
        return
    assert isinstance(result.deltas[-1], Failed)
    assert isinstance(result.reply.error, errors.Truncated if not ending else errors.ConnectionLost)
    arrived = b"".join(parts[:kept]).decode()
    assert result.reply.text == "".join(
        t for t in ("¡Hola", " desde", " el año ", "ñandú 👋🏽!") if t in arrived
    )
    assert result.reply.outcome == "interrupted"


@pytest.mark.parametrize("step", [Cut(), Reset()])
def test_no_headers_at_all(read: Read, step: Step) -> None:
    with playing([step]) as server:
        result = read(server.base_url)
    assert isinstance(result.reply.error, errors.ConnectionLost)
    assert result.reply.outcome == "error"


# -- what is not the protocol ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        pytest.param(START + sse(BLOCK, DELTA) + START.replace(b"msg_", b"other_"), "a", id="second-start"),
        pytest.param(START + sse(BLOCK, DELTA, {"type": "message_stop"}), "a", id="stop-too-soon"),
        pytest.param(START + b"event: content_block_delta\ndata: {broken\n\n", "", id="broken-json"),
        pytest.param(START + sse(BLOCK, DELTA) + b'data: {"type": "content_b\n\n', "a", id="cut-json"),
        pytest.param(START + sse(BLOCK, DELTA) + b"event: message_delta\ndata: [1]\n\n", "a", id="no-object"),
    ],
)
def test_protocol_errors(read: Read, data: bytes, kept: str) -> None:
    """What would lose something if it were passed over; what came before it is kept."""
    with playing(body(data)) as server:
        result = read(server.base_url)
    assert type(result.reply.error) is errors.ProtocolError and result.reply.text == kept
    assert len(endings(result)) == 1


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        pytest.param(sse(DELTA), "a", id="delta-before-start"),
        pytest.param(START + START, "", id="start-again"),
        pytest.param(START + sse(BLOCK, BLOCK), "", id="block-twice"),
        pytest.param(START + sse(BLOCK, {**DELTA, "index": 7}), "a", id="bad-index"),
        pytest.param(START + sse({"type": "content_block_stop", "index": 3}), "", id="stop-of-nothing"),
        pytest.param(START + sse(BLOCK, {"type": "content_block_delta", "index": 0}), "", id="no-delta"),
        pytest.param(START + sse({"type": "message_delta"}), "", id="empty-message-delta"),
    ],
)
def test_what_deviates_is_taken_and_its_end_is_missed(read: Read, data: bytes, kept: str) -> None:
    with playing(body(data)) as server:
        result = read(server.base_url)
    assert type(result.reply.error) is errors.Truncated and result.reply.text == kept
    assert len(endings(result)) == 1


@pytest.mark.parametrize("content_type", ["text/html", "application/json"])
def test_a_success_that_is_no_event_stream_is_not_the_api(read: Read, content_type: str) -> None:
    with playing([Head(headers=(("content-type", content_type),)), Send(b"<html>hola</html>")]) as server:
        result = read(server.base_url)
    assert type(result.reply.error) is errors.NotTheApi


def test_an_empty_body_is_truncated(read: Read) -> None:
    with playing(body(b"")) as server:
        assert type(read(server.base_url).reply.error) is errors.Truncated


# -- the API's errors --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "api_type", "kind"),
    [
        (400, "invalid_request_error", errors.BadRequest),
        (401, "authentication_error", errors.AuthFailed),
        (402, "billing_error", errors.AccessDenied),
        (403, "permission_error", errors.AccessDenied),
        (404, "not_found_error", errors.ModelNotFound),
        (413, "request_too_large", errors.TooLarge),
        (429, "rate_limit_error", errors.RateLimited),
        (500, "api_error", errors.ServerError),
        (503, "something_new", errors.ServerError),
        (529, "overloaded_error", errors.Overloaded),
    ],
)
def test_error_answers(read: Read, status: int, api_type: str, kind: type[errors.ApiError]) -> None:
    detail = "model: claude-sonnet-5-5" if status == 404 else "el detalle"  # a 404 may be about the path
    script = error_reply(status, api_type, detail, [("retry-after", "7")], request_id="req_77")
    with playing(list(script)) as server:
        result = read(server.base_url)
    error = result.reply.error
    assert type(error) is kind and isinstance(error, errors.ApiError)
    assert (error.status, error.api_type, error.detail, error.request_id) == (
        status,
        api_type,
        detail,
        "req_77",
    )
    if isinstance(error, (errors.RateLimited, errors.Overloaded, errors.ServerError)):
        assert error.retryable and error.retry_after == 7.0
    if isinstance(error, errors.ModelNotFound):
        assert error.model == "claude-sonnet-5-5"
    assert result.reply.outcome == "error"


def test_a_prompt_that_is_too_long_is_too_large(read: Read) -> None:
    script = error_reply(400, "invalid_request_error", "prompt is too long: 1200000 tokens > 1000000 maximum")
    with playing(list(script)) as server:
        assert type(read(server.base_url).reply.error) is errors.TooLarge


@pytest.mark.parametrize(
    ("status", "kind"), [(502, errors.ServerError), (404, errors.ProxyPage), (307, errors.Redirected)]
)
def test_answers_of_something_in_between(read: Read, status: int, kind: type[errors.StreamCoreError]) -> None:
    headers = (("content-type", "text/html"), ("location", "http://127.0.0.1:1/elsewhere"))
    with playing([Head(status, headers), Send(b"<html><b>Bad Gateway</b></html>")]) as server:
        result = read(server.base_url)
        assert len(server.requests) == 1
    assert type(result.reply.error) is kind
    assert "<" not in str(result.reply.error)


@pytest.mark.parametrize("at", [0, 4])
def test_an_error_event_inside_a_success(read: Read, at: int) -> None:
    error = sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    with playing(body(b"".join(events("text")[:at]) + error)) as server:
        result = read(server.base_url)
    assert type(result.reply.error) is errors.Overloaded
    assert result.reply.outcome == ("interrupted" if at else "error")


def test_an_error_event_that_is_not_json(read: Read) -> None:
    with playing(body(START + b"event: error\ndata: it broke\n\n")) as server:
        assert type(read(server.base_url).reply.error) is errors.ApiError


def test_nobody_listens(read: Read) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert type(read(url).reply.error) is errors.ConnectionRefused


def test_no_such_host(read: Read, mocker: MockerFixture) -> None:
    mocker.patch("socket.getaddrinfo", side_effect=socket.gaierror(-2, "unknown"))
    assert type(read("http://nadie.invalid").reply.error) is errors.HostNotFound


def test_https_where_only_http_is_spoken(read: Read) -> None:
    with playing([Hang()]) as server:
        error = read(server.base_url.replace("http://", "https://")).reply.error
    # No certificate was seen there, so none is told to be wrong: see `tests/sdk/test_ways.py`.
    assert type(error) is errors.NotTls and not error.retryable


def test_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    client = open_client()
    with stream_reply(client, **REQUEST) as stream:
        (ending,) = stream
    assert isinstance(ending, Failed) and type(ending.error) is errors.NoCredential
    event_loop.submit(client.close()).result()


# -- mistakes of the caller --------------------------------------------------------------------


def test_a_wrong_argument_is_raised_not_carried(read: Read) -> None:
    with playing(body(b"")) as server, pytest.raises(TypeError, match="temperature"):
        read(server.base_url, temperature=1.0)


def test_what_cannot_be_sent_is_raised(read: Read) -> None:
    with playing(body(b"")) as server, pytest.raises(TypeError):
        read(server.base_url, messages=[{"role": "user", "content": object()}])


def test_a_client_belongs_to_one_loop() -> None:
    with playing(body(recorded("text"))) as server:
        client = open_client(base_url=server.base_url)
        with stream_reply(client, **REQUEST) as stream:
            assert isinstance(list(stream)[-1], Finished)

        async def second() -> None:
            async with astream_reply(client, **REQUEST) as stream:
                async for _ in stream:
                    raise AssertionError("nothing may come")

        with pytest.raises(errors.WrongLoop):
            asyncio.run(second())
        event_loop.submit(client.close()).result()


def test_the_with_is_needed_and_works_once() -> None:
    with playing(body(recorded("text"))) as server:
        client = open_client(base_url=server.base_url)
        stream = stream_reply(client, **REQUEST)
        with pytest.raises(errors.UsageError):
            next(iter(stream))
        with stream:
            list(stream)
        assert list(stream) == []
        with pytest.raises(errors.UsageError), stream:
            pass
        event_loop.submit(client.close()).result()


# -- cancelling --------------------------------------------------------------------------------


def test_cancel_from_the_loop_of_deltas(read: Read) -> None:
    def watch(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Text) and delta.text == " desde":
            stream.cancel()

    with playing(FLOWING) as server:
        result = read(server.base_url, watch)
        assert server.wait_for(lambda: server.hangups == 1)
    assert isinstance(result.deltas[-1], Cancelled) and len(endings(result)) == 1
    assert result.reply.text.startswith("¡Hola desde")
    assert result.reply.outcome == "cancelled"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param([Hang()], "first_byte", id="headers"),
        pytest.param([Head(), Hang()], "first_byte", id="first-byte"),
        pytest.param(FLOWING, "idle", id="stalled"),
    ],
)
def test_cancel_from_another_thread_in_silence(read: Read, script: list[Step], reason: str) -> None:
    with playing(script) as server:
        started: list[threading.Timer] = []

        def watch(stream: Any, delta: Delta) -> None:
            # On a busy machine it is silent already before the request has come.
            in_place = isinstance(delta, Waiting) and delta.reason == reason and server.requests
            if in_place and not started:
                started.append(threading.Timer(0.05, stream.cancel))
                started[0].start()

        result = read(server.base_url, watch, timeouts=Timeouts(notice=0.02))
        started[0].join()
        assert server.wait_for(lambda: server.hangups == 1)
        assert server.wait_for(lambda: server.open_connections == 0)
    assert isinstance(result.deltas[-1], Cancelled) and len(endings(result)) == 1


def test_cancel_while_waiting_to_retry(read: Read) -> None:
    def watch(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Waiting) and delta.reason == "retry":
            stream.cancel()

    with playing(list(error_reply(529, "overloaded_error", "Overloaded"))) as server:
        result = read(server.base_url, watch, retry=RetryPolicy(base=50))
        assert len(server.requests) == 1
    assert isinstance(result.deltas[-1], Cancelled)


def test_cancel_while_connecting(read: Read) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # the queue of a listener that never accepts: further ones hang in connecting
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        watch = lambda stream, delta: stream.cancel()  # noqa: E731
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        result = read(url, watch, timeouts=Timeouts(notice=0.05))
        for filler in fillers:
            filler.close()
    assert isinstance(result.deltas[0], Waiting) and result.deltas[0].reason == "first_byte"
    assert isinstance(result.deltas[-1], Cancelled)


def test_cancel_before_and_after() -> None:
    with playing(body(recorded("text"))) as server:
        client = open_client(base_url=server.base_url)
        stream = stream_reply(client, **REQUEST)
        stream.cancel()
        with stream:
            assert [type(delta) for delta in stream] == [Cancelled]
        with stream_reply(client, **REQUEST) as stream:
            list(stream)
            stream.cancel()
        stream.cancel()
        assert stream.reply.outcome == "complete"
        event_loop.submit(client.close()).result()


@pytest.mark.parametrize("failure", [None, ValueError, KeyboardInterrupt])
def test_leaving_early_cancels_keeps_and_swallows_nothing(failure: type[BaseException] | None) -> None:
    with playing(FLOWING) as server:
        client = open_client(base_url=server.base_url)
        try:
            with stream_reply(client, **REQUEST) as stream:
                for delta in stream:
                    if isinstance(delta, Text):
                        if failure is not None:
                            raise failure
                        break
        except (ValueError, KeyboardInterrupt) as caught:
            assert type(caught) is failure
        else:
            assert failure is None
        assert stream.reply.outcome == "cancelled"
        assert stream.reply.text.startswith("¡Hola")
        assert server.wait_for(lambda: server.open_connections == 0)
        event_loop.submit(client.close()).result()


def test_cancelling_the_task_of_the_consumer_is_not_swallowed() -> None:
    async def run(url: str) -> None:
        async with open_client(base_url=url) as client:
            stream = astream_reply(client, **REQUEST)
            got = asyncio.Event()

            async def consume() -> None:
                async with stream:
                    async for delta in stream:
                        if isinstance(delta, Text):
                            got.set()

            task = asyncio.create_task(consume())
            await got.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert stream.reply.outcome == "cancelled" and stream.reply.text.startswith("¡Hola")

    with playing(FLOWING) as server:
        asyncio.run(run(server.base_url))
        assert server.wait_for(lambda: server.open_connections == 0)


# -- waiting and retrying ----------------------------------------------------------------------


def test_retries_are_visible_and_stop_at_the_first_success(read: Read) -> None:
    overloaded = list(error_reply(529, "overloaded_error", "Overloaded"))
    with playing(overloaded, [Head()], body(recorded("text"))) as server:
        result = read(server.base_url, retry=QUICK)
        assert len(server.requests) == 3
    waits = [d for d in result.deltas if isinstance(d, Waiting) and d.reason == "retry"]
    assert {(w.attempt, w.of, type(w.cause)) for w in waits} == {
        (2, 3, errors.Overloaded),
        (3, 3, errors.Truncated),
    }
    assert result.reply.text == "¡Hola desde el año ñandú 👋🏽!" and len(endings(result)) == 1


def test_a_retry_without_a_wait_is_visible_too(read: Read) -> None:
    at_once = list(error_reply(529, "overloaded_error", "no", [("retry-after", "0")]))
    wire: list[WireEvent] = []
    with playing(at_once, [Head()], body(recorded("text"))) as server:
        result = read(server.base_url, retry=QUICK, record=wire.append)
    waits = [d for d in result.deltas if isinstance(d, Waiting) and d.reason == "retry"]
    assert (waits[0].attempt, waits[0].seconds, type(waits[0].cause)) == (2, 0.0, errors.Overloaded)
    assert [each.status for each in wire if isinstance(each, Answered)] == [529, 200, 200]
    assert [each.attempt for each in wire if isinstance(each, Sent)] == [1, 2, 3]


def test_retries_give_up_after_the_attempts(read: Read) -> None:
    with playing(list(error_reply(503, "api_error", "no"))) as server:
        result = read(server.base_url, retry=QUICK)
        assert len(server.requests) == 3
    assert type(result.reply.error) is errors.ServerError


def test_an_empty_answer_is_tried_again_once(read: Read) -> None:
    with playing([Head(framing=0)]) as server:
        result = read(server.base_url, retry=QUICK)
        assert len(server.requests) == 2
    assert type(result.reply.error) is errors.Truncated


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(list(error_reply(400, "invalid_request_error", "no")), id="not-retryable"),
        pytest.param(
            list(error_reply(429, "rate_limit_error", "no", [("retry-after", "3600")])), id="an-hour"
        ),
        pytest.param([Head(), Send(b"".join(events("text")[:4])), Cut()], id="after-content"),
    ],
)
def test_what_is_not_retried(read: Read, script: list[Step]) -> None:
    with playing(script) as server:
        result = read(server.base_url, retry=QUICK)
        assert len(server.requests) == 1
    assert isinstance(result.deltas[-1], Failed)


def test_without_a_policy_nothing_is_retried(read: Read) -> None:
    with playing(list(error_reply(529, "overloaded_error", "no"))) as server:
        read(server.base_url)
        assert len(server.requests) == 1


def test_an_attempt_that_opened_and_failed_leaves_nothing_behind(read: Read) -> None:
    half: list[Step] = [Head(), Send(START + sse(BLOCK)), Cut()]
    with playing(half, body(recorded("text"))) as server:
        result = read(server.base_url, retry=QUICK)
    assert result.reply.outcome == "complete"
    assert [block["type"] for block in result.reply.blocks] == ["text"]


def test_the_delay_grows_with_jitter_and_honours_the_server(mocker: MockerFixture) -> None:
    mocker.patch("random.uniform", return_value=1.0)
    policy, error = RetryPolicy(attempts=5, base=1.0, longest=6.0), errors.ServerError()
    assert [policy.delay(n, error) for n in range(1, 6)] == [1.0, 2.0, 4.0, 6.0, None]
    error.retry_after = 5.0
    assert policy.delay(1, error) == 5.0
    error.retry_after = 6.5
    assert policy.delay(1, error) is None


def test_all_waits_together_have_a_limit(mocker: MockerFixture) -> None:
    mocker.patch("random.uniform", return_value=1.0)
    policy, error = RetryPolicy(attempts=9, base=1.0, longest=6.0), errors.ServerError()
    assert policy.delay(2, error, 4.0) == 2.0
    assert policy.delay(2, error, 4.5) is None
    error.retry_after = 2.5
    assert policy.delay(2, error, 3.5) == 2.5
    assert policy.delay(2, error, 4.0) is None


def test_a_server_that_always_asks_for_patience_does_not_get_it_for_ever(read: Read) -> None:
    later = (*JSON, ("retry-after", "1"))
    busy: list[Step] = [
        Head(429, later, framing="close"),
        Send(b'{"type":"error","error":{"type":"rate_limit_error"}}'),
    ]
    with playing(busy) as server:
        result = read(server.base_url, retry=RetryPolicy(attempts=9, longest=1.5))
        assert len(server.requests) == 2
    assert type(result.reply.error) is errors.RateLimited


def test_pings_are_not_content_and_a_stall_fails(read: Read) -> None:
    def pinging() -> Iterable[Step]:
        yield Head()
        yield Send(b"".join(events("text")[:4]))
        while True:
            yield Send(b'event: ping\ndata: {"type": "ping"}\n\n')
            yield Wait(0.02, fixed=True)

    with playing(pinging()) as server:
        result = read(server.base_url, timeouts=Timeouts(idle=0.4, first_byte=60.0, notice=0.1))
        assert server.wait_for(lambda: server.hangups == 1)
    text = next(number for number, d in enumerate(result.deltas) if isinstance(d, Text))
    idle = [d for d in result.deltas[text:] if isinstance(d, Waiting)]  # a busy machine may be slow to begin
    assert idle and {d.reason for d in idle} == {"idle"}
    assert type(result.reply.error) is errors.IdleTimeout
    assert result.reply.text and result.reply.outcome == "interrupted"


def test_a_stall_before_any_content_is_retried(read: Read) -> None:
    with playing([Hang()], body(recorded("text"))) as server:
        result = read(server.base_url, retry=QUICK, timeouts=Timeouts(idle=1.0, notice=0.3))
    assert result.reply.outcome == "complete"
    assert {d.reason for d in result.deltas if isinstance(d, Waiting)} == {"first_byte", "retry"}


def test_the_beginning_has_a_limit_of_its_own(read: Read) -> None:
    with playing([Hang()]) as server:
        result = read(server.base_url, timeouts=Timeouts(idle=60, first_byte=0.2, notice=0.05))
    assert type(result.reply.error) is errors.IdleTimeout and result.reply.outcome == "error"
    with playing([Wait(1.2, fixed=True), *body(recorded("text"))]) as server:
        late = Timeouts(idle=1.0, first_byte=60, notice=0.05)  # silence counts from the first event on
        assert read(server.base_url, timeouts=late).reply.outcome == "complete"


def test_a_whole_reply_has_a_limit(read: Read) -> None:
    def endless() -> Iterable[Step]:
        yield Head()
        yield Send(b"".join(events("text")[:4]))
        while True:
            yield Send(text_delta("y "))
            yield Wait(0.02, fixed=True)

    with playing(endless()) as server:
        result = read(server.base_url, timeouts=Timeouts(total=2.0, notice=0.05))
        assert server.wait_for(lambda: server.hangups == 1)
    assert type(result.reply.error) is errors.TotalTimeout
    assert result.reply.outcome == "interrupted" and result.reply.text.endswith("y ")


def test_attempts_and_their_waits_count_for_the_limit(read: Read) -> None:
    with playing(list(error_reply(529, "overloaded_error", "x"))) as server:
        result = read(server.base_url, retry=RetryPolicy(base=30), timeouts=Timeouts(total=10))
        assert len(server.requests) == 1
    assert type(result.reply.error) is errors.Overloaded  # a wait that would go beyond is not begun


def test_a_connection_has_a_limit(read: Read) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:  # nobody takes them: the queue is full, and no answer comes any more
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            url = f"http://127.0.0.1:{full.getsockname()[1]}"
            result = read(url, timeouts=Timeouts(connect=0.3, idle=60))
        finally:
            for one in waiting:
                one.close()
    assert type(result.reply.error) is errors.ConnectionFailed


def test_the_transport_does_not_give_up_before_the_limit_does() -> None:
    client = open_client(base_url="http://127.0.0.1:9")
    assert sdk.with_our_timeouts(client, None, 300) is client
    patient = sdk.with_our_timeouts(client.with_options(max_retries=2), 7, 3600)
    assert patient.max_retries == 0
    assert (patient.timeout.connect, patient.timeout.read) == (7, 3610)  # type: ignore[union-attr]
    own = sdk.with_our_timeouts(client.with_options(timeout=20), None, 300)
    assert own.timeout.read == 310 and own.timeout.write == 20  # type: ignore[union-attr]
    event_loop.submit(client.close()).result()


# -- connections -------------------------------------------------------------------------------


def test_five_turns_use_one_connection() -> None:
    with PracticeServer(remember=True, pace=0) as server:
        client = open_client(base_url=server.base_url)
        for _ in range(5):
            with stream_reply(client, **REQUEST) as stream:
                assert isinstance(list(stream)[-1], Finished)
        assert server.connections == 1
        event_loop.submit(client.close()).result()


def test_a_body_that_does_not_end_after_message_stop_is_not_waited_for(read: Read) -> None:
    with playing([Head(), Send(recorded("text")), Hang()]) as server:
        assert read(server.base_url).reply.outcome == "complete"


def test_many_streams_at_once() -> None:
    async def run(url: str) -> list[str]:
        async with open_client(base_url=url) as client:

            async def one() -> str:
                async with astream_reply(client, **{**REQUEST, "max_tokens": 4000}) as stream:
                    async for _ in stream:
                        pass
                return str(stream.reply.outcome)

            return await asyncio.gather(*(one() for _ in range(50)))

    # As many as it serves: of more it closes those that have not asked yet, which is for another test.
    with PracticeServer(remember=True, pace=0, most_connections=50) as server:
        assert asyncio.run(run(server.base_url)) == ["complete"] * 50


def test_a_slow_consumer_does_not_slow_the_wire() -> None:
    """The consumer holds the first delta until every byte was read; the stamps are those of the reading."""
    data, read_so_far, all_read = recorded("text"), bytearray(), threading.Event()

    def record(event: WireEvent) -> None:
        if isinstance(event, Received):
            read_so_far.extend(event.data)
        if len(read_so_far) == len(data):
            all_read.set()

    released: list[float] = []

    def watch(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Opened):
            assert all_read.wait(10)
            released.append(time.monotonic())

    with playing(body(data)) as server:
        result = read_sync(server.base_url, watch, record=record)
    assert result.reply.outcome == "complete"
    assert all(delta.at <= released[0] for delta in result.deltas if isinstance(delta, (Text, Finished)))
