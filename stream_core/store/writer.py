"""Saving on a thread of its own: neither the stream nor the screen ever waits for a disk.

The thread starts with the first job, opens the store then, and is the only one that touches it. Text is
batched in the `Saving` of its turn; `end` hands over the whole turn in any case, so text that could not be
appended meanwhile is not lost. A turn that could not be saved at all waits in memory and is retried with the
next turn and at the end; so is what requests cost.
"""
# See docs/adr/0011-sqlite-on-a-writer-thread.md

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from stream_core.core.conversation import Turn
from stream_core.core.errors import UsageError
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.store_errors import StoreBusy, StoreError
from stream_core.models.cost import Spent

from .ids import new_id
from .jobs import AppendJob, BeginJob, CallJob, EndJob, Job, RetryJob, SpendJob
from .journal import Journal
from .protocol import Receipt, Spending, Store
from .save_queue import MAX_TURNS, SaveQueue
from .saving import Batches, Saving
from .unsaved import Unsaved

if TYPE_CHECKING:
    from stream_core.core.deltas import Block

_T = TypeVar("_T")

_RETRY_SECONDS = 1.0  # between two attempts to save what could not be saved
_MAX_JOBS = 4 * MAX_TURNS
_BEGIN_SECONDS = 1.0  # how long saving a question may delay sending it
_POLL = 0.1  # seconds; on Windows Ctrl+C does not interrupt a wait


