"""Jobs of the writer's thread: one class for each kind of work, all with `run(queue)`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from stream_core.core.store_errors import StoreError

from .protocol import Spending, Store
from .save_queue import SaveQueue
from .unsaved import Unsaved


class Job(Protocol):
    """Work for the writer's thread."""

    def run(self, queue: SaveQueue) -> None:
        """Do it. Trouble with the store is reported by the queue, not raised."""


class BeginJob:
    """Save the question of a turn, or that a turn is continued."""

    __slots__ = ("_unsaved",)

    def __init__(self, unsaved: Unsaved) -> None:
        self._unsaved = unsaved

    def run(self, queue: SaveQueue) -> None:
        """Save it, unless turns before it are still waiting."""
        queue.begin(self._unsaved)


class AppendJob:
    """Save the text that has been gathered for a turn.

    Args:
        take: empties the buffer of the turn and returns what was in it.
        stop: called when the text could not be saved: nothing more is gathered, as it would leave a gap.
    """

    __slots__ = ("_stop", "_take", "_unsaved")

    def __init__(self, unsaved: Unsaved, take: Callable[[], str], stop: Callable[[], None]) -> None:
        self._unsaved, self._take, self._stop = unsaved, take, stop

    def run(self, queue: SaveQueue) -> None:
        """Save it."""
        text = self._take()
        if text and not queue.append(self._unsaved, text):
            self._stop()


class EndJob:
    """Save a turn that has ended."""

    __slots__ = ("_unsaved",)

    def __init__(self, unsaved: Unsaved) -> None:
        self._unsaved = unsaved

    def run(self, queue: SaveQueue) -> None:
        """Save it, after the turns that are still waiting."""
        queue.end(self._unsaved)


class SpendJob:
    """Add what requests to a model cost."""

    __slots__ = ("spending",)

    def __init__(self, spending: Spending) -> None:
        self.spending = spending

    def run(self, queue: SaveQueue) -> None:
        """Add it to what is waiting, and save that."""
        queue.spend(self.spending)


class RetryJob:
    """Save what could not be saved before."""

    __slots__ = ()

    def run(self, queue: SaveQueue) -> None:
        """Save what is waiting."""
        queue.catch_up()


class CallJob:
    """Run a function on the writer's thread, for a caller that waits for its result.

    Args:
        work: the function; None does nothing, so that a caller can wait for the jobs before this one.
        flush: saves the text that was handed over before.
        reports: whether a failure is reported as that of a save is.

    Attributes:
        done: set when there is a result or an error.
        abandoned: whether the caller no longer waits; work that has not begun is then skipped.
    """

    __slots__ = ("_flush", "_reports", "_work", "abandoned", "done", "error", "result")

    def __init__(
        self, work: Callable[[Store], Any] | None, flush: Callable[[], None], *, reports: bool = False
    ) -> None:
        self._work, self._flush, self._reports = work, flush, reports
        self.done = threading.Event()
        self.abandoned = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, queue: SaveQueue) -> None:
        """Save what is waiting, then run the function."""
        self._flush()
        if self._work is not None and not self.abandoned:
            if queue.waiting:
                queue.catch_up()  # else a conversation could be deleted before its last turn is saved
            try:
                self.result = queue.run(self._work)
            except BaseException as error:  # noqa: BLE001 -- raised again in the thread that waits
                self.error = error
                if self._reports and isinstance(error, StoreError):
                    queue.tell(error)
        self.done.set()
