"""The handle of a turn that is being saved; see `Writer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn

from .protocol import Place
from .unsaved import Unsaved

if TYPE_CHECKING:
    from .writer import Writer


class Saving:
    """A turn that is being saved."""

    __slots__ = ("_pieces", "_size", "_stopped", "_turn", "_writer")

    def __init__(self, writer: Writer, turn: Unsaved) -> None:
        self._writer, self._turn = writer, turn
        self._pieces: list[str] = []
        self._size = 0
        self._stopped = False  # no more text is gathered: it would come after a gap

    @property
    def conversation(self) -> str:
        """The id of its conversation; that of a new one is chosen before anything is saved."""
        return self._turn.conversation

    @property
    def place(self) -> Place | None:
        """The place of the turn in the store, once it is known."""
        return self._turn.place

    def text(self, piece: str) -> None:
        """Hand over more text of the reply, as received. Never waits for a disk."""
        self._writer._gather(self, piece)

    def end(self, turn: Turn) -> None:
        """Hand over the whole turn. It is safe once a later `call` has returned and `failed` is None."""
        self._writer._end(self, turn)