class Writer:
    """Saves on a thread of its own, so that the stream never waits. One per program, used from one thread.

    `on_failure` is called when saving begins to fail, or fails in another way than before, and not again
    until something has been saved.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        *,
        on_failure: Callable[[StoreError], None],
        journal: Journal | None = None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            open_store: opens the store, on the writer's thread; called again after the file was damaged.
            on_failure: called with the error, on the writer's thread (for a disk that hangs: on the
                caller's). It must not wait for the writer.
            journal: takes what the store does not take, until it does or the next program starts; None to
                keep that in memory only.
        """
        self._journal = journal
        self._turns: list[Unsaved] = []  # those that may not be saved yet
        self._program, self._spendings = new_id(), 0  # how many of its receipts were given out
        self._left = [0, 0]  # turns that are not among them any more: in the journal, nowhere
        self._queue = SaveQueue(open_store, on_failure, journal)  # used by the thread only
        self._wake = threading.Condition()  # guards everything below
        self._jobs: deque[Job] = deque()
        self._batches = Batches()
        self._slow_disk = False  # a question was not saved in time: the next ones do not wait
        self._closing = False
        self._retry = 0.0  # monotonic time of the next retry
        self._thread: threading.Thread | None = None

    @property
    def failed(self) -> StoreError | None:
        """The error with which saving fails at present, or None."""
        return self._queue.failed

    def notes(self) -> list[str]:
        """Return the Spanish sentences that opening the store produced; each is returned once."""
        notes = self._queue.notes
        return [notes.popleft() for _ in range(len(notes))]

    def begin_turn(
        self,
        conversation: str | None,
        question: str,
        *,
        model: str,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> Saving:
        """Save a question that is about to be sent; wait at most a second until it is safe. Never fails.

        Ctrl+C during the wait ends the turn as cancelled and is raised as KeyboardInterrupt.

        Args:
            conversation: its id, or None for a new one.
            question: what is asked.
            model: the model that is asked.
            instructions: those that are sent with it.
            asked: its content blocks, where it is more than text.
        """
        name, now = conversation or new_id(), time.time()
        unsaved = Unsaved(name, question, model, now, instructions=instructions, asked=asked)
        return self._begin(unsaved, Turn(question, "", "cancelled", model, asked=tuple(asked)))

    def continue_turn(self, conversation: str | None, turn: Turn) -> Saving:
        """Reopen a turn that has ended, to continue its reply; wait as `begin_turn` does. Never fails.

        `Saving.text` appends to its text, `Saving.end` saves the combined turn. If the conversation no longer
        ends with this turn, the combined turn is saved as a further one.

        Ctrl+C during the wait ends the turn as it was and is raised as KeyboardInterrupt.

        Args:
            conversation: the id of its conversation, or None for a new one.
        """
        name = conversation or new_id()
        return self._begin(Unsaved(name, turn.question, turn.model, time.time(), continues=turn), turn)

    def spend(self, model: str, spent: Spent) -> None:
        """Add what requests to a model cost. Never waits for a disk, and never fails."""
        self._spendings += 1
        self._put(SpendJob(Spending(Receipt(self._program, self._spendings), model, spent)))

    def call(self, work: Callable[[Store], _T], *, reports: bool = False) -> _T:
        """Run `work` on the writer's thread, after everything that was handed over before; return its result.

        The result must not read from the store later: return a list, not `turns()` itself. With `reports`
        a StoreError goes to `on_failure`, too, as one of a save does: the same failure is told once.

        Raises:
            StoreError: the store could not be opened, or `work` raised it.
            UsageError: the writer is closed, or this is its own thread.
            KeyboardInterrupt: Ctrl+C was pressed while waiting; work that has begun continues.
        """
        if threading.current_thread() is self._thread:
            raise UsageError("the writer's thread cannot wait for itself")
        call = CallJob(work, self._flush, reports=reports)
        if not self._put(call):
            raise self.failed or UsageError("the writer is closed")
        try:
            while not call.done.wait(_POLL):
                pass
        except BaseException:
            call.abandoned = True
            raise
        if call.error is not None:
            raise call.error
        result: _T = call.result
        return result

    def close(self, *, seconds: float = 2.0) -> bool:
        """Save what was handed over, and close the store; see `left` for what could not be saved.

        Args:
            seconds: how long to wait for the disk; as long again for the journal, if that was not enough.

        Returns:
            True if everything is saved.
        """
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is None:
            return self.failed is None
        self._thread.join(seconds)
        if self._thread.is_alive():  # in a thread of its own: the journal may be on the same disk
            rescue = threading.Thread(target=self._rescue, name="stream_core.store.rescue", daemon=True)
            rescue.start()
            rescue.join(seconds)
            return False
        return self.failed is None and not any(self.left())

    def left(self) -> tuple[int, int]:
        """Count the turns that are not in the store.

        Returns:
            How many are in the journal, from which the next program saves them, and how many are nowhere.
        """
        left = [turn for turn in self._turns if not turn.in_store]
        journaled = sum(turn.in_journal for turn in left)
        return journaled + self._left[0], len(left) - journaled + self._left[1]

    def _rescue(self) -> None:
        """Write into the journal what the thread does not get done; saving it as well does not double it."""
        journal = self._journal
        if journal is not None:
            with suppress(StoreError):
                for turn in self._turns:
                    if not turn.in_store:
                        turn.write_to(journal)
        with self._wake:
            waiting = [job.spending for job in self._jobs if isinstance(job, SpendJob)]
        self._queue.record_spending([*self._queue.unspent, *waiting])

    def _begin(self, unsaved: Unsaved, abandoned: Turn) -> Saving:
        """Hand over the beginning of a turn and wait for it; Ctrl+C ends the turn as `abandoned`."""
        saving = Saving(unsaved, self._gather, self._end)
        self._turns = [*(turn for turn in self._turns if not turn.saved), unsaved]
        if len(self._turns) > 2 * MAX_TURNS:
            self._left[not self._turns.pop(0).in_journal] += 1  # the queue does not have it any more
        safe = CallJob(None, self._flush)
        try:
            if self._put(BeginJob(unsaved), safe):
                self._slow_disk = not safe.done.wait(0.0 if self._slow_disk else _BEGIN_SECONDS)
        except BaseException:
            saving.end(abandoned)
            raise
        return saving

    def _put(self, *jobs: Job) -> bool:
        """Queue jobs; returns False if the writer is closed or too many jobs are waiting."""
        with self._wake:
            if self._closing:
                return False
            full = len(self._jobs) + len(jobs) > _MAX_JOBS
            if not full:
                self._jobs.extend(jobs)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="stream_core.store", daemon=True)
                    self._thread.start()
                self._wake.notify()
        if full:
            self._queue.report(StoreBusy())
        return not full

    def _gather(self, saving: Saving, piece: str) -> None:
        with self._wake:
            if self._batches.add(saving, piece, time.monotonic()):
                self._wake.notify()

    def _stop(self, saving: Saving) -> None:
        """Gather no more text: the end of the turn brings it."""
        with self._wake:
            self._batches.stop(saving)

    def _take(self, saving: Saving) -> str:
        with self._wake:
            return self._batches.take(saving)

    def _end(self, saving: Saving, turn: Turn) -> None:
        with self._wake:
            if saving.unsaved.turn is not None:
                return
            saving.unsaved.ended, saving.unsaved.turn = time.time(), turn
            self._stop(saving)
        self._put(EndJob(saving.unsaved))

    # -- on the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job.run(self._queue)
        self._queue.catch_up()
        self._queue.close()
        if self._journal is not None:
            with suppress(StoreError):
                self._journal.close()

    def _next(self) -> Job | None:
        """Wait for a job; None when the writer closes and nothing is left.

        Queued jobs come before batched text: a turn has a place before text is appended to it.
        """
        with self._wake:
            while True:
                if self._jobs:
                    return self._jobs.popleft()
                left = None
                if (due := self._batches.next_due()) is not None:
                    left = due[1] - time.monotonic()
                    if left <= 0 or self._closing:
                        return self._append_job(due[0])
                if self._closing:
                    return None
                if self._queue.waiting:
                    retry = self._retry - time.monotonic()
                    if retry <= 0:
                        self._retry = time.monotonic() + _RETRY_SECONDS
                        return RetryJob()
                    left = retry if left is None else min(left, retry)
                self._wake.wait(left)

    def _append_job(self, saving: Saving) -> AppendJob:
        return AppendJob(saving.unsaved, lambda: self._take(saving), lambda: self._stop(saving))

    def _flush(self) -> None:
        """Save all text that is waiting."""
        with self._wake:
            waiting = self._batches.waiting()
        for saving in waiting:
            self._append_job(saving).run(self._queue)
