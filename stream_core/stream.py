"""The shells: one reply as a sync or an async iteration of deltas, with cancel, retries and stats.

One path for both. A pump, a task on the event loop the client belongs to, reads the SDK's stream at the
speed of the wire and hands the deltas over; the shells only take them out: `AsyncReplyStream` on that loop,
`ReplyStream` on any other thread. So timestamps are the wire's, a slow consumer never slows the reading,
and a cancel is the cancel of one task, which the SDK leaves within a millisecond or two in every phase.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from queue import SimpleQueue
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from . import bridge
from .deltas import Delta
from .errors import UsageError
from .pump import Crash, Item, Order, Pump, Record, RetryPolicy, Timeouts
from .reply import Reply
from .stats import ReplyStats

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


def stream_reply(
    client: AsyncAnthropic,
    *,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: Record | None = None,
    **request: Any,
) -> ReplyStream:
    """Stream one reply in sync code: `with stream_reply(...) as stream: for delta in stream: ...`.

    Args:
        client: an `AsyncAnthropic` that is used for sync streams only (they share one event loop).
        retry: when to try again before the first content; None: never. With a policy the SDK's own retries
            are off.
        timeouts: how long silence is borne.
        record: gets a copy of the bytes of the response.
        request: goes to `client.messages.stream` unchanged.
    """
    return ReplyStream(Order(client, request, retry, timeouts or Timeouts(), record))


def astream_reply(
    client: AsyncAnthropic,
    *,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    record: Record | None = None,
    **request: Any,
) -> AsyncReplyStream:
    """Stream one reply in async code: `async with astream_reply(...) as stream: async for delta in stream`.

    The arguments are those of `stream_reply`.
    """
    return AsyncReplyStream(Order(client, request, retry, timeouts or Timeouts(), record))


class _Shell:
    """What both shells share: the reply, its stats, and taking one item in."""

    _pump: Pump

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = False
        self.reply = Reply()
        self.stats = ReplyStats(time.monotonic())

    def cancel(self) -> None:
        """End the reply with `Cancelled`, keeping what arrived. From any thread, at any moment."""
        if self._loop is None:
            self._pump.cancel()  # not begun: entering it will end it
            return
        try:
            self._loop.call_soon_threadsafe(self._pump.cancel)
        except RuntimeError:
            pass  # the loop is closed, and the reply with it

    def _take(self, item: Item) -> Delta:
        if isinstance(item, Crash):
            self._over = True
            raise item.error
        self.reply.feed(item)
        self.stats.feed(item)
        if self.reply.ending is not None:
            self._over = True
        return item

    def _settle(self, items: list[Item]) -> None:
        """Take in what had arrived when the `with` was left."""
        for item in items:
            if not isinstance(item, Crash) and not self._over:
                self._take(item)
        self._over = True


class AsyncReplyStream(_Shell):
    """One reply as an async iteration. See `astream_reply`.

    Attributes:
        reply: what has arrived, as far as the iteration has come.
        stats: the figures of the reply.
    """

    def __init__(self, order: Order) -> None:
        super().__init__()
        self._items: deque[Item] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._done = asyncio.Event()
        self._pump = Pump(order, self._put, self._done.set)

    async def __aenter__(self) -> Self:
        if self._loop is not None:
            raise UsageError("a stream can be entered once")
        self._loop = asyncio.get_running_loop()
        self.stats.started = time.monotonic()
        self._pump.start(self._loop)
        return self

    def __aiter__(self) -> Self:
        if self._loop is None:
            raise UsageError("use `async with` around the iteration")
        return self

    async def __anext__(self) -> Delta:
        while not self._items:
            if self._over:
                raise StopAsyncIteration
            if self._waiter is not None and not self._waiter.done():
                raise UsageError("the reply is iterated twice at the same time")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._take(self._items.popleft())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None or not self._pump.ended:
            self._pump.cancel()
        await self._done.wait()
        self._settle(list(self._items))

    def _put(self, item: Item) -> None:
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class ReplyStream(_Shell):
    """One reply as a sync iteration. See `stream_reply`.

    Attributes:
        reply: what has arrived, as far as the iteration has come.
        stats: the figures of the reply.
    """

    def __init__(self, order: Order) -> None:
        super().__init__()
        self._items: SimpleQueue[Item] = SimpleQueue()
        self._done = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pump = Pump(order, self._items.put, self._done.set)

    def __enter__(self) -> Self:
        if self._loop is not None:
            raise UsageError("a stream can be entered once")
        self._loop = bridge.loop()
        self.stats.started = time.monotonic()
        self._loop.call_soon_threadsafe(self._pump.start, self._loop)
        return self

    def __iter__(self) -> Self:
        if self._loop is None:
            raise UsageError("use `with` around the iteration")
        return self

    def __next__(self) -> Delta:
        if self._over:
            raise StopIteration
        return self._take(self._items.get())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None or not self._pump.ended:
            self.cancel()
        self._done.wait()
        self._settle([self._items.get() for _ in range(self._items.qsize())])
