"""Recorded streams, broken at random: whatever comes, there is one ending, and it is the right one.

A modest number of them here; thousands with `make soak`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import FIXTURES
from support.replies import comparable, endings
from support.wire import REQUEST, Result, events

from stream_core import Finished, Timeouts, astream_reply, close_client, open_client, stream_reply
from stream_core.core import errors
from stream_core.practice.events import error, event, ping
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Cut, Head, Send, Step
from stream_core.practice.server import PracticeServer

NAMES = sorted(file.stem for file in FIXTURES.glob("*.sse"))
STRANGE = (
    ping(),
    error("overloaded_error", "Overloaded"),
    event("hologram", {"type": "hologram"}),
    b": comment\n\n",
    b"data: 1\n\n",
    b"event: content_block_delta\n\n",
    b"\n",
)
PATIENCE = Timeouts(idle=10.0, notice=30.0)  # nothing here is silent: a stall is a hang


@dataclass
class Broken:
    """A stream and how it is sent."""

    data: bytes
    cut: bool
    size: int

    def script(self) -> Iterator[Step]:
        yield Head()
        for start in range(0, len(self.data), self.size):
            yield Send(self.data[start : start + self.size])
        if self.cut:
            yield Cut()


@st.composite
def broken(draw: st.DrawFn) -> Broken:
    """A recording with events dropped, repeated, exchanged and mixed with others, and bits turned over."""
    parts = events(draw(st.sampled_from(NAMES)))
    for change in draw(st.lists(st.sampled_from(("drop", "repeat", "exchange", "insert")), max_size=4)):
        at = draw(st.integers(0, len(parts) - 1)) if parts else 0
        if change == "insert" or not parts:
            foreign = st.sampled_from(events(draw(st.sampled_from(NAMES))))
            parts.insert(at, draw(st.sampled_from(STRANGE) | foreign))
        elif change == "drop":
            del parts[at]
        elif change == "repeat":
            parts.insert(draw(st.integers(0, len(parts))), parts[at])
        else:
            other = draw(st.integers(0, len(parts) - 1))
            parts[at], parts[other] = parts[other], parts[at]
    data = bytearray(b"".join(parts))
    for bit in draw(st.lists(st.integers(0, max(0, 8 * len(data) - 1)), max_size=3)) if data else ():
        data[bit // 8] ^= 1 << bit % 8
    end = draw(st.none() | st.integers(0, len(data)))
    return Broken(bytes(data[:end]), draw(st.booleans()), draw(st.sampled_from((1_000_000, 700, 64, 9))))


@dataclass
class Told:
    """What these bytes say, read here anew and leniently, so that it shares no mistake with the program.

    Attributes:
        text: of every delta that carries text, up to the end of the message.
        stopped: whether they hold the least that a whole reply needs: a stop reason, or an end.
    """

    text: str = ""
    stopped: bool = False


def told_by(data: bytes) -> Told:
    told, name, over = Told(), "", False
    for line in re.split("\r\n|\n|\r", data.decode("utf-8", "replace")):
        key, _, value = line.partition(":")
        if not line or key == "event":
            name = value.strip()
        try:
            payload = json.loads(value) if key == "data" else None
        except ValueError:
            continue
        if not isinstance(payload, dict) or over:
            continue
        delta, block = payload.get("delta"), payload.get("content_block")
        if isinstance(delta, dict) and isinstance(delta.get("text"), str):
            told.text += delta["text"]
        if isinstance(block, dict) and block.get("type") == "text":
            told.text += str(block.get("text") or "")
        over = payload.get("type") == "message_stop" or (name == "message_stop" and "delta" not in payload)
        parts = (part for part in (delta, payload, payload.get("message")) if isinstance(part, dict))
        reasons = (part.get("stop_reason") for part in parts)
        told.stopped = told.stopped or over or any(reasons)
    return told


@dataclass
class Wire:
    """A server and a client of each shell, for many replies."""

    server: PracticeServer
    playing: list[Broken] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.sync, self.asynchronous = (open_client(base_url=self.server.base_url) for _ in range(2))

    def close(self) -> None:
        close_client(self.sync)
        self.loop.run_until_complete(self.asynchronous.close())
        self.loop.close()

    def read_sync(self) -> Result:
        with stream_reply(self.sync, timeouts=PATIENCE, **REQUEST) as stream:
            return Result(stream, list(stream))

    def read_async(self) -> Result:
        async def read() -> Result:
            async with astream_reply(self.asynchronous, timeouts=PATIENCE, **REQUEST) as stream:
                return Result(stream, [delta async for delta in stream])

        return self.loop.run_until_complete(read())


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    playing: list[Broken] = []
    scenario = Scenario("fuzz", "", lambda body: True, lambda body: playing[-1].script())
    with PracticeServer(scenarios=[scenario], pace=0) as server:
        wire = Wire(server, playing)
        yield wire
        wire.close()


@settings(deadline=None)
@given(broken())
def test_whatever_is_broken_there_is_one_ending_and_it_is_right(wire: Wire, broken: Broken) -> None:
    wire.playing[:] = [broken]
    sync, asynchronous = wire.read_sync(), wire.read_async()
    assert comparable(sync.deltas) == comparable(asynchronous.deltas)
    assert sync.reply.text == asynchronous.reply.text and sync.reply.blocks == asynchronous.reply.blocks
    assert endings(sync) == sync.deltas[-1:]
    assert not isinstance(sync.reply.error, errors.IdleTimeout)
    sync.reply.text.encode()
    told = told_by(broken.data)
    assert told.text.startswith(sync.reply.arrived)
    if isinstance(sync.deltas[-1], Finished):
        assert told.stopped and told.text == sync.reply.arrived


@pytest.mark.parametrize("name", NAMES)
def test_what_is_whole_is_complete(wire: Wire, name: str) -> None:
    """The check of the test above is no check if it holds nothing to be complete."""
    data = b"".join(events(name))
    wire.playing[:] = [Broken(data, False, 64)]
    result, told = wire.read_sync(), told_by(data)
    assert isinstance(result.deltas[-1], Finished) and told.stopped and told.text == result.reply.arrived
    assert not told_by(data.replace(b"message_stop", b"message_stpo").replace(b"stop_reason", b"no")).stopped
