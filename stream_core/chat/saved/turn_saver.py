"""Saving a turn while it arrives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stream_core.core.block_text import TextJoiner

if TYPE_CHECKING:
    from stream_core.core.conversation import Turn
    from stream_core.core.deltas import Block, TurnDelta
    from stream_core.store.saving import Saving


class TurnSaver:
    """Saves a turn while it arrives; where nothing is saved, nothing happens."""

    def __init__(
        self,
        saving: Saving | None = None,
        saved_blocks: Callable[[Sequence[Block]], tuple[Block, ...]] = tuple,
    ) -> None:
        self._saving, self._saved_blocks = saving, saved_blocks
        self._joiner = TextJoiner()

    def feed(self, delta: TurnDelta) -> None:
        """Save what a delta adds to the text; returns at once."""
        if (text := self._joiner.feed(delta)) and self._saving is not None:
            self._saving.text(text)

    def end(self, turn: Turn) -> None:
        """Save the whole turn with its outcome; returns at once."""
        if self._saving is not None:
            self._saving.end(replace(turn, asked=self._saved_blocks(turn.asked)))
