"""The handle of a turn that is being saved; see `Writer`."""

from __future__ import annotations

from collections.abc import Callable

from stream_core.core.conversation import Turn

from .protocol import Place
from .unsaved import Unsaved


class Batch:
    """Text of a turn that is not saved yet. Not thread-safe: the writer guards it.

    Attributes:
        size: its characters.
        stopped: whether nothing more is gathered; it would come after a gap.
    """

    __slots__ = ("_pieces", "size", "stopped")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.size = 0
        self.stopped = False

    def add(self, piece: str) -> None:
        """Add a piece of text."""
        self._pieces.append(piece)
        self.size += len(piece)

    def take(self) -> str:
        """Return the text, and begin anew without any."""
        text = "".join(self._pieces)
        self._pieces, self.size = [], 0
        return text

    def stop(self) -> None:
        """Drop the text and gather no more."""
        self.stopped = True
        self._pieces, self.size = [], 0


class Saving:
    """A turn that is being saved.

    Args:
        unsaved: the turn.
        gather: takes more text of it.
        end: takes the whole turn.
    """

    __slots__ = ("_end", "_gather", "batch", "unsaved")

    def __init__(
        self,
        unsaved: Unsaved,
        gather: Callable[[Saving, str], None],
        end: Callable[[Saving, Turn], None],
    ) -> None:
        self.unsaved, self._gather, self._end = unsaved, gather, end
        self.batch = Batch()

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
