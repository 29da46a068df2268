"""Faults that only many or long replies show: here in small, with `make soak` in full."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import selectors
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic
from pytest_mock import MockerFixture
from support.faults import COUNTING, TEXT
from support.replies import FLOWING
from support.wire import REQUEST, body, recorded

from stream_core import (
    Cancelled,
    Delta,
    Failed,
    Finished,
    RetryPolicy,
    Text,
    Timeouts,
    Waiting,
    astream_reply,
    close_client,
    open_client,
    stream_reply,
)
from stream_core.core import errors
from stream_core.core.event_translator import Translator
from stream_core.practice.events import ping, text_delta
from stream_core.practice.faults import load
from stream_core.practice.lab import Armed
from stream_core.practice.request import Body, question
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Hang, Head, Script, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from stream_core.streaming.attempts import ReplyTask
from stream_core.streaming.event_loop import LOOKUP_THREADS

ENDINGS = (Cancelled, Failed, Finished)


# -- cancels -----------------------------------------------------------------------------------


def _flood() -> Iterator[Step]:
    yield Head()
    yield Send(recorded("text").partition(b"event: content_block_stop")[0])
    while True:
        yield Send(text_delta("más "))
        yield Wait(0.001, fixed=True)


def _pings() -> Iterator[Step]:
    yield from FLOWING[:-1]
    while True:
        yield Send(ping())
        yield Wait(0.002, fixed=True)


PHASES: dict[str, Callable[[], Script]] = {
    "headers": lambda: [Hang()],
    "first byte": lambda: [Head(), Hang()],
    "flowing": _flood,
    "pings": _pings,
    "stalled": lambda: FLOWING,
    "retry": lambda: error_reply(529, "overloaded_error", "Overloaded"),
    "complete": lambda: body(recorded("text")),
    "draining": lambda: [Head(), Send(recorded("text")), Hang()],
    "connecting": lambda: (),  # it never gets that far
}


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port whose connections never come about: its queue is full and nobody accepts."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield full.getsockname()[1]
        for filler in fillers:
            filler.close()


def order(phase: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": phase}]
    timeouts, retry = Timeouts(idle=60, notice=0.002), RetryPolicy(base=50)
    return {**REQUEST, "messages": messages, "timeouts": timeouts, "retry": retry}


def check(deltas: list[Delta], reply: Any, left: bool) -> None:
    ends = [delta for delta in deltas if isinstance(delta, ENDINGS)]
    assert ends == ([] if left else deltas[-1:]), deltas
    assert reply.ending is not None
    assert reply.outcome in ("cancelled", "complete"), reply.error


def cancel_sync(client: AsyncAnthropic, phase: str, chance: random.Random) -> None:
    """One reply, cancelled from another thread or by leaving, at a moment that chance chooses."""
    leave_at = chance.choice((None, None, chance.randint(1, 4)))
    deltas: list[Delta] = []
    with stream_reply(client, **order(phase)) as stream:
        timer = threading.Timer(chance.uniform(0, 0.012), stream.cancel)
        timer.start()
        for delta in stream:
            deltas.append(delta)
            if len(deltas) == leave_at:
                break
    timer.join()
    check(deltas, stream.reply, left=not isinstance(deltas[-1], ENDINGS))


async def cancel_async(client: AsyncAnthropic, phase: str, chance: random.Random) -> None:
    leave_at = chance.choice((None, None, chance.randint(1, 4)))
    deltas: list[Delta] = []
    async with astream_reply(client, **order(phase)) as stream:
        asyncio.get_running_loop().call_later(chance.uniform(0, 0.012), stream.cancel)
        async for delta in stream:
            deltas.append(delta)
            if len(deltas) == leave_at:
                break
    check(deltas, stream.reply, left=not isinstance(deltas[-1], ENDINGS))


def open_files() -> set[str]:
    """Open descriptors of the process by kind; sockets one by one."""
    found = set()
    for file in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{file.name} {file.readlink()}")
        except OSError:  # that of the listing itself
            pass
    return found


def own_threads() -> set[threading.Thread]:
    """The threads, less those of a loop's own pool: it resolves names there and keeps a few of them."""
    pools = ("asyncio_", LOOKUP_THREADS)
    return {thread for thread in threading.enumerate() if not thread.name.startswith(pools)}


def tasks_of_the_loop() -> int:
    async def count() -> int:
        return len(asyncio.all_tasks()) - 1  # not this one

    return event_loop.submit(count()).result(10)


async def _all_async(urls: dict[str, str], phases: list[str], chance: random.Random) -> None:
    clients = {url: open_client(base_url=url) for url in set(urls.values())}
    for start in range(0, len(phases), 10):
        some = phases[start : start + 10]
        await asyncio.gather(*(cancel_async(clients[urls[phase]], phase, chance) for phase in some))
    assert len(asyncio.all_tasks()) == 1
    for client in clients.values():
        await client.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a list of the open files")
