"""One reply as a sync or an async iteration of deltas, with cancel, retries and stats.

One path for both: the pump reads, the shells take out. So timestamps are the wire's, a slow consumer never
slows the reading, and a cancel is the cancel of one task, which the SDK leaves within a millisecond or two
in every phase.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream_core.core.deltas import Delta
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats

from . import event_loop as bridge
from .attempts import ByteRecorder, ReplyTask, StreamRequest
from .retry import RetryPolicy, Timeouts
from .task import AsyncHandle, SyncHandle, claim

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


def stream_reply(
    client: AsyncAnthropic,
    *,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: ByteRecorder | None = None,
    **request: Any,
) -> ReplyStream:
    """Stream one reply in sync code: `with stream_reply(...) as stream: for delta in stream: ...`.

    Args:
        client: an `AsyncAnthropic` that is used for sync streams only (they share one event loop).
        retry: when to try again before the first text; None: never. The SDK's own, silent retries are off.
        timeouts: how long silence is borne.
        record: gets a copy of the bytes of the response, after an empty chunk when its headers are there. It
            runs on the loop that all sync streams share.
        request: goes to `client.messages.stream` unchanged.
    """
    return ReplyStream(StreamRequest.create(client, request, retry, timeouts, record))


def astream_reply(
    client: AsyncAnthropic,
    *,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: ByteRecorder | None = None,
    **request: Any,
) -> AsyncReplyStream:
    """Stream one reply in async code: `async with astream_reply(...) as stream: async for delta in stream`.

    The arguments are those of `stream_reply`.
    """
    return AsyncReplyStream(StreamRequest.create(client, request, retry, timeouts, record))


def close_client(client: AsyncAnthropic) -> None:
    """Close a client that sync streams used. (In async code: `await client.close()`.)"""
    bridge.submit(client.close()).result()


@dataclass(frozen=True, slots=True)
class WholeReply:
    """A reply that came all at once, with its figures. See `fetch_reply`."""

    reply: Reply
    stats: ReplyStats


def fetch_reply(client: AsyncAnthropic, **request: Any) -> WholeReply:
    """Ask without streaming, in sync code: nothing is there until all of it is. To compare with streaming.

    Args:
        client: as in `stream_reply`.
        request: goes to `client.messages.create` unchanged.
    """
    from stream_core.sdk import streams as sdk

    async def ask() -> list[Delta]:
        claim(client, asyncio.get_running_loop())
        return await sdk.fetch(client, request)

    whole = WholeReply(Reply(), ReplyStats(time.monotonic()))
    asking = bridge.submit(ask())
    try:
        deltas = asking.result()
    except BaseException:
        asking.cancel()
        raise
    for delta in deltas:
        whole.reply.feed(delta)
        whole.stats.feed(delta)
    return whole


class _ReplyState:
    """What both streams of a reply hold.

    Attributes:
        reply: what has arrived, as far as the iteration has come.
        stats: the figures of the reply.
    """

    reply: Reply
    stats: ReplyStats

    def _prepare(self) -> None:
        self.reply, self.stats = Reply(), ReplyStats(time.monotonic())

    def _begin(self, now: float) -> None:
        self.stats.started = now

    def _feed(self, delta: Delta) -> bool:
        self.reply.feed(delta)
        self.stats.feed(delta)
        return self.reply.ending is not None


class AsyncReplyStream(_ReplyState, AsyncHandle[Delta]):
    """One reply as an async iteration, with `reply` and `stats`. See `astream_reply`."""

    def __init__(self, order: StreamRequest) -> None:
        super().__init__(ReplyTask(order))
        self._prepare()


class ReplyStream(_ReplyState, SyncHandle[Delta]):
    """One reply as a sync iteration, with `reply` and `stats`. See `stream_reply`."""

    def __init__(self, order: StreamRequest) -> None:
        super().__init__(ReplyTask(order))
        self._prepare()
