"""Cost of the core: CPU per text delta against the SDK alone, its growth, connections per turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import anthropic
from anthropic import AsyncAnthropic

from stream_core import Finished, Reply, ReplyStats, Text, astream_reply, stream_reply
from stream_core.core.body_decoder import EventReader
from stream_core.core.event_translator import Translator
from stream_core.practice import events

from .table import Row, cpu, ratio_row, rounds
from .wire_server import DELTAS, Wire, pieces, wire_server

REQUEST: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Hola"}],
}
ROUNDS = 5
SMALL, LARGE = 2_500, 125_000  # deltas of eight characters: 20 kB and 1 MB of text
CHUNK = 1_400  # bytes that come at once
TURNS = 5


def client_for(url: str) -> AsyncAnthropic:
    """A client for the wire server: the same for every side."""
    http = anthropic.DefaultAsyncHttpxClient(trust_env=False)
    return AsyncAnthropic(api_key="benchmark", base_url=url, max_retries=0, http_client=http)


def run() -> list[Row]:
    """Every benchmark of this group."""
    with wire_server() as wire:
        rows = [row for mode in ("paced", "fast") for row in _per_delta(wire, mode)]
    rows += [_growth(), _tool_input()]
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
    most = {"paced": {"async": 0.85, "sync": 1.0}, "fast": {"async": 0.35, "sync": 0.45}}[mode]
    return [
        ratio_row(f"CPU a delta, {shell} / SDK, {how}", found[shell], found["sdk"], "us", limit)
        for shell, limit in most.items()
    ]


def _micros(seconds: float, count: int) -> float:
    return seconds / count * 1e6


# -- does a delta cost more as the reply grows -------------------------------------------------


def _growth() -> Row:
    def feed(count: int, times: int) -> Callable[[], float]:
        body = whole_reply(count)

        def work() -> None:
            for _ in range(times):
                _play(body, count)

        return lambda: _micros(cpu(work), count * times)

    found = rounds({"small": feed(SMALL, LARGE // SMALL), "large": feed(LARGE, 1)}, 2 * ROUNDS + 1)
    what = f"decode + translate + Reply + ReplyStats, a delta at {LARGE:,} / {SMALL:,}"
    return ratio_row(what, found["large"], found["small"], "us", 1.1)


def whole_reply(count: int) -> bytes:
    """The body of a reply of so many deltas."""
    begin = events.message_start("m", 1) + events.block_start()
    end = events.block_stop() + events.message_delta("end_turn", {"output_tokens": 1}) + events.message_stop()
    return begin + b"".join(map(events.text_delta, pieces(count))) + end


def _play(body: bytes, count: int) -> None:
    reader, translator, reply, stats = EventReader(), Translator(), Reply(), ReplyStats(0.0)
    for place in range(0, len(body), CHUNK):
        for event in reader.feed(body[place : place + CHUNK]):
            for delta in translator.translate(event, place):
                reply.feed(delta)
                stats.feed(delta)
    if not isinstance(reply.ending, Finished) or stats.deltas != count:
        raise RuntimeError("the prepared bytes do not make a whole reply")


def _tool_input() -> Row:
    """A megabyte of tool input in tiny pieces: seconds in all, and no more a piece than for a tenth of it."""

    def feed(count: int) -> float:
        translator, reply = Translator(), Reply()
        call = {"type": "tool_use", "id": "t", "name": "x", "input": {}}
        pieces = ['{"a": "', *["0123456789"] * count, '"}']
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": {"id": "m", "model": "m"}},
            {"type": "content_block_start", "index": 0, "content_block": call},
            *(
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "input_json_delta", "partial_json": piece},
                }
                for piece in pieces
            ),
            {"type": "content_block_stop", "index": 0},
        ]

        def work() -> None:
            for event in events:
                for delta in translator.translate(event, 0.0):
                    reply.feed(delta)

        took = cpu(work)
        if len(reply.blocks[0]["input"]["a"]) != 10 * count:
            raise RuntimeError("the pieces do not make the whole input")
        return took

    took, tenth = feed(LARGE), feed(LARGE // 10)
    measured = f"{took:.2f} s; a piece {took / tenth / 10:.2f}x that of a tenth"
    return Row("a 1 MB tool input in pieces of ten characters", measured, "<= 2 s, linear", took <= 2.0)


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
