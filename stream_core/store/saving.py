"""A turn that is being saved, and the batching of its text; see `Writer`."""

from __future__ import annotations

from collections.abc import Callable

from stream_core.core.conversation import Turn

from .protocol import Place
from .unsaved import Unsaved

MAX_WAITING_TEXT = 1 << 20
"""Characters of a turn that wait for a disk; the rest is saved with the end of the turn."""

_BATCH_SECONDS = 0.15
"""Batching delay: shorter means more writes, longer means more text lost if the process is killed."""
_BATCH_CHARACTERS = 4096  # a batch of this size is not delayed


class Saving:
    """A turn that is being saved.

    Args:
        unsaved: the turn.
        gather: takes more text of it.
        end: takes the whole turn.

    Attributes:
        unsaved: the turn.
        pieces: its text that is not saved yet.
        size: the characters of that.
        stopped: whether no more text is gathered: it would come after a gap.
    """

    __slots__ = ("_end", "_gather", "pieces", "size", "stopped", "unsaved")

    def __init__(
        self,
        unsaved: Unsaved,
        gather: Callable[[Saving, str], None],
        end: Callable[[Saving, Turn], None],
    ) -> None:
        self.unsaved, self._gather, self._end = unsaved, gather, end
        self.pieces: list[str] = []
        self.size = 0
        self.stopped = False

    @property
    def conversation(self) -> str:
        """The id of its conversation; that of a new one is chosen before anything is saved."""
        return self.unsaved.conversation

    @property
    def place(self) -> Place | None:
        """The place of the turn in the store, once it is known."""
        return self.unsaved.place

    def text(self, piece: str) -> None:
        """Hand over more text of the reply, as received. Never waits for a disk."""
        self._gather(self, piece)

    def end(self, turn: Turn) -> None:
        """Hand over the whole turn. It is safe once a later `call` has returned and `failed` is None."""
        self._end(self, turn)


class Batches:
    """The turns with text to save, each with the monotonic time at which it is due. Not thread-safe."""

    def __init__(self) -> None:
        self._due: dict[Saving, float] = {}

    def add(self, saving: Saving, piece: str, now: float) -> bool:
        """Gather more text of a turn; return whether it is due at another time than before."""
        if saving.stopped:
            return False
        saving.pieces.append(piece)
        saving.size += len(piece)
        if saving.size > MAX_WAITING_TEXT:
            self.stop(saving)
            return False
        if saving.size >= _BATCH_CHARACTERS > saving.size - len(piece):
            self._due[saving] = 0.0
            return True
        if saving not in self._due:
            self._due[saving] = now + _BATCH_SECONDS
            return True
        return False

    def take(self, saving: Saving) -> str:
        """Return the text of a turn that is not saved yet, which then counts as saved."""
        text = "".join(saving.pieces)
        saving.pieces, saving.size = [], 0
        self._due.pop(saving, None)
        return text

    def stop(self, saving: Saving) -> None:
        """Drop the text of a turn, and gather no more of it."""
        saving.stopped = True
        self.take(saving)

    def next_due(self) -> tuple[Saving, float] | None:
        """Return the turn that is due first, and when; None if there is none."""
        return min(self._due.items(), key=lambda item: item[1], default=None)

    def waiting(self) -> list[Saving]:
        """Return the turns with text to save."""
        return list(self._due)
