"""A flow: work on an event loop that hands over items and has exactly one ending, and its two mailboxes.

What the work is, is somebody else's business (`pump`: one reply; `turn`: a reply with its tools). Here is how
it starts, how it is cancelled from any thread, and how its items reach the consumer: on the same loop
(`AsyncShell`) or on any other thread (`SyncShell`). The work runs at its own speed; a slow consumer never
slows it, and finds every item in the mailbox.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event
from types import TracebackType
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from typing_extensions import Self

from . import bridge
from .deltas import Cancelled
from .errors import UsageError, WrongLoop

D = TypeVar("D")


class Crash:
    """An exception that is the caller's mistake (or ours): raised where the flow is consumed."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


_owners: WeakKeyDictionary[Any, asyncio.AbstractEventLoop] = WeakKeyDictionary()


def claim(client: Any, loop: asyncio.AbstractEventLoop) -> None:
    """A client's connections live on one loop; on a second one they fail in ways that explain nothing."""
    if _owners.setdefault(client, loop) is not loop:
        raise WrongLoop("this client was used from another event loop; open one client for each")


class Flow(ABC, Generic[D]):
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

    def deliver_to(self, put: Callable[[D | Crash], None], done: Callable[[], None]) -> None:
        """Say who gets the items, and who is told when the task is over."""
        self._put, self._on_done = put, done

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, on the loop's thread."""
        try:
            claim(self._client, loop)
        except WrongLoop as error:
            self._put(Crash(error))
            self._on_done()
            return
        self._task = loop.create_task(self._run())
        # In a callback, because a task that is cancelled before its first step never runs at all.
        self._task.add_done_callback(self._finish)
        if self._cancelled:
            self._task.cancel()

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
                self._put(Crash(error))
        self._on_done()
        self.deliver_to(_nowhere, _nowhere)  # else flow and mailbox would hold each other


def _nowhere(item: object = None) -> None:
    pass


class _Shell(ABC, Generic[D]):
    """What both mailboxes share: taking one item in, and cancelling."""

    def __init__(self, flow: Flow[D]) -> None:
        self._flow = flow
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = False

    @abstractmethod
    def _begin(self) -> None:
        """The flow is about to start."""

    @abstractmethod
    def _feed(self, delta: D) -> bool:
        """Take a delta into the state; say whether it is the ending."""

    def cancel(self) -> None:
        """End the iteration with `Cancelled`, keeping what arrived. From any thread, at any moment."""
        if self._loop is None:
            self._flow.cancel()  # not begun: entering it will end it
            return
        try:
            self._loop.call_soon_threadsafe(self._flow.cancel)
        except RuntimeError:
            pass  # the loop is closed, and the flow with it

    def _enter(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None:
            raise UsageError("a stream can be entered once")
        self._loop = loop
        self._begin()

    def _take(self, item: D | Crash) -> D:
        if isinstance(item, Crash):
            self._over = True
            raise item.error
        self._over = self._feed(item)
        return item

    def _settle(self, items: list[D | Crash]) -> None:
        """Take in what had arrived when the `with` was left."""
        for item in items:
            if not isinstance(item, Crash) and not self._over:
                self._take(item)
        self._over = True


class AsyncShell(_Shell[D]):
    """A flow as an async iteration, on the loop it runs on."""

    def __init__(self, flow: Flow[D]) -> None:
        super().__init__(flow)
        self._items: deque[D | Crash] = deque()
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
        if error is not None or not self._flow.ended:
            self._flow.cancel()
        try:
            await self._done.wait()
        finally:
            self._settle(list(self._items))

    def _put(self, item: D | Crash) -> None:
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class SyncShell(_Shell[D]):
    """A flow as a sync iteration, on any thread but that of the loop it runs on."""

    def __init__(self, flow: Flow[D]) -> None:
        super().__init__(flow)
        self._items: SimpleQueue[D | Crash] = SimpleQueue()
        self._done = Event()
        flow.deliver_to(self._items.put, self._done.set)

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
        if self._over:
            raise StopIteration
        return self._take(self._items.get())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None or not self._flow.ended:
            self.cancel()
        try:
            self._done.wait()
        finally:
            self._settle([self._items.get() for _ in range(self._items.qsize())])
