"""The turns on their way to the store: saves them in order and retries those that could not be saved.

Used from the writer's thread only, without locks; `failed` may be read from others.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from stream_core.core.conversation import Turn
from stream_core.core.errors import StoreCorrupt, StoreError, StoreMoved
from stream_core.models.cost import Spent

from .protocol import Place, Store

_T = TypeVar("_T")

MAX_TURNS = 200
"""How many unsaved turns are kept in memory; beyond that the oldest are dropped."""


class Unsaved:
    """A turn, and how much of it has been saved.

    Attributes:
        conversation: the id of its conversation.
        question: what was asked.
        model: the model it was asked of.
        begun: when it was asked or resumed, in seconds since the epoch.
        resumes: the turn that is continued, or None for a new one; `turn` is then the combination of both.
        turn: the whole turn, once it has ended.
        ended: when it ended, in seconds since the epoch.
        place: where it is in the store, once it was begun there.
        opening: number of the opening of the store to which `place` belongs.
        queued: whether its end was handled: saved, or waiting in `SaveQueue.unsaved`.
    """

    __slots__ = (
        "begun",
        "conversation",
        "ended",
        "model",
        "opening",
        "place",
        "question",
        "queued",
        "resumes",
        "turn",
    )

    def __init__(
        self, conversation: str, question: str, model: str, begun: float, *, resumes: Turn | None = None
    ) -> None:
        self.conversation, self.question, self.model, self.begun = conversation, question, model, begun
        self.resumes = resumes
        self.turn: Turn | None = None
        self.ended = 0.0
        self.place: Place | None = None
        self.opening = 0
        self.queued = False

    def begin(self, store: Store) -> Place:
        """Begin it in a store, or resume there the turn it continues.

        Raises:
            StoreError: it could not be done.
        """
        if self.resumes is not None:
            return store.resume_turn(self.conversation, self.resumes, at=self.begun)
        return store.begin_turn(self.conversation, self.question, model=self.model, at=self.begun)


class SaveQueue:
    """Saves turns through one store, which it opens when it is needed.

    Attributes:
        failed: the error with which saving fails at present, or None.
        notes: Spanish sentences that opening the store produced.
        unsaved: turns that have ended and are not saved yet, in order.
        unspent: what requests cost and is not saved yet, by model.
    """

    def __init__(self, open_store: Callable[[], Store], on_failure: Callable[[StoreError], None]) -> None:
        self.failed: StoreError | None = None
        self.notes: deque[str] = deque()
        self.unsaved: deque[Unsaved] = deque(maxlen=MAX_TURNS)
        self.unspent: dict[str, Spent] = {}
        self._open_store, self._on_failure = open_store, on_failure
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

    def begin(self, unsaved: Unsaved) -> None:
        """Save a question. If turns before it are still unsaved, it is saved with its end instead."""
        if unsaved.turn is None and self.catch_up():
            self._begin(unsaved)

    def append(self, unsaved: Unsaved, text: str) -> bool:
        """Save more of a reply; returns False if that failed."""
        place = self._place(unsaved)
        return place is not None and self._try(lambda store: store.append(place, text, at=time.time()))

    def end(self, unsaved: Unsaved) -> None:
        """Save a turn that has ended, after those before it; if that fails it waits in `unsaved`."""
        if not unsaved.queued:
            unsaved.queued = True
            self.unsaved.append(unsaved)
            self.catch_up()

    def spend(self, model: str, spent: Spent) -> None:
        """Save what requests cost; if that fails it waits, as one sum for each model."""
        self.unspent[model] = self.unspent.get(model, Spent()) + spent
        self.catch_up()

    def catch_up(self) -> bool:
        """Save what is waiting, turns first and in order; returns True if no turn is left."""
        while self.unsaved and self._save_whole(self.unsaved[0]):
            self.unsaved.popleft()
        if not self.unsaved:
            self._spend()
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
        """Remember an error, and pass it on unless the last one was of the same class."""
        before, self.failed = self.failed, failure
        if type(before) is not type(failure):
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
        return saved or self._defect

    def _spend(self) -> None:
        for model, spent in list(self.unspent.items()):
            if not self._try(partial(_spend, model, spent)) and not self._defect:
                return
            del self.unspent[model]

    def _begin(self, unsaved: Unsaved) -> bool:
        def begin(store: Store) -> None:
            unsaved.place = unsaved.begin(store)
            unsaved.opening = self._opening

        return self._try(begin)

    def _place(self, unsaved: Unsaved) -> Place | None:
        """Where a turn is in the open store; a place in a file that was replaced is not valid any more."""
        return unsaved.place if unsaved.opening == self._opening and self._store is not None else None

    def _try(self, work: Callable[[Store], None]) -> bool:
        self._defect = False
        try:
            self.run(work)
        except StoreError as error:
            self.report(error)
        except Exception as error:  # noqa: BLE001 -- a defect in a store must not end the thread
            self._defect = True
            self.report(StoreError(repr(error)))
        else:
            self.failed = None
            return True
        return False

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._open_store()
            self._opening += 1
            self.notes.extend(self._store.notes)
        return self._store


def _spend(model: str, spent: Spent, store: Store) -> None:
    store.spend(model, spent)
