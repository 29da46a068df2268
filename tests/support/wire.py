"""Wires for the tests: any bytes as an answer, and one way to read a reply through either shell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from stream_core import AsyncReplyStream, ReplyStream, Timeouts, astream_reply, open_client, stream_reply
from stream_core.core.deltas import Delta
from stream_core.practice.request import Request
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Head, Script, Send, Step
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from support.paths import FIXTURES

REQUEST: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hola"}],
}
PATIENT = Timeouts(notice=60.0)
"""On a busy machine a reply may take longer than the second after which it is told that it does."""


def recorded(name: str) -> bytes:
    """The bytes of a recorded stream."""
    return (FIXTURES / f"{name}.sse").read_bytes()


def events(name: str) -> list[bytes]:
    """A recorded stream, cut into its events."""
    return [part + b"\n\n" for part in recorded(name).split(b"\n\n") if part]


def body(data: bytes) -> list[Step]:
    """An event stream that holds these bytes and ends cleanly."""
    return [Head(), Send(data)]


@contextmanager
def playing(*scripts: Iterable[Step]) -> Iterator[PracticeServer]:
    """A server that answers each request with the next script, the last one again and again."""
    left = list(scripts)

    def script(_: Any) -> Iterable[Step]:
        return left.pop(0) if len(left) > 1 else left[0]

    scenario = Scenario("test", "", lambda _: True, script)
    with PracticeServer(remember=True, scenarios=[scenario], pace=1.0) as server:
        yield server


class _Listing(PracticeServer):
    """A practice server whose list of models is a script."""

    def __init__(self, scripts: Iterable[Iterable[Step]], scenario: Scenario) -> None:
        super().__init__(scenarios=[scenario], pace=1.0, remember=True)
        self._lists = list(scripts)

    def _answer(self, request: Request, request_id: str) -> Script:
        reply = super()._answer(request, request_id)
        if not request.path.startswith("/v1/models"):
            return reply
        return self._lists.pop(0) if len(self._lists) > 1 else self._lists[0]


@contextmanager
def listing(*scripts: Iterable[Step], reply: Iterable[Step] = ()) -> Iterator[PracticeServer]:
    """A server that answers a request for its models with the next script, the last one again and again.

    Args:
        reply: what it answers a question with.
    """
    with _Listing(scripts, Scenario("test", "", lambda _: True, lambda _: reply)) as server:
        yield server


class Result:
    """Deltas and reply of an iteration."""

    def __init__(self, stream: ReplyStream | AsyncReplyStream, deltas: list[Delta]) -> None:
        self.reply, self.stats, self.deltas = stream.reply, stream.stats, deltas


Watch = Callable[[Any, Delta], None]


def read_sync(
    url: str, watch: Watch = lambda *_: None, *, api_key: str | None = None, **options: Any
) -> Result:
    """Read a whole reply through the sync shell; `watch` sees the stream and each delta."""
    client = open_client(base_url=url, api_key=api_key)
    deltas: list[Delta] = []
    try:
        with stream_reply(client, **{**REQUEST, "timeouts": PATIENT, **options}) as stream:
            for delta in stream:
                deltas.append(delta)
                watch(stream, delta)
        return Result(stream, deltas)
    finally:
        event_loop.submit(client.close()).result()


def read_async(url: str, watch: Watch = lambda *_: None, **options: Any) -> Result:
    """Read a whole reply through the async shell, in an event loop of its own."""

    async def read() -> Result:
        async with open_client(base_url=url) as client:
            deltas: list[Delta] = []
            async with astream_reply(client, **{**REQUEST, "timeouts": PATIENT, **options}) as stream:
                async for delta in stream:
                    deltas.append(delta)
                    watch(stream, delta)
            return Result(stream, deltas)

    return asyncio.run(read())
