"""Cost of the core: CPU per text delta against the SDK alone, its growth, connections per turn."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any

import anthropic
from anthropic import AsyncAnthropic
from anthropic.lib.streaming import TextEvent
from anthropic.types import RawContentBlockDeltaEvent, RawMessageStreamEvent, TextDelta
from pydantic import TypeAdapter

from stream_core import Finished, Reply, ReplyStats, Text, astream_reply, stream_reply
from stream_core.core.events import Translator
from stream_core.practice import script

from .table import Row, cpu, ratio_row, rounds
from .wire_server import DELTAS, Wire, pieces, wire_server

REQUEST: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Hola"}],
}
ROUNDS = 5
SMALL, LARGE = 1_000, 100_000
TURNS = 5


def client_for(url: str) -> AsyncAnthropic:
    """A client for the wire server: the same for every side."""
    http = anthropic.DefaultAsyncHttpxClient(trust_env=False)
    return AsyncAnthropic(api_key="benchmark", base_url=url, max_retries=0, http_client=http)


def run() -> list[Row]:
    """Every benchmark of this group."""
    with wire_server() as wire:
        rows = [row for mode in ("paced", "fast") for row in _per_delta(wire, mode)]
    rows.append(_growth())
    with wire_server() as wire:  # another one, that counts from nought
        rows += _connections(wire)
    return rows


# -- CPU per delta -----------------------------------------------------------------------------


async def _sdk_alone(client: AsyncAnthropic) -> int:
    count = 0
    async with client.messages.stream(**REQUEST) as stream:
        async for event in stream:
            count += event.type == "text"
    return count


async def _async_shell(client: AsyncAnthropic) -> int:
    count = 0
    async with astream_reply(client, **REQUEST) as stream:
        async for delta in stream:
            count += isinstance(delta, Text)
    return count


def _sync_shell(client: AsyncAnthropic) -> int:
    count = 0
    with stream_reply(client, **REQUEST) as stream:
        for delta in stream:
            count += isinstance(delta, Text)
    return count


def _per_delta(wire: Wire, mode: str) -> list[Row]:
    loop = asyncio.new_event_loop()
    ours, theirs = client_for(wire.url(mode)), client_for(wire.url(mode))

    def checked(count: int) -> None:
        if count != DELTAS:
            raise RuntimeError(f"{count} text deltas instead of {DELTAS}")

    def on_loop(side: Callable[[AsyncAnthropic], Coroutine[Any, Any, int]]) -> Callable[[], float]:
        return lambda: _micros(cpu(lambda: checked(loop.run_until_complete(side(theirs)))), DELTAS)

    try:
        found = rounds(
            {
                "sdk": on_loop(_sdk_alone),
                "async": on_loop(_async_shell),
                "sync": lambda: _micros(cpu(lambda: checked(_sync_shell(ours))), DELTAS),
            },
            ROUNDS,
        )
        loop.run_until_complete(theirs.close())
    finally:
        loop.close()
    how = {"paced": "one event a write", "fast": "as fast as possible"}[mode]
    return [
        ratio_row(f"CPU a delta, async / SDK, {how}", found["async"], found["sdk"], "us", 1.25),
        ratio_row(f"CPU a delta, sync / SDK, {how}", found["sync"], found["sdk"], "us", 1.4),
    ]


def _micros(seconds: float, count: int) -> float:
    return seconds / count * 1e6


# -- does a delta cost more as the reply grows -------------------------------------------------


def _growth() -> Row:
    deltas = _events()
    start = _parsed(script.message_start("m", 1), script.block_start())
    usage = {"output_tokens": 1}
    end = _parsed(script.block_stop(), script.message_delta("end_turn", usage), script.message_stop())

    def feed(count: int, times: int) -> Callable[[], float]:
        def work() -> None:
            for _ in range(times):
                _play(start, deltas, end, count)

        return lambda: _micros(cpu(work), count * times)

    found = rounds({"small": feed(SMALL, LARGE // SMALL), "large": feed(LARGE, 1)}, 2 * ROUNDS + 1)
    what = f"translate + Reply + ReplyStats, a delta at {LARGE:,} / {SMALL:,}"
    return ratio_row(what, found["large"], found["small"], "us", 1.1)


def _events() -> list[Any]:
    """The two events of the SDK for each delta: the raw one and the derived one."""
    found: list[Any] = []
    for piece in pieces(SMALL):
        delta = TextDelta(type="text_delta", text=piece)
        found.append(RawContentBlockDeltaEvent(type="content_block_delta", index=0, delta=delta))
        found.append(TextEvent(type="text", text=piece, snapshot=""))
    return found


def _parsed(*events: bytes) -> list[Any]:
    """The SDK's events for bytes of the wire."""
    adapter: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
    return [adapter.validate_json(event.split(b"data: ", 1)[1]) for event in events]


def _play(start: list[Any], deltas: list[Any], end: list[Any], count: int) -> None:
    translator, reply, stats = Translator(), Reply(), ReplyStats(0.0)
    at = 0.0
    content = itertools.islice(itertools.cycle(deltas), 2 * count)
    for event in itertools.chain(start, content, end):
        at += 0.01
        delta = translator.translate(event, at)
        if delta is not None:
            reply.feed(delta)
            stats.feed(delta)
    if not isinstance(reply.ending, Finished) or stats.deltas != count:
        raise RuntimeError("the prepared events do not make a whole reply")


# -- connections -------------------------------------------------------------------------------


def _connections(wire: Wire) -> list[Row]:
    async def turns() -> None:
        async with client_for(wire.url("short")) as client:
            for _ in range(TURNS):
                await _async_shell(client)

    asyncio.run(turns())
    rows = [_opened(wire, "async")]
    client = client_for(wire.url("short"))
    for _ in range(TURNS):
        _sync_shell(client)
    return [*rows, _opened(wire, "sync")]


def _opened(wire: Wire, shell: str) -> Row:
    count = 0
    while wire.told("opened", 0.3) is not None:
        count += 1
    return Row(f"TCP connections for {TURNS} turns, {shell}", str(count), "1", count == 1)
