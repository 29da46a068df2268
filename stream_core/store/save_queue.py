"""The turns on their way to the store: saves them in order and retries those that could not be saved.

Used from the writer's thread only, without locks; `failed` may be read from others.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from stream_core.core.numbers import counted
from stream_core.core.store_errors import StoreBusy, StoreCorrupt, StoreError, StoreMoved, StoreTooLarge

from .journal import Journal
from .journal_reader import delete, leftovers
from .protocol import Place, Spending, Store
from .unsaved import Unsaved

_T = TypeVar("_T")

MAX_TURNS = 200
"""How many unsaved turns are kept in memory; beyond that the oldest are dropped."""


class SaveQueue:
    """Saves turns through one store, which it opens when it is needed.

    Attributes:
        failed: the error with which saving fails at present, or None.
        notes: Spanish sentences that opening the store produced.
        unsaved: turns that have ended and are not saved yet, in order.
        unspent: what requests cost and is not saved yet, in order.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        on_failure: Callable[[StoreError], None],
        journal: Journal | None = None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            open_store: opens the store.
            on_failure: called when saving begins to fail, or fails in another way than was told before.
            journal: takes what the store does not take; None for nothing.
        """
        self.failed: StoreError | None = None
        self.notes: deque[str] = deque()
        self.unsaved: deque[Unsaved] = deque()
        self.unspent: deque[Spending] = deque()
        self._open_store, self._on_failure = open_store, on_failure
        self._journal = journal
        self._journaled: set[Unsaved] = set()  # turns that only the journal has
        self._spending_journaled = 0  # number of the last entry of spending that the journal has
        self._adopted = journal is None  # whether the journals of others were looked for
        self._told: type[StoreError] | None = None  # the failure told last, until something is saved
        self._store: Store | None = None
        self._opening = 0
        self._defect = False  # the last attempt failed with a bug: retrying it is no use

    def run(self, work: Callable[[Store], _T]) -> _T:
        """Run `work` with the store.

        Raises:
            StoreError: the store cannot be opened, or `work` raised it.
        """
        try:
            return work(self._opened())
        except (StoreCorrupt, StoreMoved):
            self.close()  # the next work opens a new file
            raise

    @property
    def waiting(self) -> bool:
        """Whether there is something to retry."""
        return bool(self.unsaved or self.unspent) or not (self._adopted or self._store is None)

    def begin(self, unsaved: Unsaved) -> None:
        """Save a question. If turns before it are still unsaved, it is saved with its end instead."""
        if unsaved.turn is None:
            if self.failed is not None:  # another attempt takes its time: not with the text unsaved
                self._record(unsaved)
            if not (self.catch_up() and self._begin(unsaved)):
                self._record(unsaved)

    def append(self, unsaved: Unsaved, text: str) -> bool:
        """Save more of a reply, in the store or the journal; returns False if both failed."""
        unsaved.pieces.append(text)
        if unsaved.journaled:
            return self._record_more(unsaved, text)
        place = self._place(unsaved)
        if place is not None and self._try(lambda store: store.append(place, text, at=time.time())):
            return True
        return self._record(unsaved)

    def end(self, unsaved: Unsaved) -> None:
        """Save a turn that has ended, after those before it; if that fails it waits in `unsaved`."""
        if not unsaved.queued:
            unsaved.queued = True
            unsaved.pieces.clear()
            self.unsaved.append(unsaved)
            if self.failed is not None:
                self._record(unsaved)
            if not self.catch_up():
                self._record(unsaved)
            if len(self.unsaved) > MAX_TURNS:
                self.unsaved.popleft()  # what the journal has of it is not lost

    def spend(self, spending: Spending) -> None:
        """Save what requests cost; if that fails it waits in `unspent`."""
        self.unspent.append(spending)
        if self.failed is not None:
            self.record_spending(self.unspent)
        self.catch_up()

    def catch_up(self) -> bool:
        """Save what is waiting, turns first and in order; returns True if no turn is left."""
        if not self._adopted and self._store is not None:
            self._try_to_adopt(self._store)
        while self.unsaved and self._save_whole(self.unsaved[0]):
            self.unsaved.popleft()
        if not self.unsaved and self.unspent:
            self._spend()
        self.record_spending(self.unspent)
        self._tidy_journal()
        return not self.unsaved

    def close(self) -> None:
        """Close the store; the next work opens it again."""
        store, self._store = self._store, None
        if store is not None:
            try:
                store.close()
            except StoreError:
                pass  # committed turns are safe, and the rest is retried in a new file

    def report(self, failure: StoreError) -> None:
        """Remember that saving fails, and tell it."""
        self.failed = failure
        self.tell(failure)

    def tell(self, failure: StoreError) -> None:
        """Pass an error on unless the one told last was of the same class, and nothing was saved since."""
        before, self._told = self._told, type(failure)
        if before is not self._told:
            try:
                self._on_failure(failure)
            except Exception:  # noqa: BLE001, S110 -- a broken listener must not stop the saving
                pass

    def _save_whole(self, unsaved: Unsaved) -> bool:
        """Save a whole turn, from its beginning if need be; returns False if it must be retried."""
        saved = self._place(unsaved) is not None or self._begin(unsaved)
        place, turn = unsaved.place, unsaved.turn
        if saved and place is not None and turn is not None:
            saved = self._try(lambda store: store.end_turn(place, turn, at=unsaved.ended))
        if saved:
            unsaved.saved = True
            self._journaled.discard(unsaved)
        return saved or self._defect

    def _record(self, unsaved: Unsaved) -> bool:
        """Write a turn into the journal; returns False if that failed."""
        if self._journal is None:
            return False
        try:
            unsaved.write_to(self._journal)
        except StoreError:
            return False  # the attempt to save it has been reported
        finally:
            if unsaved.journaled:
                self._journaled.add(unsaved)
        return True

    def _record_more(self, unsaved: Unsaved, text: str) -> bool:
        assert self._journal is not None
        try:
            self._journal.more(unsaved.key, text)
        except StoreError:
            return False
        return True

    def record_spending(self, waiting: Iterable[Spending]) -> None:
        """Write spending into the journal, as far as that does not have it; saving it as well is no harm."""
        if self._journal is not None:
            with suppress(StoreError):  # the attempt to save it has been reported
                for spending in waiting:
                    if spending.receipt.number > self._spending_journaled:
                        self._journal.spend(spending)
                        self._spending_journaled = spending.receipt.number

    def _tidy_journal(self) -> None:
        """Delete the journal when the store has all that is in it."""
        if not (self._journal is None or self.unspent or self._journaled or self.unsaved):
            with suppress(StoreError):  # what stays in it is adopted without effect
                self._journal.clear()

    def _adopt(self, store: Store) -> None:
        """Save what programs that have exited left in their journals."""
        assert self._journal is not None
        turns = 0
        with leftovers(self._journal.folder, self._journal.file) as found:
            for file, leftover in found:
                turns += sum(store.adopt(pending) for pending in leftover.turns)
                for spending in leftover.spent:
                    store.spend(spending.model, spending.spent, receipt=spending.receipt)
                delete(file, damaged=leftover.damaged)  # adopted again, it would change nothing
        self._adopted = True
        if turns:
            replies = "una respuesta" if turns == 1 else counted(turns, "respuesta", "respuestas")
            self.notes.append(f"La última vez no se pudo guardar todo: recojo ahora {replies}.")

    def _spend(self) -> None:
        while self.unspent:
            spending = self.unspent[0]

            def spend(store: Store, each: Spending = spending) -> None:
                store.spend(each.model, each.spent, receipt=each.receipt)

            if not self._try(spend) and not self._defect:
                return
            self.unspent.popleft()

    def _begin(self, unsaved: Unsaved) -> bool:
        def begin(store: Store) -> None:
            unsaved.place = unsaved.begin(store)
            unsaved.opening = self._opening

        return self._try(begin)

    def _place(self, unsaved: Unsaved) -> Place | None:
        """The place of a turn in the open store; a place in a replaced file is no longer valid."""
        return unsaved.place if unsaved.opening == self._opening and self._store is not None else None

    def _try(self, work: Callable[[Store], None]) -> bool:
        self._defect = False
        try:
            self.run(work)
        except StoreError as error:
            self._defect = isinstance(error, StoreTooLarge)
            self.report(error)
        except Exception as error:  # noqa: BLE001 -- a defect in a store must not end the thread
            self._defect = True
            self.report(StoreError(repr(error)))
        else:
            self.failed = self._told = None
            return True
        return False

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._open_store()
            self._opening += 1
            self.notes.extend(self._store.notes)
            if self._journal is not None:
                self._journal.keep_reserve()
            if not self._adopted:
                self._try_to_adopt(self._store)
        return self._store

    def _try_to_adopt(self, store: Store) -> None:
        """Adopt what others left; it is tried again later if another program keeps the file."""
        try:
            self._adopt(store)
        except StoreBusy:
            pass
        except StoreError as error:
            self._adopted = True
            self.report(error)
