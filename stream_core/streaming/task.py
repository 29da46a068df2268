"""A flow: work on an event loop that hands over items and has exactly one ending, and its two mailboxes.

What the work is, is somebody else's business (`pump`: one reply; `turn`: a reply with its tools). Here is how
it starts, how it is cancelled from any thread, and how its items reach the consumer: on the same loop
(`AsyncHandle`) or on any other thread (`SyncHandle`). The work runs at its own speed; a slow consumer never
slows it, and finds every item in the mailbox.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from inspect import iscoroutinefunction
from queue import Empty, SimpleQueue
from threading import Event
from types import TracebackType
from typing import Any, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from typing_extensions import Self

from stream_core.core.deltas import Cancelled
from stream_core.core.errors import UsageError, WrongLoop

from . import event_loop as bridge

D = TypeVar("D")


class CallerError:
    """An exception that is the caller's mistake (or ours): raised where the flow is consumed."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


_owners: WeakKeyDictionary[Any, asyncio.AbstractEventLoop] = WeakKeyDictionary()


def claim(client: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Bind a client to a loop: its connections live there, on a second one they fail and explain nothing.

    Raises:
        WrongLoop: it was used from another loop, itself or a copy that shares its connections.
        UsageError: it is closed, or not an async client.
    """
    if not iscoroutinefunction(client.close):
        raise UsageError("an AsyncAnthropic is needed, also for sync streams: open_client() gives one")
    if client.is_closed():
        raise UsageError("this client is closed")
    # The transport rather than the client: what `with_options` gives is a copy around the same connections.
    if _owners.setdefault(getattr(client, "_client", client), loop) is not loop:
        raise WrongLoop("this client was used from another event loop; open one client for each")


class StreamTask(ABC, Generic[D]):
    """The work, as one task on the loop.

    Attributes:
        ended: whether the ending was handed over; what the task still does then is of no interest.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._put: Callable[[Any], None] = _nowhere
        self._on_done: Callable[[], None] = _nowhere
        self._cancelled = False
        self._task: asyncio.Task[None] | None = None
        self.ended = False

    def deliver_to(self, put: Callable[[D | CallerError], None], done: Callable[[], None]) -> None:
        """Say who gets the items, and who is told when the task is over."""
        self._put, self._on_done = put, done

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, on the loop's thread."""
        try:
            claim(self._client, loop)
        except UsageError as error:
            self._put(CallerError(error))
            self._on_done()
            return
        self._task = loop.create_task(self._run())
        # In a callback, because a task that is cancelled before its first step never runs at all.
        self._task.add_done_callback(self._finish)
        if self._cancelled:
            self._task.cancel()

    def ask_to_cancel(self) -> None:
        """Let `start` cancel at once; from any thread, for a flow that may not have started."""
        self._cancelled = True

    def cancel(self) -> None:
        """Stop, on the loop's thread; without effect once the flow has ended."""
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    @abstractmethod
    async def _run(self) -> None:
        """Do the work: `_put` items, then `_end` with the ending. An exception is the caller's mistake."""

    def _end(self, ending: Any) -> None:
        self.ended = True
        self._put(ending)

    def _finish(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if not self.ended:
            if error is None:
                self._end(Cancelled(time.monotonic()))
            else:
                self._put(CallerError(error))
        self._on_done()
        self.deliver_to(_nowhere, _nowhere)  # else flow and mailbox would hold each other


def _nowhere(item: object = None) -> None:
    pass


class _StreamHandle(ABC, Generic[D]):
    """What both mailboxes share: taking one item in, and cancelling."""

    def __init__(self, flow: StreamTask[D]) -> None:
        self._flow = flow
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = False
        self._hurry = False  # cancelled: what is still in the mailbox is taken in, and only the ending given

    @abstractmethod
    def _begin(self, now: float) -> None:
        """The flow starts now, in seconds on the monotonic clock."""

    @abstractmethod
    def _feed(self, delta: D) -> bool:
        """Take a delta into the state; say whether it is the ending."""

    def cancel(self) -> None:
        """End the iteration with `Cancelled`, keeping what arrived. From any thread, at any moment."""
        self._hurry = True
        # In this order, which enter and start mirror: whoever comes second sees what the first one did.
        self._flow.ask_to_cancel()
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._flow.cancel)
        except RuntimeError:
            pass  # the loop is closed, and the flow with it

    def _enter(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None:
            raise UsageError("a stream can be entered once")
        self._loop = loop
        self._begin(time.monotonic())

    def _take(self, item: D | CallerError) -> D:
        if isinstance(item, CallerError):
            self._over = True
            raise item.error
        self._over = self._feed(item)
        return item

    def _settle(self, items: Iterable[D | CallerError], error: BaseException | None) -> None:
        """Take in what had arrived when the `with` was left, and see to it that there is an ending."""
        crash: BaseException | None = None
        for item in items:
            if isinstance(item, CallerError):
                crash = item.error
            elif not self._over:
                self._take(item)
        if not self._over and crash is None:
            # A signal took the ending out of the mailbox and could not hand it over.
            self._feed(cast(D, Cancelled(time.monotonic())))
        self._over = True
        if crash is not None and error is None:
            raise crash


class AsyncHandle(_StreamHandle[D]):
    """A flow as an async iteration, on the loop it runs on."""

    def __init__(self, flow: StreamTask[D]) -> None:
        super().__init__(flow)
        self._items: deque[D | CallerError] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._done = asyncio.Event()
        flow.deliver_to(self._put, self._done.set)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._enter(loop)
        self._flow.start(loop)
        return self

    def __aiter__(self) -> Self:
        if self._loop is None:
            raise UsageError("use `async with` around the iteration")
        return self

    async def __anext__(self) -> D:
        while not self._over:
            if self._items:
                item = self._take(self._items.popleft())
                if not self._hurry or self._over:
                    return item
                continue
            if self._waiter is not None and not self._waiter.done():
                raise UsageError("the reply is iterated twice at the same time")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        raise StopAsyncIteration

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is None:
            return
        try:
            if error is not None or not self._flow.ended:
                self._flow.cancel()
            await self._done.wait()
        finally:
            items = list(self._items)
            self._items.clear()
            self._settle(items, error)

    def _put(self, item: D | CallerError) -> None:
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class SyncHandle(_StreamHandle[D]):
    """A flow as a sync iteration, on any thread but that of the loop it runs on."""

    def __init__(self, flow: StreamTask[D]) -> None:
        super().__init__(flow)
        # None is the end of the mailbox; whoever takes it puts it back, so that no reader waits for ever.
        self._items: SimpleQueue[D | CallerError | None] = SimpleQueue()
        self._done = Event()
        flow.deliver_to(self._items.put, self._close)

    def __enter__(self) -> Self:
        loop = bridge.loop()
        self._enter(loop)
        loop.call_soon_threadsafe(self._flow.start, loop)
        return self

    def __iter__(self) -> Self:
        if self._loop is None:
            raise UsageError("use `with` around the iteration")
        return self

    def __next__(self) -> D:
        while not self._over:
            item = self._items.get()
            if item is None:
                self._items.put(None)
                break
            delta = self._take(item)
            if not self._hurry or self._over:
                return delta
        raise StopIteration

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is None:
            return
        try:
            if error is not None or not self._flow.ended:
                self.cancel()
            self._done.wait()
        finally:
            self._settle(self._left(), error)

    def _left(self) -> Iterator[D | CallerError]:
        """What is still in the mailbox."""
        while True:
            try:
                item = self._items.get_nowait()
            except Empty:
                return
            if item is not None:
                yield item

    def _close(self) -> None:
        self._items.put(None)
        self._done.set()
