"""Several streams at the same time, as one iteration of `(name, delta)`.

The streams share one mailbox, in the order in which their deltas arrive; each keeps its own accumulator and
has its own ending. So a slow, cancelled or failed stream never holds up another one.
"""
# See docs/adr/0001-one-task-and-a-mailbox.md

from __future__ import annotations

import asyncio
from abc import ABC
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from queue import SimpleQueue
from threading import Event
from types import MappingProxyType, TracebackType
from typing import Any, Generic, TypeVar

from typing_extensions import Self

from stream_core.core.deltas import TurnDelta
from stream_core.core.errors import UsageError
from stream_core.core.reply import Reply
from stream_core.core.turn_result import TurnResult

from . import event_loop
from .handles import AsyncHandle, SyncHandle, left_in
from .reply import AsyncReplyStream, ReplyStream
from .turn import AsyncTurnStream, TurnStream

H = TypeVar("H", ReplyStream | TurnStream, AsyncReplyStream | AsyncTurnStream)

_Item = tuple[str, Any]  # the name of a stream, and its next delta or a CallerError


def compare(streams: Mapping[str, ReplyStream | TurnStream]) -> Comparison:
    """Iterate several streams at once: `with compare({...}) as both: for name, delta in both: ...`.

    Args:
        streams: streams that are not entered yet, by names of your choice. They may share
            their client.

    Raises:
        UsageError: there is no stream, one stands there twice or was entered before, or something is none: in
            sync code an async one, and in async code a sync one.
    """
    return Comparison(streams)


def acompare(streams: Mapping[str, AsyncReplyStream | AsyncTurnStream]) -> AsyncComparison:
    """Iterate several streams at once in async code. The arguments are those of `compare`."""
    return AsyncComparison(streams)


class _Streams(ABC, Generic[H]):
    """Base of both comparisons: starting, sorting by name, cancelling."""

    _kind: type
    _kind_name: str

    def __init__(self, streams: Mapping[str, H]) -> None:
        self.streams: Mapping[str, H] = MappingProxyType(dict(streams))
        handles = list(self.streams.values())
        if not handles:
            raise UsageError("a comparison needs a stream")
        for name, handle in self.streams.items():
            if not isinstance(handle, self._kind):
                raise UsageError(f"{name!r} is no {self._kind_name}, but {type(handle).__name__}")
        if len(set(map(id, handles))) < len(handles):
            raise UsageError("a stream stands twice in a comparison")
        if any(handle._loop is not None for handle in handles):
            raise UsageError("a stream can be entered once")
        self._entered = False
        self._open = len(handles)  # tasks that are not done; counted on the loop's thread

    def __repr__(self) -> str:
        names = ", ".join(f"{name}: {each!r}" for name, each in self.streams.items())
        return f"<{type(self).__name__} {names}>"

    @property
    def replies(self) -> Mapping[str, Reply | TurnResult]:
        """The reply of each stream (of a turn, its result) by name, as far as the iteration has come."""
        return {
            name: each.result if isinstance(each, (TurnStream, AsyncTurnStream)) else each.reply
            for name, each in self.streams.items()
        }

    def cancel(self, name: str | None = None) -> None:
        """End one stream with `Cancelled`, or all of them. From any thread, at any moment.

        Args:
            name: the stream that is cancelled, the others go on; None for all.

        Raises:
            KeyError: there is no stream of that name.
        """
        for handle in self.streams.values() if name is None else (self.streams[name],):
            handle.cancel()

    @property
    def _finished(self) -> bool:
        return all(handle._finished for handle in self.streams.values())

    def _begin(
        self, loop: asyncio.AbstractEventLoop, put: Callable[[_Item], None], done: Callable[[], None]
    ) -> None:
        """Enter every stream; what each brings goes to `put`, and `done` is called after the last one."""
        if self._entered:
            raise UsageError("a comparison can be entered once")
        self._entered = True

        def close() -> None:
            self._open -= 1
            if not self._open:
                done()

        for name, handle in self.streams.items():
            handle._enter(loop)
            handle._task.deliver_to(partial(_named, put, name), close)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start all tasks, on the loop's thread."""
        for handle in self.streams.values():
            handle._task.start(loop)

    def _take(self, item: _Item) -> tuple[str, TurnDelta] | None:
        """Accumulate an item; None where it is not given because its stream was cancelled."""
        name, content = item
        handle: SyncHandle[Any] | AsyncHandle[Any] = self.streams[name]
        if handle._finished:
            return None
        delta: TurnDelta = handle._take(content)
        return (name, delta) if handle._finished or not handle._skip_to_ending else None

    def _stop(self, error: BaseException | None) -> None:
        """Cancel what has not ended when the `with` is left."""
        for handle in self.streams.values():
            if error is not None or not handle._task.ended:
                handle.cancel()

    def _drain(self, items: Iterable[_Item], error: BaseException | None) -> None:
        """Accumulate what had arrived, and make sure that each stream has an ending."""
        left: dict[str, list[Any]] = {name: [] for name in self.streams}
        for name, content in items:
            left[name].append(content)
        mistakes: list[BaseException] = []
        for name, handle in self.streams.items():
            try:
                handle._drain_on_exit(left[name], error)
            except BaseException as mistake:  # noqa: BLE001 -- raised below, once every stream has its ending
                mistakes.append(mistake)
        if mistakes:
            raise mistakes[0]


