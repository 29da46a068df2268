"""A stream's work: one task on an event loop that emits items and has exactly one ending.

`attempts` (one reply) and `turn` (a reply with its tools) say what the work is; here is how it starts and how
it is cancelled. `handles` delivers its items to the consumer. The task runs at the speed of the wire: a slow
consumer never slows it down.
"""
# See docs/adr/0001-one-task-and-a-mailbox.md

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from stream_core.core.deltas import Cancelled
from stream_core.core.errors import UsageError, WrongLoop

D = TypeVar("D")


class CallerError:
    """Carries an exception that is the caller's mistake (or ours) to where the stream is consumed."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


_owners: WeakKeyDictionary[Any, asyncio.AbstractEventLoop] = WeakKeyDictionary()


def bind_to_loop(client: Any, loop: asyncio.AbstractEventLoop) -> None:
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
    """One task on the event loop.

    Attributes:
        ended: whether the ending was delivered; whatever the task still does is then ignored.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._put: Callable[[Any], None] = _discard
        self._on_done: Callable[[], None] = _discard
        self._cancelled = False
        self._task: asyncio.Task[None] | None = None
        self.ended = False

    def deliver_to(self, put: Callable[[D | CallerError], None], done: Callable[[], None]) -> None:
        """Set who receives the items, and who is called when the task is done."""
        self._put, self._on_done = put, done

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the task; call it on the loop's thread."""
        try:
            bind_to_loop(self._client, loop)
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
        """Make `start` cancel at once; from any thread, for a task that may not have started."""
        self._cancelled = True

    def cancel(self) -> None:
        """Cancel the task, on the loop's thread; no effect once it has ended."""
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    @abstractmethod
    async def _run(self) -> None:
        """Do the work: `_put` each item, `_end` with the ending. An exception is the caller's mistake."""

    def _cancelled_at(self, at: float) -> Cancelled:
        """The ending of work that was cancelled; it holds what is known of its usage."""
        return Cancelled(at)

    def _end(self, ending: Any) -> None:
        self.ended = True
        self._put(ending)

    def _finish(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if not self.ended:
            if error is None:
                self._end(self._cancelled_at(time.monotonic()))
            else:
                self._put(CallerError(error))
        self._on_done()
        self.deliver_to(_discard, _discard)  # breaks the reference cycle of task and mailbox


def _discard(item: object = None) -> None:
    pass
