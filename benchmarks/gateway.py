"""The gateway of a team: real HAProxy with the files of `deploy/`, and practice servers in other processes.

What it adds to the first token, how soon a cancel reaches the server, and what 1,000 streams lose when one of
three servers is slow and another one is killed among them.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from anthropic import AsyncAnthropic

from stream_core import Finished, Text, astream_reply, open_client
from stream_core.practice import events, script
from stream_core.practice.scenarios import Scenario
from stream_core.practice.server import PracticeServer

from .core import REQUEST
from .table import Row, at, ratio, rounds

sys.path.append(
    str(Path(__file__).resolve().parent.parent / "tests")
)  # the gateway is started as its tests do

STREAMS = 1_000
AT_ONCE = 150
KILLED_AFTER = 300
DELTAS = 20
SECONDS = {"quick": 2.0, "slow": 6.0, "dying": 2.0}
TEXT = "palabra " * DELTAS
ROUNDS = 5
CANCELS = 200
UNLIMITED = {"GATEWAY_REQUESTS_A_MINUTE": "1000000", "GATEWAY_REPLIES_AT_ONCE": "1000000"}


def run() -> list[Row]:
    """Every figure; without HAProxy, a row that says so."""
    from support.gateway import HAPROXY

    if HAPROXY is None:
        return [Row("gateway", "haproxy is not installed", "-", None)]
    return [*_first_tokens(), _cancels(), *_three_servers()]


# -- what it adds ------------------------------------------------------------------------------


def _first_tokens() -> list[Row]:
    from support.gateway import PEOPLE, gateway

    rows = []
    for name, wait, count in (("at once", 0.0, 200), ("after 300 ms", 0.3, 10)):
        with _server(f"wait={wait}") as (url, _), gateway({"one": url}, variables=UNLIMITED) as door:
            direct = partial(_measure, url, "direct", count)
            found = rounds(
                {"direct": direct, "through": partial(_measure, door.url, PEOPLE["ana"], count)}, ROUNDS
            )
        base, ours = [at(r, 0.5) for r in found["direct"]], [at(r, 0.5) for r in found["through"]]
        factor = ratio(ours, base)
        measured = f"{factor:.2f}x ({_ms(ours)} / {_ms(base)})"
        rows.append(
            Row(
                f"first token p50, a server that answers {name}, gateway / direct",
                measured,
                "<= 1.2x",
                factor <= 1.2,
            )
        )
    return rows


def _ms(values: list[float]) -> str:
    return f"{1000 * at(values, 0.5):.1f} ms"


def _measure(url: str, key: str, count: int) -> list[float]:
    return asyncio.run(_firsts(url, key, count))


async def _firsts(url: str, key: str, count: int) -> list[float]:
    """Seconds to the first text, one reply after another."""
    found = []
    async with open_client(base_url=url, api_key=key) as client:
        for _ in range(count):
            before, first = time.perf_counter(), 0.0
            async with astream_reply(client, **REQUEST) as stream:
                async for delta in stream:
                    if isinstance(delta, Text) and not first:
                        first = time.perf_counter() - before
            found.append(first)
    return found


# -- cancel ------------------------------------------------------------------------------------


def _cancels() -> Row:
    from support.gateway import PEOPLE, gateway

    hang = Scenario("hang", "", lambda _: True, _stalled)
    with (
        PracticeServer(scenarios=[hang]) as server,
        gateway({"one": server.base_url}, variables=UNLIMITED) as door,
    ):
        took = asyncio.run(_cancel(server, door.url, PEOPLE["ana"]))
    worst, seen = 1000 * at(took, 0.99), len(took)
    measured = f"p50 {1000 * at(took, 0.5):.1f}, p99 {worst:.1f} ms; {seen} of {CANCELS} seen"
    return Row("cancel -> the server sees it, through the gateway", measured, "<= 100 ms", worst <= 100)


def _stalled(_: object) -> Iterator[script.Step]:
    yield script.Head()
    yield script.Send(
        events.message_start("claude-sonnet-5-5", 5) + events.block_start() + events.text_delta("uno")
    )
    yield script.Hang()


async def _cancel(server: PracticeServer, url: str, key: str) -> list[float]:
    took = []
    async with open_client(base_url=url, api_key=key) as client:
        for _ in range(CANCELS):
            async with astream_reply(client, **REQUEST) as stream:
                async for delta in stream:
                    if isinstance(delta, Text):
                        seen, before = server.hangups, time.perf_counter()
                        stream.cancel()
            if await asyncio.to_thread(server.wait_for, partial(_hung_up, server, seen), 5.0):
                took.append(time.perf_counter() - before)
    return took


def _hung_up(server: PracticeServer, before: int) -> bool:
    return server.hangups > before


# -- one slow, one dying -----------------------------------------------------------------------


def _three_servers() -> list[Row]:
    from support.gateway import PEOPLE, Gateway, gateway

    def cut(door: Gateway) -> int:
        """Streams that had begun at the server that died, and ended with it."""
        return len(
            [line for line in door.lines("upstream=dying") if "status=200" in line and "end=--" not in line]
        )

    with ExitStack() as stack:
        servers = {name: stack.enter_context(_server(f"seconds={SECONDS[name]}")) for name in SECONDS}
        urls = {name: url for name, (url, _) in servers.items()}
        door = stack.enter_context(gateway(urls, variables=UNLIMITED))
        whole, wrong, took = asyncio.run(_storm(door.url, PEOPLE["ana"], servers["dying"][1]))
        begun = cut(door)
        share = {name: len(door.lines(f"upstream={name}")) for name in urls}
    lost = STREAMS - whole - wrong
    shared = ", ".join(f"{name} {count}" for name, count in share.items())
    return [
        Row(
            f"{STREAMS:,} streams, {AT_ONCE} at once, one slow server, one killed: lost beyond its own",
            f"{lost - begun} ({whole} whole, {lost} cut, {begun} begun there; {took:.0f} s; {shared})",
            "0",
            lost <= begun and not wrong,
        ),
        Row("of those, whole ones with a wrong text", str(wrong), "0", wrong == 0),
    ]


async def _storm(url: str, key: str, dying: subprocess.Popen[str]) -> tuple[int, int, float]:
    """Streams that were whole, that were whole and wrong, and the seconds it took."""
    turns, done, found = asyncio.Semaphore(AT_ONCE), 0, {"whole": 0, "wrong": 0}

    async def one(client: AsyncAnthropic) -> None:
        nonlocal done
        async with turns:
            async with astream_reply(client, **REQUEST) as stream:
                async for _ in stream:
                    pass
            done += 1
            if done == KILLED_AFTER:
                dying.kill()
            if isinstance(stream.reply.ending, Finished):
                found["whole" if stream.reply.text == TEXT else "wrong"] += 1

    before = time.monotonic()
    async with open_client(base_url=url, api_key=key) as client:
        await asyncio.gather(*(one(client) for _ in range(STREAMS)))
    return found["whole"], found["wrong"], time.monotonic() - before


# -- the servers -------------------------------------------------------------------------------


@contextmanager
def _server(manner: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A practice server in a process of its own; it ends with its stdin."""
    command = [sys.executable, "-m", "benchmarks.gateway", manner]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.stdin.close()


def _serve(manner: str) -> None:
    name, _, number = manner.partition("=")
    seconds = float(number)

    def reply(_: Any) -> Iterator[script.Step]:
        yield script.Wait(seconds if name == "wait" else 0.0)
        yield script.Head()
        yield script.Send(events.message_start("claude-sonnet-5-5", 5) + events.block_start())
        for _number in range(DELTAS):
            yield script.Send(events.text_delta("palabra "))
            yield script.Wait(seconds / DELTAS if name == "seconds" else 0.0)
        yield script.Send(events.block_stop() + events.message_delta("end_turn", {"output_tokens": DELTAS}))
        yield script.Send(events.message_stop())

    scenario = Scenario("gateway", "", lambda _: True, reply)
    with PracticeServer(scenarios=[scenario], most_connections=4 * AT_ONCE) as server:
        print(server.base_url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
