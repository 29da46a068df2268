"""A limit on the memory that the turns of one conversation take when it is read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stream_core.core.errors import ReplyTooLarge

from .column_codec import Oversized

if TYPE_CHECKING:
    from stream_core.core.conversation import Turn
    from stream_core.core.deltas import Block

MAX_CONVERSATION = 512 << 20
"""Most bytes of memory, estimated rather too high; no model takes a tenth of that."""


def check_total(size: int) -> None:
    """Check a size in bytes.

    Raises:
        Oversized: it is more than a conversation may have.
    """
    if size > MAX_CONVERSATION:
        raise Oversized


class ConversationLimit:
    """Adds up the turns of one conversation while they are read."""

    def __init__(self) -> None:
        from stream_core.core.wire_json import WireJson  # not for every chat that opens a store

        self._room = WireJson(MAX_CONVERSATION)

    def add(self, turn: Turn) -> Turn:
        """Return the turn.

        Raises:
            Oversized: all of them together take too much.
        """
        try:
            self._add_texts(turn.question, turn.text)
            self._add_blocks(turn.asked, turn.question)
            self._add_blocks(turn.blocks, turn.text)
        except ReplyTooLarge:
            raise Oversized from None
        return turn

    def _add_texts(self, *texts: str) -> None:
        for text in texts:
            self._room.keep_text(text)

    def _add_blocks(self, blocks: Sequence[Block], text: str) -> None:
        for block in blocks:
            if block.get("text") is not text:  # else it is the same object
                self._room.keep(block)
