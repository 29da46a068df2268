"""Latency of a cancel in each phase of a reply, and whether the server sees the connection close."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from anthropic import AsyncAnthropic

from stream_core import (
    Cancelled,
    Delta,
    Reply,
    RetryPolicy,
    Text,
    Timeouts,
    Waiting,
    astream_reply,
    stream_reply,
)

from .core import REQUEST, client_for
from .table import Row, at
from .wire_server import Wire, wire_server

TIMES = 200
MOST = 50.0  # milliseconds, the target for the 99th percentile
PHASES = ("connecting", "headers", "flowing", "stalled", "retry")
NAMES = {"headers": "waiting for headers", "retry": "waiting to retry"}
CONNECTED = ("headers", "flowing", "stalled")

_WAITED_FOR = {"connecting": "first_byte", "headers": "first_byte", "stalled": "idle", "retry": "retry"}
_RETRY = RetryPolicy(base=30.0)
_TIMEOUTS = Timeouts(notice=0.01)

Times = tuple[float, float]
"""When cancel() was called, and when the iterator had ended."""


def run() -> list[Row]:
    """Every phase, with both shells."""
    rows = []
    with wire_server() as wire, deaf_port() as port:
        for phase in PHASES:
            url = f"http://127.0.0.1:{port}" if phase == "connecting" else wire.url(phase)
            for shell, series in (("sync", _sync_series), ("async", _async_series)):
                rows.append(_row(wire, phase, shell, series(client_for(url), phase)))
    return rows


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port whose connections never come about: its queue is full and nobody accepts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        queued: list[socket.socket] = []
        try:
            while _connects(port, queued):
                pass
            yield port
        finally:
            for sock in queued:
                sock.close()


def _connects(port: int, queued: list[socket.socket]) -> bool:
    if len(queued) > 100:
        raise RuntimeError("the queue of a listening socket does not fill up on this system")
    sock = socket.socket()
    queued.append(sock)
    sock.settimeout(0.3)
    try:
        sock.connect(("127.0.0.1", port))
    except TimeoutError:
        return False
    return True


def _reached(phase: str) -> Callable[[Delta], bool]:
    """A question to ask of each delta; its answer is yes once, when the phase is reached."""
    texts, said = 0, False

    def ask(delta: Delta) -> bool:
        nonlocal texts, said
        texts += isinstance(delta, Text)
        if phase == "flowing":
            reached = texts >= 5
        else:
            reached = isinstance(delta, Waiting) and delta.reason == _WAITED_FOR[phase]
        now, said = reached and not said, said or reached
        return now

    return ask


def _checked(reply: Reply, phase: str, called: list[float], ended: float) -> Times:
    if not isinstance(reply.ending, Cancelled) or not called:
        raise RuntimeError(f"{phase}: the reply ended with {reply.ending!r}")
    return called[0], ended


def _soon() -> float:
    return random.uniform(0, 0.003)


# -- the two shells ----------------------------------------------------------------------------


def _sync_series(client: AsyncAnthropic, phase: str) -> list[Times]:
    return [_sync_once(client, phase) for _ in range(TIMES)]


def _sync_once(client: AsyncAnthropic, phase: str) -> Times:
    called: list[float] = []
    ask = _reached(phase)

    def cancel() -> None:
        called.append(time.monotonic())
        stream.cancel()

    with stream_reply(client, retry=_RETRY, timeouts=_TIMEOUTS, **REQUEST) as stream:
        for delta in stream:
            if ask(delta):
                threading.Timer(_soon(), cancel).start()
        ended = time.monotonic()
    return _checked(stream.reply, phase, called, ended)


def _async_series(client: AsyncAnthropic, phase: str) -> list[Times]:
    async def series() -> list[Times]:
        async with client:
            return [await _async_once(client, phase) for _ in range(TIMES)]

    return asyncio.run(series())


async def _async_once(client: AsyncAnthropic, phase: str) -> Times:
    called: list[float] = []
    ask = _reached(phase)

    def cancel() -> None:
        called.append(time.monotonic())
        stream.cancel()

    async with astream_reply(client, retry=_RETRY, timeouts=_TIMEOUTS, **REQUEST) as stream:
        async for delta in stream:
            if ask(delta):
                asyncio.get_running_loop().call_later(_soon(), cancel)
        ended = time.monotonic()
    return _checked(stream.reply, phase, called, ended)


# -- the figures -------------------------------------------------------------------------------


def _row(wire: Wire, phase: str, shell: str, series: list[Times]) -> Row:
    ends = [(ended - called) * 1000 for called, ended in series]
    measured = f"p50 {at(ends, 0.5):.1f}, p99 {at(ends, 0.99):.1f} ms"
    met = at(ends, 0.99) <= MOST
    target = f"p99 <= {MOST:g} ms"
    if phase in CONNECTED:
        # One at a time and in their order: the hang-ups that the server saw belong to the cancels.
        lines = [line for _ in series if (line := wire.told(f"closed {phase}", 2.0)) is not None]
        seen = [float(line.split()[2]) for line in lines]
        after = [(saw - called) * 1000 for saw, (called, _) in zip(seen, series, strict=False)]
        measured += f"; server saw {len(seen)} of {len(series)}"
        if after:
            measured += f", p50 {at(after, 0.5):.1f}, p99 {at(after, 0.99):.1f} ms"
        met = met and len(seen) == len(series)
        target += f", all {len(series)} seen"
    return Row(f"cancel, {NAMES.get(phase, phase)}, {shell}", measured, target, met)