class Comparison(_Streams[ReplyStream | TurnStream]):
    """Several streams as one sync iteration of `(name, delta)`. See `compare`.

    Each stream brings any number of deltas and exactly one ending, whatever becomes of the others; the
    iteration ends after the last ending. The deltas of one stream keep their order.

    Attributes:
        streams: the streams by name, in the given order, with their replies and figures.
    """

    _kind, _kind_name = SyncHandle, "stream for sync code"

    def __init__(self, streams: Mapping[str, ReplyStream | TurnStream]) -> None:
        super().__init__(streams)
        # None is the end of the mailbox; whoever takes it puts it back, so that no reader waits for ever.
        self._items: SimpleQueue[_Item | None] = SimpleQueue()
        self._done = Event()

    def __enter__(self) -> Self:
        loop = event_loop.background_loop()
        self._begin(loop, self._items.put, self._close)
        loop.call_soon_threadsafe(self._start, loop)
        return self

    def __iter__(self) -> Self:
        if not self._entered:
            raise UsageError("use `with` around the iteration")
        return self

    def __next__(self) -> tuple[str, TurnDelta]:
        while not self._finished:
            item = self._items.get()
            if item is None:
                self._items.put(None)
                break
            if (taken := self._take(item)) is not None:
                return taken
        raise StopIteration

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._entered:
            return
        try:
            self._stop(error)
            self._done.wait()
        finally:
            self._drain(left_in(self._items), error)

    def _close(self) -> None:
        self._items.put(None)
        self._done.set()


class AsyncComparison(_Streams[AsyncReplyStream | AsyncTurnStream]):
    """Several streams as one async iteration of `(name, delta)`. See `acompare`.

    Endings and order are those of `Comparison`.

    Attributes:
        streams: the streams by name, in the given order, with their replies and figures.
    """

    _kind, _kind_name = AsyncHandle, "stream for async code"

    def __init__(self, streams: Mapping[str, AsyncReplyStream | AsyncTurnStream]) -> None:
        super().__init__(streams)
        self._items: deque[_Item] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._done = asyncio.Event()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._begin(loop, self._put, self._done.set)
        self._start(loop)
        return self

    def __aiter__(self) -> Self:
        if not self._entered:
            raise UsageError("use `async with` around the iteration")
        return self

    async def __anext__(self) -> tuple[str, TurnDelta]:
        while not self._finished:
            if self._items:
                if (taken := self._take(self._items.popleft())) is not None:
                    return taken
                continue
            if self._waiter is not None and not self._waiter.done():
                raise UsageError("the comparison is iterated twice at the same time")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        raise StopAsyncIteration

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._entered:
            return
        try:
            self._stop(error)
            await self._done.wait()
        finally:
            items = list(self._items)
            self._items.clear()
            self._drain(items, error)

    def _put(self, item: _Item) -> None:
        self._items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _named(put: Callable[[_Item], None], name: str, content: object) -> None:
    put((name, content))
