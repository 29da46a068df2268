"""Stream handles: async for the loop that the stream runs on, sync for any other thread.

A handle starts the task, takes its items out of a mailbox into an accumulator, and cancels. The items of a
slow consumer wait in the mailbox; after a cancel they are accumulated at once and only the ending is given.
"""
# See docs/adr/0001-one-task-and-a-mailbox.md

from __future__ import annotations

import asyncio
import time
from abc import ABC
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from queue import Empty, SimpleQueue
from threading import Event
from types import TracebackType
from typing import Generic, Protocol, TypeVar, cast

from typing_extensions import Self

from stream_core.core.deltas import Cancelled, Ending, Text
from stream_core.core.errors import UsageError

from . import event_loop
from .task import CallerError, StreamTask

D = TypeVar("D")
D_contra = TypeVar("D_contra", contravariant=True)


class Accumulator(Protocol[D_contra]):
    """The state that a stream's deltas add up to."""

    def begin(self, now: float) -> None:
        """Note that the request is sent now, in seconds on the monotonic clock."""

    def feed(self, delta: D_contra) -> None:
        """Add the next delta."""

    @property
    def ending(self) -> Ending | None:
        """The delta that ended the stream, or None while it runs."""

    def raise_for_failure(self) -> None:
        """Raise the error that ended the stream, if one did."""


class _StreamHandle(ABC, Generic[D]):
    """Base of both handles: starting, accumulating, cancelling."""

    def __init__(self, task: StreamTask[D], accumulator: Accumulator[D]) -> None:
        self._task = task
        self._accumulator = accumulator
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finished = False
        self._skip_to_ending = False  # cancelled: what is in the mailbox is accumulated, not given

    def __repr__(self) -> str:
        state = "not started" if self._loop is None else repr(self._accumulator)
        return f"<{type(self).__name__} {state}>"

    def cancel(self) -> None:
        """End the iteration with `Cancelled`, keeping what arrived. From any thread, at any moment."""
        self._skip_to_ending = True
        # Set the flag before reading _loop. Entering sets _loop first and reads the flag when it starts, so
        # one of the two threads always sees what the other wrote, and no cancel is lost.
        self._task.ask_to_cancel()
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:
            pass  # the loop is closed, and the task with it

    def raise_for_failure(self) -> None:
        """Raise the error that ended the stream, if one did; for programs that prefer exceptions.

        Raises:
            StreamCoreError: the one that `Failed` carried.
        """
        self._accumulator.raise_for_failure()

    def _enter(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None:
            raise UsageError("a stream can be entered once")
        self._loop = loop
        self._accumulator.begin(time.monotonic())

    def _take(self, item: D | CallerError) -> D:
        if isinstance(item, CallerError):
            self._finished = True
            raise item.error
        self._accumulator.feed(item)
        self._finished = self._accumulator.ending is not None
        return item

    def _drain_on_exit(self, items: Iterable[D | CallerError], error: BaseException | None) -> None:
        """Accumulate what had arrived when the `with` was left, and make sure that there is an ending."""
        mistake: BaseException | None = None
        for item in items:
            if isinstance(item, CallerError):
                mistake = item.error
            elif not self._finished:
                self._take(item)
        if not self._finished and mistake is None:
            # A signal took the ending out of the mailbox and could not hand it over.
            self._accumulator.feed(cast(D, Cancelled(time.monotonic())))
        self._finished = True
        if mistake is not None and error is None:
            raise mistake


class AsyncHandle(_StreamHandle[D]):
    """A stream as an async iteration, on the loop it runs on."""

    def __init__(self, task: StreamTask[D], accumulator: Accumulator[D]) -> None:
        super().__init__(task, accumulator)
        self._items: deque[D | CallerError] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._done = asyncio.Event()
        task.deliver_to(self._put, self._done.set)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._enter(loop)
        self._task.start(loop)
        return self

    def __aiter__(self) -> Self:
        if self._loop is None:
            raise UsageError("use `async with` around the iteration")
        return self

    async def __anext__(self) -> D:
        while not self._finished:
            if self._items:
                item = self._take(self._items.popleft())
                if not self._skip_to_ending or self._finished:
                    return item
                continue
            if self._waiter is not None and not self._waiter.done():
                raise UsageError("the reply is iterated twice at the same time")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        raise StopAsyncIteration

    @property
    async def text_stream(self) -> AsyncIterator[str]:
        """The pieces of text alone, as they arrive. How it ended, `raise_for_failure` and the state tell."""
        async for delta in self:
            if isinstance(delta, Text):
                yield delta.text

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is None:
            return
        try:
            if error is not None or not self._task.ended:
                self._task.cancel()
            await self._done.wait()
        finally:
            items = list(self._items)
            self._items.clear()
            self._drain_on_exit(items, error)

    def _put(self, item: D | CallerError) -> None:
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def left_in(mailbox: SimpleQueue[D | None]) -> Iterator[D]:
    """Take out what is still in a mailbox, without its end (None)."""
    while True:
        try:
            item = mailbox.get_nowait()
        except Empty:
            return
        if item is not None:
            yield item


class SyncHandle(_StreamHandle[D]):
    """A stream as a sync iteration, on any thread but that of the loop it runs on."""

    def __init__(self, task: StreamTask[D], accumulator: Accumulator[D]) -> None:
        super().__init__(task, accumulator)
        # None is the end of the mailbox; whoever takes it puts it back, so that no reader waits for ever.
        self._items: SimpleQueue[D | CallerError | None] = SimpleQueue()
        self._done = Event()
        task.deliver_to(self._items.put, self._close)

    def __enter__(self) -> Self:
        loop = event_loop.background_loop()
        self._enter(loop)
        loop.call_soon_threadsafe(self._task.start, loop)
        return self

    def __iter__(self) -> Self:
        if self._loop is None:
            raise UsageError("use `with` around the iteration")
        return self

    def __next__(self) -> D:
        while not self._finished:
            item = self._items.get()
            if item is None:
                self._items.put(None)
                break
            delta = self._take(item)
            if not self._skip_to_ending or self._finished:
                return delta
        raise StopIteration

    @property
    def text_stream(self) -> Iterator[str]:
        """The pieces of text alone, as they arrive. How it ended, `raise_for_failure` and the state tell."""
        for delta in self:
            if isinstance(delta, Text):
                yield delta.text

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is None:
            return
        try:
            if error is not None or not self._task.ended:
                self.cancel()
            self._done.wait()
        finally:
            self._drain_on_exit(left_in(self._items), error)

    def _close(self) -> None:
        self._items.put(None)
        self._done.set()