def test_cancels_at_any_moment_leave_nothing_behind(soaking: bool) -> None:
    seed = random.randrange(2**32) if soaking else 20
    chance, times = random.Random(seed), 2000 if soaking else 100
    phases = [chance.choice(list(PHASES)) for _ in range(times)]
    scenario = Scenario("phases", "", lambda body: True, lambda body: PHASES[_phase(body)]())
    warm = stream_reply(open_client(base_url="http://127.0.0.1:9"), **REQUEST)
    with warm:  # what the first reply loads stays loaded
        warm.cancel()
    before, threads, tasks = open_files(), own_threads(), tasks_of_the_loop()
    with PracticeServer(scenarios=[scenario]) as server, deaf_port() as port:
        urls = {phase: server.base_url for phase in PHASES} | {"connecting": f"http://127.0.0.1:{port}"}
        clients = {url: open_client(base_url=url) for url in set(urls.values())}
        for phase in phases[: times // 2]:
            cancel_sync(clients[urls[phase]], phase, chance)
        assert tasks_of_the_loop() == tasks, f"seed {seed}"
        for client in clients.values():
            close_client(client)
        asyncio.run(_all_async(urls, phases[times // 2 :], chance))
        assert server.wait_for(lambda: server.open_connections == 0), f"seed {seed}"
    gc.collect()
    assert open_files() <= before, f"seed {seed}"
    assert own_threads() <= threads, f"seed {seed}"


def _phase(body: Body) -> str:
    return question(body)


# -- an hour of pings --------------------------------------------------------------------------


class _Selector(selectors.DefaultSelector):
    """Sleeps by putting the clock forward."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        assert ready or timeout is not None, "nothing is going to happen any more"
        if not ready and timeout:
            self.now += timeout
        return ready


class Hours(asyncio.SelectorEventLoop):
    """A loop in which waiting takes no time: its clock jumps to the next thing to do."""

    def __init__(self) -> None:
        self.clock = _Selector()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


class Pinging(httpx2.AsyncBaseTransport, httpx2.AsyncByteStream):
    """In the place of the network: half of a reply, then pings for `seconds`, then the rest."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.pings = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        begun, stop, rest = recorded("text").partition(b"event: content_block_stop")
        yield begun
        for _ in range(int(self.seconds / 10)):
            await asyncio.sleep(10)
            self.pings += 1
            yield ping()
        yield stop + rest


def in_hours(mocker: MockerFixture, transport: Pinging, timeouts: Timeouts) -> list[Delta]:
    """A reply over this transport, on a clock that jumps."""

    async def read() -> list[Delta]:
        http = anthropic.DefaultAsyncHttpxClient(transport=transport)
        async with AsyncAnthropic(api_key="x", max_retries=0, http_client=http, timeout=10_000) as client:
            async with astream_reply(client, timeouts=timeouts, **REQUEST) as stream:
                return [delta async for delta in stream]

    loop = Hours()
    for module in (
        "streaming.attempts",
        "streaming.timeouts",
        "streaming.handles",
        "streaming.reply",
        "streaming.task",
        "sdk.byte_tap",
    ):
        clock = mocker.patch(f"stream_core.{module}.time", wraps=time)
        clock.monotonic.side_effect = loop.time
    try:
        return loop.run_until_complete(read())
    finally:
        loop.close()


def test_an_hour_of_pings(mocker: MockerFixture) -> None:
    """A long wait is reported each second with its length."""
    transport = Pinging(3600)
    deltas = in_hours(mocker, transport, Timeouts(idle=4000, notice=1.0))
    waits = [delta.seconds for delta in deltas if isinstance(delta, Waiting)]
    assert transport.pings == 360 and len(waits) == pytest.approx(3600, abs=5)
    assert waits == sorted(waits) and waits[-1] == pytest.approx(3600, abs=5)
    assert isinstance(deltas[-1], Finished)
    assert "".join(delta.text for delta in deltas if isinstance(delta, Text)).startswith("¡Hola desde")


def test_pings_are_borne_for_five_minutes_and_no_longer(mocker: MockerFixture) -> None:
    transport = Pinging(3600)
    deltas = in_hours(mocker, transport, Timeouts())
    assert isinstance(deltas[-1], Failed) and type(deltas[-1].error) is errors.IdleTimeout
    assert deltas[-1].at == pytest.approx(300, abs=5) and transport.pings <= 31


# -- memory ------------------------------------------------------------------------------------


def resident() -> float:
    """Megabytes of memory that the process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def alive(*kinds: type) -> int:
    gc.collect()
    return sum(isinstance(one, kinds) for one in gc.get_objects())


def replies(server: PracticeServer, client: AsyncAnthropic, names: Iterable[str]) -> None:
    """One reply for each fault, and a whole one after it."""
    faults = {fault.name: fault for fault in load()}
    for name in names:
        server.lab.arm(Armed(faults[name], 5, 1))
        silent = Timeouts(idle=0.05, notice=0.02) if name in ("silencio", "pings") else None
        for timeouts in (silent, None):
            with stream_reply(client, timeouts=timeouts, **REQUEST) as stream:
                assert isinstance(list(stream)[-1], ENDINGS)
        assert stream.reply.text == TEXT, name


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs the size of the process")
def test_memory_is_bounded(soaking: bool, record_property: Callable[[str, object], None]) -> None:
    seconds, chance = (240.0 if soaking else 3.0), random.Random(5)
    names = [fault.name for fault in load() if fault.counts not in ("segundos", "megas")]
    with PracticeServer(scenarios=[COUNTING], pace=0) as server:
        client = open_client(base_url=server.base_url)
        until, sizes = time.monotonic() + seconds, []
        replies(server, client, names)
        kept = alive(ReplyTask, Translator)
        while time.monotonic() < until:
            chance.shuffle(names)
            replies(server, client, names)
            sizes.append(resident())
        assert alive(ReplyTask, Translator) <= kept
        close_client(client)
    if soaking:  # the server remembers 1,000 requests: by half of the time it has them
        record_property("replies", len(sizes) * 2 * len(names))
        record_property("megabytes", f"{sizes[0]:.0f}, {sizes[len(sizes) // 2]:.0f}, {sizes[-1]:.0f}")
        assert sizes[-1] - sizes[len(sizes) // 2] < 10
