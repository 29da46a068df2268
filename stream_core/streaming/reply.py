"""One reply as a sync or an async iteration of deltas, with cancel, retries and stats.

One path for both: the pump reads, the shells take out. So timestamps are the wire's, a slow consumer never
slows the reading, and a cancel is the cancel of one task, which the SDK leaves within a millisecond or two
in every phase.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream_core.core.deltas import Delta, Ending
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.core.wire import WireRecorder
from stream_core.sdk.output_format import parser_for

from . import event_loop
from .attempts import ReplyTask
from .handles import AsyncHandle, SyncHandle
from .retry import RetryPolicy
from .stream_request import StreamRequest
from .task import bind_to_loop
from .timeouts import Timeouts

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from typing_extensions import Unpack

    from stream_core.sdk.param_types import RequestParams


def stream_reply(
    client: AsyncAnthropic,
    *,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: WireRecorder | None = None,
    **request: Unpack[RequestParams],
) -> ReplyStream:
    """Stream one reply in sync code: `with stream_reply(...) as stream: for delta in stream: ...`.

    Args:
        client: an `AsyncAnthropic` that is used for sync streams only (they share one event loop).
        retry: when to try again before the first text; None: never. The SDK's own, silent retries are off.
        timeouts: how long silence is borne.
        record: gets what goes over the wire as it happens, such as a `Recorder`, which writes it into a file.
            It runs on the loop that all sync streams share.
        request: goes to `client.messages.stream` unchanged.
    """
    return ReplyStream(StreamRequest.create(client, request, retry, timeouts, record))


def astream_reply(
    client: AsyncAnthropic,
    *,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: WireRecorder | None = None,
    **request: Unpack[RequestParams],
) -> AsyncReplyStream:
    """Stream one reply in async code: `async with astream_reply(...) as stream: async for delta in stream`.

    The arguments are those of `stream_reply`.
    """
    return AsyncReplyStream(StreamRequest.create(client, request, retry, timeouts, record))


def close_client(client: AsyncAnthropic) -> None:
    """Close a client that sync streams used. (In async code: `await client.close()`.)"""
    event_loop.submit(client.close()).result()


@dataclass(frozen=True, slots=True)
class WholeReply:
    """A reply that came all at once, with its figures. See `fetch_reply`."""

    reply: Reply
    stats: ReplyStats


def fetch_reply(client: AsyncAnthropic, **request: Unpack[RequestParams]) -> WholeReply:
    """Ask without streaming, in sync code: nothing is there until all of it is. To compare with streaming.

    Args:
        client: as in `stream_reply`.
        request: goes to `client.messages.create` unchanged.
    """
    from stream_core.sdk import streams as sdk

    async def ask() -> list[Delta]:
        bind_to_loop(client, asyncio.get_running_loop())
        return await sdk.fetch(client, request)

    whole = WholeReply(Reply(), ReplyStats(time.monotonic()))
    asking = event_loop.submit(ask())
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
    """Accumulator of one reply: the reply and its figures."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.reply, self.stats = Reply(parser_for(request)), ReplyStats(time.monotonic())

    def __repr__(self) -> str:
        return repr(self.reply)

    def begin(self, now: float) -> None:
        self.stats.started = now

    def feed(self, delta: Delta) -> None:
        self.reply.feed(delta)
        self.stats.feed(delta)

    @property
    def ending(self) -> Ending | None:
        return self.reply.ending

    def raise_for_failure(self) -> None:
        self.reply.raise_for_failure()


class AsyncReplyStream(AsyncHandle[Delta]):
    """One reply as an async iteration. See `astream_reply`.

    Attributes:
        reply: what has arrived, as far as the iteration has come.
        stats: the figures of the reply.
    """

    def __init__(self, order: StreamRequest) -> None:
        state = _ReplyState(order.request)
        self.reply, self.stats = state.reply, state.stats
        super().__init__(ReplyTask(order), state)


class ReplyStream(SyncHandle[Delta]):
    """One reply as a sync iteration. See `stream_reply`.

    Attributes:
        reply: what has arrived, as far as the iteration has come.
        stats: the figures of the reply.
    """

    def __init__(self, order: StreamRequest) -> None:
        state = _ReplyState(order.request)
        self.reply, self.stats = state.reply, state.stats
        super().__init__(ReplyTask(order), state)
