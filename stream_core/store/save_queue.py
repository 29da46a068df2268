"""What the writer's thread does with the store: saving turns, and trying again what could not be saved.

Used from one thread, without locks; `failed` may be read from others.
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

MOST_TURNS = 200
"""Turns that wait in memory for a disk; of more, the oldest are lost."""


class Unsaved:
    """A turn as far as it is known, and as far as it is saved.

    Attributes:
        conversation: the id of its conversation.
        begun: when its question was asked, or when it was taken up.
        resumes: the turn that goes on with this one, which is then the whole of both; None for a new one.
        turn: the whole turn, once it has ended.
        ended: when it ended.
        place: where it is in the store, once it was begun there.
        opening: the opening of the store that `place` belongs to.
        settled: whether its end was seen to: saved, or waiting to be tried again.
    """

    __slots__ = (
        "begun",
        "conversation",
        "ended",
        "model",
        "opening",
        "place",
        "question",
        "resumes",
        "settled",
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
        self.settled = False

    def begin(self, store: Store) -> Place:
        """Begin it in a store, or take up there what it resumes.

        Raises:
            StoreError: it could not be done.
        """
        if self.resumes is not None:
            return store.take_up(self.conversation, self.resumes, at=self.begun)
        return store.begin_turn(self.conversation, self.question, model=self.model, at=self.begun)


class Saver:
    """The store as the thread sees it.

    Attributes:
        failed: what is wrong with saving at present, or None.
        notes: what the store said when it was opened.
        unsaved: turns that have ended and could not be saved yet, in order.
        unspent: what requests took and could not be saved yet, by model.
    """

    def __init__(self, open_store: Callable[[], Store], on_failure: Callable[[StoreError], None]) -> None:
        self.failed: StoreError | None = None
        self.notes: deque[str] = deque()
        self.unsaved: deque[Unsaved] = deque(maxlen=MOST_TURNS)
        self.unspent: dict[str, Spent] = {}
        self._open_store, self._on_failure = open_store, on_failure
        self._store: Store | None = None
        self._opening = 0
        self._hopeless = False  # whether the last attempt failed so that it always will

    def run(self, work: Callable[[Store], _T]) -> _T:
        """Run `work` with the store.

        Raises:
            StoreError: the store cannot be opened, or `work` raised it.
        """
        try:
            return work(self._opened())
        except (StoreCorrupt, StoreMoved):
            self.close()  # the next one opens a new file
            raise

    def begin(self, unsaved: Unsaved) -> None:
        """Save a question. With others before it that could not be saved, its own turn comes at the end."""
        if unsaved.turn is None and self.catch_up():
            self._begin(unsaved)

    def append(self, unsaved: Unsaved, text: str) -> bool:
        """Save more of a reply; whether that was possible."""
        place = self._place(unsaved)
        return place is not None and self._try(lambda store: store.append(place, text, at=time.time()))

    def end(self, unsaved: Unsaved) -> None:
        """Save a turn that has ended, after those before it; what cannot be saved waits."""
        if not unsaved.settled:
            unsaved.settled = True
            self.unsaved.append(unsaved)
            self.catch_up()

    def spend(self, model: str, spent: Spent) -> None:
        """Save what requests took; what cannot be saved waits, as one sum for each model."""
        self.unspent[model] = self.unspent.get(model, Spent()) + spent
        self.catch_up()

    def catch_up(self) -> bool:
        """Save what waits, turns first and in order; whether no turn waits any more."""
        while self.unsaved and self._settle(self.unsaved[0]):
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
                pass  # what is safe is safe, and there is nothing left to do with it

    def tell(self, failure: StoreError) -> None:
        """Take note of trouble, and tell it unless it is what was told last."""
        before, self.failed = self.failed, failure
        if type(before) is not type(failure):
            try:
                self._on_failure(failure)
            except Exception:  # noqa: BLE001, S110 -- whatever is wrong with the telling, the saving goes on
                pass

    def _settle(self, unsaved: Unsaved) -> bool:
        """Save a whole turn, from its beginning if need be; whether there is no more to do for it."""
        saved = self._place(unsaved) is not None or self._begin(unsaved)
        place, turn = unsaved.place, unsaved.turn
        if saved and place is not None and turn is not None:
            saved = self._try(lambda store: store.end_turn(place, turn, at=unsaved.ended))
        return saved or self._hopeless

    def _spend(self) -> None:
        for model, spent in list(self.unspent.items()):
            if not self._try(partial(_spend, model, spent)) and not self._hopeless:
                return
            del self.unspent[model]

    def _begin(self, unsaved: Unsaved) -> bool:
        def begin(store: Store) -> None:
            unsaved.place = unsaved.begin(store)
            unsaved.opening = self._opening

        return self._try(begin)

    def _place(self, unsaved: Unsaved) -> Place | None:
        """Where a turn is in the store that is open; a new file does not know those of the one before."""
        return unsaved.place if unsaved.opening == self._opening and self._store is not None else None

    def _try(self, work: Callable[[Store], None]) -> bool:
        self._hopeless = False
        try:
            self.run(work)
        except StoreError as error:
            self.tell(error)
        except Exception as error:  # noqa: BLE001 -- a defect in a store must not end the thread
            self._hopeless = True
            self.tell(StoreError(repr(error)))
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
