"""Attacks on the contract of an iteration; the contract itself is in `test_reply`."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Iterable
from types import AsyncGeneratorType
from typing import Any

import pytest
from pytest_mock import MockerFixture
from support import starting
from support.paths import FIXTURES
from support.replies import BLOCK, DELTA, FLOWING, QUICK, START, Read, read, sse
from support.wire import REQUEST, body, events, playing, read_sync, recorded

from stream_core import (
    Cancelled,
    Failed,
    Finished,
    Text,
    Timeouts,
    Waiting,
    astream_reply,
    fetch_reply,
    open_client,
    stream_reply,
)
from stream_core.core import errors
from stream_core.core.deltas import Delta
from stream_core.practice.script import Hang, Head, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop

__all__ = ["read"]  # the fixture that gives both shells


def opened(server: PracticeServer) -> Any:
    return open_client(base_url=server.base_url)


def callers_own(server: PracticeServer) -> Any:
    from anthropic import AsyncAnthropic

    return AsyncAnthropic(api_key="x", base_url=server.base_url)  # with the SDK's own two retries


def close(client: Any) -> None:
    event_loop.submit(client.close()).result()


# -- requests ----------------------------------------------------------------------------------


def test_the_silent_retries_of_a_callers_own_client_are_off() -> None:
    with playing(list(error_reply(529, "overloaded_error", "no"))) as server:
        client = callers_own(server)
        with stream_reply(client, **REQUEST) as stream:
            assert isinstance(list(stream)[-1], Failed)
        assert len(server.requests) == 1
        close(client)


def test_messages_from_a_generator_are_there_in_every_attempt() -> None:
    with playing(list(error_reply(529, "overloaded_error", "no")), body(recorded("text"))) as server:
        client = callers_own(server)
        messages = (message for message in REQUEST["messages"])
        with stream_reply(client, retry=QUICK, **{**REQUEST, "messages": messages}) as stream:
            assert isinstance(list(stream)[-1], Finished)
        assert [request.json()["messages"] for request in server.requests] == [REQUEST["messages"]] * 2
        close(client)


def test_thinking_does_not_prevent_a_retry(read: Read) -> None:
    parts = events("thinking_and_tools")
    overloaded = sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    with playing([Head(), Send(b"".join(parts[:3]) + overloaded)], body(recorded("text"))) as server:
        result = read(server.base_url, retry=QUICK)
        assert len(server.requests) == 2
    assert result.reply.outcome == "complete" and result.reply.thinking == ""
    assert result.stats.deltas == 4


def test_a_reply_without_streaming() -> None:
    with PracticeServer(remember=True, pace=0) as server:
        client = opened(server)
        request = {**REQUEST, "max_tokens": 4000}
        whole = fetch_reply(client, **request)
        with stream_reply(client, **request) as stream:
            list(stream)
        assert whole.reply.text == stream.reply.text and whole.reply.blocks == stream.reply.blocks
        assert whole.reply.outcome == "complete" and whole.stats.deltas == 1
        assert whole.stats.time_to_first_text == whole.stats.duration
        failed = fetch_reply(client, **{**REQUEST, "model": "claude-nope"})
        assert type(failed.reply.error) is errors.ModelNotFound
        with pytest.raises(TypeError):
            fetch_reply(client, nonsense=1, **REQUEST)  # type: ignore[call-arg]
        close(client)


@pytest.mark.parametrize(
    ("variable", "value", "kind"),
    [
        ("ANTHROPIC_PROFILE", "nope", errors.AuthFailed),
        ("HTTPS_PROXY", "foo://bar", errors.ConfigError),
        ("SSL_CERT_FILE", "/nonexistent", errors.ConfigError),
    ],
)
def test_a_client_that_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, kind: type[errors.StreamCoreError]
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(kind):
        open_client()


# -- the mailbox -------------------------------------------------------------------------------


def test_a_cancel_does_not_wait_for_a_backlog(read: Read) -> None:
    """A cancel accumulates the mailbox at once; the consumer gets only the ending."""
    pieces = b"".join(sse({**DELTA, "delta": {"type": "text_delta", "text": f"{n} "}}) for n in range(3000))
    script: list[Step] = [Head(), Send(START + sse(BLOCK) + pieces), Hang()]

    def watch(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Text) and delta.text == "10 ":
            stream.cancel()

    with playing(script) as server:
        result = read(server.base_url, watch)
    assert isinstance(result.deltas[-1], Cancelled)
    assert len([delta for delta in result.deltas if isinstance(delta, Text)]) == 11
    assert result.reply.text.startswith("0 1 2 3 4 5 6 7 8 9 10 ")
    assert result.stats.deltas == len(result.reply.text.split())


def test_two_threads_on_one_stream_both_end() -> None:
    for _ in range(20):
        with playing(body(recorded("text"))) as server:
            client = opened(server)
            taken: list[Delta] = []
            with stream_reply(client, **REQUEST) as stream:
                readers = [threading.Thread(target=taken.extend, args=(stream,)) for _ in range(2)]
                for reader in readers:
                    reader.start()
                for reader in readers:
                    reader.join(10)
                assert not any(reader.is_alive() for reader in readers)
            assert len([delta for delta in taken if isinstance(delta, Finished)]) == 1
            close(client)


def test_a_mistake_that_nobody_iterated_is_raised_at_the_end() -> None:
    with playing(body(b"")) as server:
        client = opened(server)
        with pytest.raises(TypeError, match="temperature"):
            with stream_reply(client, **REQUEST, temperature=1.0) as stream:  # type: ignore[call-arg]
                assert stream._done.wait(10)
        close(client)


def test_leaving_what_was_never_entered() -> None:
    client = open_client(base_url="http://127.0.0.1:9")
    stream_reply(client, **REQUEST).__exit__(None, None, None)
    asyncio.run(astream_reply(client, **REQUEST).__aexit__(None, None, None))
    close(client)


def test_after_an_early_exit_there_is_nothing_more() -> None:
    async def run(url: str) -> None:
        async with open_client(base_url=url) as client:
            stream = astream_reply(client, **REQUEST)
            reply = stream.reply
            async with stream:
                async for _ in stream:
                    break
            assert [delta async for delta in stream] == []
            assert stream.reply is reply and reply.outcome == "cancelled"

    with playing(FLOWING) as server:
        asyncio.run(run(server.base_url))


def test_an_interrupt_that_takes_the_ending_away_still_leaves_one(mocker: MockerFixture) -> None:
    with playing(body(recorded("text"))) as server:
        client = opened(server)
        stream = stream_reply(client, **REQUEST)
        take = stream._take

        def interrupted(item: Any) -> Delta:
            if isinstance(item, Finished):
                raise KeyboardInterrupt
            return take(item)

        mocker.patch.object(stream, "_take", interrupted)
        with pytest.raises(KeyboardInterrupt), stream:
            list(stream)
        assert stream.reply.outcome == "cancelled" and stream.reply.text.startswith("¡Hola")
        close(client)


def test_a_cancel_from_another_thread_runs_on_the_loop(mocker: MockerFixture) -> None:
    with playing(FLOWING) as server:
        client = opened(server)
        with stream_reply(client, timeouts=Timeouts(notice=60), **REQUEST) as stream:
            threads: list[str] = []
            cancel = stream._task.cancel

            def watched() -> None:
                threads.append(threading.current_thread().name)
                cancel()

            mocker.patch.object(stream._task, "cancel", watched)
            timer = threading.Timer(0.2, stream.cancel)
            timer.start()
            assert isinstance(list(stream)[-1], Cancelled)
            timer.join()
        assert set(threads) == {"stream-core"}
        close(client)


def suspended() -> list[str]:
    """The generators of the transport, and ours above it, that are in the middle of something."""
    found = [
        one for one in gc.get_objects() if isinstance(one, AsyncGeneratorType) and one.ag_frame is not None
    ]
    ours = ("httpx2", "httpcore2", "stream_core")
    return [one.__qualname__ for one in found if any(name in one.ag_code.co_filename for name in ours)]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(START + sse(BLOCK, DELTA) + START.replace(b"msg_", b"other_"), id="protocol"),
        pytest.param(START + sse(BLOCK, {**DELTA, "delta": {"type": "text_delta", "text": {}}}), id="value"),
        pytest.param(START + b"event: content_block_delta\ndata: {broken\n\n", id="json"),
        pytest.param(START + b"event: error\ndata: it broke\n\n", id="error-event"),
    ],
)
def test_a_reply_that_breaks_leaves_no_generator_to_the_garbage_collection(broken: bytes) -> None:
    """It may run on any thread, also while the loop closes one of them: Python then prints a traceback."""
    with playing([Head(), Send(broken), Wait(0.05, fixed=True), Send(broken), Hang()]) as server:
        client = opened(server)
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                with stream_reply(client, **REQUEST) as stream:
                    assert isinstance(list(stream)[-1], Failed)
            until = time.monotonic() + 5
            while suspended() and time.monotonic() < until:  # the loop closes some of them a moment later
                time.sleep(0.01)
            assert suspended() == []
        finally:
            gc.enable()
        close(client)


# -- mistakes and loops ------------------------------------------------------------------------


def test_a_record_that_raises_is_the_callers_mistake(read: Read) -> None:
    def record(event: object) -> None:
        raise LookupError("mine")

    with playing(body(recorded("text"))) as server, pytest.raises(LookupError, match="mine"):
        read(server.base_url, record=record)


def test_a_closed_client_is_the_callers_mistake() -> None:
    client = open_client(base_url="http://127.0.0.1:9")
    close(client)
    with pytest.raises(errors.UsageError, match="closed"), stream_reply(client, **REQUEST) as stream:
        list(stream)


def test_a_sync_client_is_the_callers_mistake() -> None:
    from anthropic import Anthropic

    with Anthropic(api_key="x", base_url="http://127.0.0.1:9") as client:
        with pytest.raises(errors.UsageError, match="AsyncAnthropic"):
            with stream_reply(client, **REQUEST) as stream:  # type: ignore[arg-type]
                list(stream)


def test_a_copy_of_a_client_belongs_to_the_same_loop() -> None:
    with playing(body(recorded("text"))) as server:
        client = opened(server)
        with stream_reply(client, **REQUEST) as stream:
            list(stream)

        async def second() -> None:
            async with astream_reply(client.with_options(timeout=9), **REQUEST) as stream:
                async for _ in stream:
                    raise AssertionError("nothing may come")

        with pytest.raises(errors.WrongLoop):
            asyncio.run(second())
        close(client)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_process_starts_anew() -> None:
    code = (
        "import os, sys, warnings; warnings.simplefilter('ignore')\n"
        "sys.path.insert(0, 'tests')\n"
        "from support.wire import body, playing, read_sync, recorded\n"
        "def once():\n"
        "    with playing(body(recorded('text'))) as server:\n"
        "        return read_sync(server.base_url).reply.outcome\n"
        "assert once() == 'complete'\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if once() == 'complete' else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    root = FIXTURES.parents[1]
    done = starting.run([sys.executable, "-c", code], cwd=root, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def test_a_thread_that_cannot_be_started_leaves_nothing_broken(mocker: MockerFixture) -> None:
    before = threading.enumerate()
    mocker.patch.object(event_loop, "_loop", None)
    start = mocker.patch("threading.Thread.start", side_effect=RuntimeError("can't start new thread"))
    with pytest.raises(RuntimeError):
        event_loop.background_loop()
    mocker.stop(start)
    loop = event_loop.background_loop()
    assert loop.is_running()
    (thread,) = [t for t in threading.enumerate() if t.name == "stream-core" and t not in before]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    assert loop.is_closed()


# -- silence -----------------------------------------------------------------------------------


def test_headers_without_a_first_event_are_waited_for_as_a_first_byte(read: Read) -> None:
    with playing([Head(), Wait(0.3, fixed=True), Send(recorded("text"))]) as server:
        result = read(server.base_url, timeouts=Timeouts(notice=0.05))
    assert {d.reason for d in result.deltas if isinstance(d, Waiting)} == {"first_byte"}


def test_unknown_events_are_not_content(read: Read) -> None:
    def flood() -> Iterable[Step]:
        yield Head()
        yield Send(START)
        while True:
            yield Send(sse({"type": "hologram"}))
            yield Wait(0.02, fixed=True)

    with playing(flood()) as server:
        result = read(server.base_url, timeouts=Timeouts(idle=0.3, notice=0.1))
    assert type(result.reply.error) is errors.IdleTimeout


def test_a_slow_answer_to_the_request_is_no_stall_of_the_next() -> None:
    """Each attempt has its own clock: the wait for a retry does not count as silence."""
    with playing([Hang()], body(recorded("text"))) as server:
        result = read_sync(server.base_url, retry=QUICK, timeouts=Timeouts(idle=1.0, notice=0.05))
    assert result.reply.outcome == "complete"
