"""A crowd: many replies at once through one client, beside the bare SDK doing the same.

The practice server sends them, from a process of its own, at a pace at which each takes five seconds when
nothing stands in the way.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
from anthropic import AsyncAnthropic

from stream_core import Finished, Text, astream_reply
from stream_core.practice import events, script
from stream_core.practice.scenarios import Scenario
from stream_core.practice.server import PracticeServer

from .core import REQUEST
from .table import Row, ratio_row, rounds

CROWD = 1_000
DELTAS = 50
SECONDS = 5.0
ROUNDS = 3

One = Callable[[AsyncAnthropic], Coroutine[Any, Any, bool]]
"""One reply; says whether it was complete."""


def run() -> list[Row]:
    """The time and the CPU that a crowd takes, ours beside the SDK's."""
    errors = {"sdk": 0, "ours": 0}
    busy: dict[str, list[float]] = {"sdk": [], "ours": []}

    def side(name: str, one: One) -> Callable[[], float]:
        def measure() -> float:
            before = time.process_time()
            took, failed = asyncio.run(_crowd(url, one))
            busy[name].append(time.process_time() - before)
            errors[name] += failed
            return took

        return measure

    with _server() as url:
        found = rounds({"sdk": side("sdk", _sdk_alone), "ours": side("ours", _ours)}, ROUNDS)
    what = f"{CROWD:,} replies of {DELTAS} deltas at once, ours / SDK"
    counts = f"ours {errors['ours']}, SDK {errors['sdk']}"
    return [
        ratio_row(f"{what}, time", found["ours"], found["sdk"], "s", 1.1),
        ratio_row(f"{what}, CPU", busy["ours"][1:], busy["sdk"][1:], "s", 1.0),
        Row(f"{what}, errors", counts, "0", errors["ours"] == 0),
    ]


async def _crowd(url: str, one: One) -> tuple[float, int]:
    """Seconds until the last of them had ended, and how many were not complete."""
    http = anthropic.DefaultAsyncHttpxClient(trust_env=False)
    # To connect a thousand times on a slow machine may take longer than the five seconds of the default.
    client = AsyncAnthropic(api_key="benchmark", base_url=url, max_retries=0, http_client=http, timeout=60.0)
    async with client:
        before = time.monotonic()
        complete = await asyncio.gather(*(one(client) for _ in range(CROWD)))
        return time.monotonic() - before, CROWD - sum(complete)


async def _ours(client: AsyncAnthropic) -> bool:
    count = 0
    async with astream_reply(client, **REQUEST) as stream:
        async for delta in stream:
            count += isinstance(delta, Text)
    return count == DELTAS and isinstance(stream.reply.ending, Finished)


async def _sdk_alone(client: AsyncAnthropic) -> bool:
    count, stopped = 0, False
    try:
        async with client.messages.stream(**REQUEST) as stream:
            async for event in stream:
                count += event.type == "text"
                stopped = stopped or event.type == "message_stop"
    except anthropic.AnthropicError:
        return False
    return count == DELTAS and stopped


# -- the other end -----------------------------------------------------------------------------


@contextmanager
def _server() -> Iterator[str]:
    """A practice server in a process of its own; it ends with its stdin."""
    command = [sys.executable, "-m", "benchmarks.crowd"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _reply(_: object) -> Iterator[script.Step]:
    yield script.Head()
    yield script.Send(events.message_start("claude-sonnet-5-5", 5) + events.block_start())
    for _ in range(DELTAS):
        yield script.Send(events.text_delta("palabra "))
        yield script.Wait(SECONDS / DELTAS)
    end = events.block_stop() + events.message_delta("end_turn", {"output_tokens": DELTAS})
    yield script.Send(end + events.message_stop())


def _serve() -> None:
    scenario = Scenario("crowd", "", lambda body: True, _reply)
    with PracticeServer(scenarios=[scenario], most_connections=2 * CROWD) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve()
