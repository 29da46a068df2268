"""Saving on a thread of its own: neither the stream nor the screen ever waits for a disk.

The thread begins with the first thing there is to do, opens the store then, and is the only one that touches
it. Text is gathered in the `Saving` of its turn; `end` brings the whole turn in any case, so what could not
be appended meanwhile is not lost. A turn that could not be saved at all waits in memory and is tried again
with the next turn and at the end; so does what requests took.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from stream_core.core.conversation import Turn
from stream_core.core.errors import StoreBusy, StoreError, UsageError
from stream_core.models.cost import Spent

from .ids import new_id
from .protocol import Place, Store
from .save_queue import MOST_TURNS, Saver, Unsaved

_T = TypeVar("_T")
_Bill = tuple[str, Spent]  # a model, and what requests to it took

_GATHERED = 0.15  # seconds that text waits for more: shorter costs CPU, longer more text when it is killed
_ENOUGH = 4096  # characters that do not wait for more
_MOST_TEXT = 1 << 20  # characters that wait for a disk; the rest comes with the end of the turn
_MOST_JOBS = 4 * MOST_TURNS
_QUESTION = 1.0  # seconds that a question may hold up the chat
_POLL = 0.1  # seconds; on Windows Ctrl+C does not interrupt a wait


class Saving:
    """One turn on its way to the store."""

    __slots__ = ("_pieces", "_size", "_stopped", "_turn", "_writer")

    def __init__(self, writer: Writer, turn: Unsaved) -> None:
        self._writer, self._turn = writer, turn
        self._pieces: list[str] = []
        self._size = 0
        self._stopped = False  # no more text: what would be appended now has a hole before it

    @property
    def conversation(self) -> str:
        """The id of its conversation; that of a new one is settled before anything is saved."""
        return self._turn.conversation

    @property
    def place(self) -> Place | None:
        """Where the turn is, once that is known."""
        return self._turn.place

    def text(self, piece: str) -> None:
        """Take more text of the reply, as it came. Never waits for a disk."""
        self._writer._gather(self, piece)

    def end(self, turn: Turn) -> None:
        """Take the whole turn. It is safe once a later `call` or `close` is back and `failed` is None."""
        self._writer._end(self, turn)


class _Call:
    """Work for the thread, and somebody who waits for what comes of it."""

    __slots__ = ("done", "error", "given_up", "result", "work")

    def __init__(self, work: Callable[[Store], Any] | None) -> None:
        self.work = work
        self.done = threading.Event()
        self.given_up = False
        self.result: Any = None
        self.error: BaseException | None = None


class Writer:
    """Saves on a thread of its own: the stream never waits. One per program, used from one thread.

    Trouble is told once: `on_failure` hears of it when saving begins to fail or fails otherwise than before,
    and not again until something was saved. That it works again is not told.
    """

    def __init__(self, open_store: Callable[[], Store], *, on_failure: Callable[[StoreError], None]) -> None:
        """Prepare; nothing is opened yet.

        Args:
            open_store: opens the store, on the writer's thread; again after the file was damaged.
            on_failure: told of trouble with saving, on the writer's thread (of a disk that hangs: on the
                caller's). It must not wait for the writer.
        """
        self._saver = Saver(open_store, on_failure)  # the thread's own
        self._wake = threading.Condition()  # guards all that follows
        self._jobs: deque[_Bill | _Call | Unsaved] = deque()  # a turn: its beginning, then its end
        self._filling: dict[Saving, float] = {}  # those with text that waits, and until when
        self._behind = False  # whether a question was not safe in time: the next ones do not wait
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def failed(self) -> StoreError | None:
        """What is wrong with saving at present, or None."""
        return self._saver.failed

    def notes(self) -> list[str]:
        """Give what the store said when it was opened (Spanish sentences), and forget it."""
        notes = self._saver.notes
        return [notes.popleft() for _ in range(len(notes))]

    def begin_turn(self, conversation: str | None, question: str, *, model: str) -> Saving:
        """Save a question that is about to be sent; waits at most a second until it is safe. Never raises.

        Ctrl+C during the wait ends the turn as cancelled and comes out as KeyboardInterrupt.

        Args:
            conversation: its id, or None for a new one.
        """
        unsaved = Unsaved(conversation or new_id(), question, model, time.time())
        return self._begin(unsaved, Turn(question, "", "cancelled", model))

    def take_up(self, conversation: str | None, turn: Turn) -> Saving:
        """Save that a turn which has ended goes on; waits as `begin_turn` does. Never raises.

        `Saving.text` takes what comes after the text it has, `Saving.end` the whole of both as one turn. If
        the conversation does not end with it any more, the whole is saved as a further turn.

        Ctrl+C during the wait ends the turn as it was and comes out as KeyboardInterrupt.

        Args:
            conversation: the id of its conversation, or None for a new one.
        """
        name = conversation or new_id()
        return self._begin(Unsaved(name, turn.question, turn.model, time.time(), resumes=turn), turn)

    def spend(self, model: str, spent: Spent) -> None:
        """Save what requests to a model took. Never waits for a disk, and never raises."""
        self._put((model, spent))

    def call(self, work: Callable[[Store], _T]) -> _T:
        """Run `work` on the writer's thread, after everything that was handed over before; give its result.

        What it gives must not read from the store later: a list, not `turns()` itself.

        Raises:
            StoreError: the store could not be opened, or `work` raised it. It is not told to `on_failure`.
            UsageError: the writer is closed, or this is its own thread.
            KeyboardInterrupt: Ctrl+C came while it waited; work that has begun goes on.
        """
        if threading.current_thread() is self._thread:
            raise UsageError("the writer's thread cannot wait for itself")
        call = _Call(work)
        if not self._put(call):
            raise self.failed or UsageError("the writer is closed")
        try:
            while not call.done.wait(_POLL):
                pass
        except BaseException:
            call.given_up = True
            raise
        if call.error is not None:
            raise call.error
        result: _T = call.result
        return result

    def close(self, *, seconds: float = 2.0) -> bool:
        """Save what was handed over, and close the store.

        Args:
            seconds: how long this may take.

        Returns:
            Whether everything is saved.
        """
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is None:
            return self.failed is None
        self._thread.join(seconds)
        return not self._thread.is_alive() and self.failed is None

    def _begin(self, unsaved: Unsaved, given_up: Turn) -> Saving:
        """Hand over the beginning of a turn, and wait for it; `given_up` is what Ctrl+C makes of the turn."""
        saving = Saving(self, unsaved)
        safe = _Call(None)
        if self._put(unsaved, safe):
            try:
                self._behind = not safe.done.wait(0.0 if self._behind else _QUESTION)
            except BaseException:
                saving.end(given_up)
                raise
        return saving

    def _put(self, *jobs: _Bill | _Call | Unsaved) -> bool:
        """Hand over; not when the writer is closed, or so much waits that the disk must hang."""
        with self._wake:
            if self._closing:
                return False
            full = len(self._jobs) + len(jobs) > _MOST_JOBS
            if not full:
                self._jobs.extend(jobs)
                self._start()
                self._wake.notify()
        if full:
            self._saver.tell(StoreBusy())
        return not full

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="stream_core.store", daemon=True)
            self._thread.start()

    def _gather(self, saving: Saving, piece: str) -> None:
        with self._wake:
            if saving._stopped:
                return
            saving._pieces.append(piece)
            saving._size += len(piece)
            if saving._size > _MOST_TEXT:
                self._stop(saving)
            elif saving._size >= _ENOUGH > saving._size - len(piece):
                self._filling[saving] = 0.0
                self._wake.notify()
            elif saving not in self._filling:
                self._filling[saving] = time.monotonic() + _GATHERED
                self._wake.notify()

    def _stop(self, saving: Saving) -> None:
        """Leave the text to the end of the turn."""
        saving._stopped = True
        saving._pieces, saving._size = [], 0
        self._filling.pop(saving, None)

    def _end(self, saving: Saving, turn: Turn) -> None:
        with self._wake:
            if saving._turn.turn is not None:
                return
            saving._turn.ended, saving._turn.turn = time.time(), turn
            self._stop(saving)
        self._put(saving._turn)

    # -- on the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        saver = self._saver
        while (job := self._next()) is not None:
            if isinstance(job, _Call):
                with self._wake:
                    filling = list(self._filling)
                for saving in filling:  # they were handed over before
                    self._append(saving)
                self._answer(job)
            elif isinstance(job, Saving):
                self._append(job)
            elif isinstance(job, tuple):
                saver.spend(*job)
            elif job.turn is None:
                saver.begin(job)
            else:
                saver.end(job)
        saver.catch_up()
        saver.close()

    def _next(self) -> _Bill | _Call | Unsaved | Saving | None:
        """Wait for something to do; None when the writer closes and nothing is left.

        What was handed over comes before text: a place is known before text goes there.
        """
        with self._wake:
            while True:
                if self._jobs:
                    return self._jobs.popleft()
                saving = min(self._filling, key=self._filling.__getitem__, default=None)
                left = None if saving is None else self._filling[saving] - time.monotonic()
                if left is not None and (left <= 0 or self._closing):
                    return saving
                if self._closing:
                    return None
                self._wake.wait(left)

    def _append(self, saving: Saving) -> None:
        with self._wake:
            text = "".join(saving._pieces)
            saving._pieces, saving._size = [], 0
            self._filling.pop(saving, None)
        if text and not self._saver.append(saving._turn, text):
            with self._wake:
                self._stop(saving)

    def _answer(self, call: _Call) -> None:
        if call.work is not None and not call.given_up:
            try:
                call.result = self._saver.run(call.work)
            except BaseException as error:  # noqa: BLE001 -- it is for the one who waits
                call.error = error
        call.done.set()
