"""A reply as rows: each final row once, and the open rows in their current state."""

from __future__ import annotations

import time

from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.rows.styles import Row, Styles

from .delta_queue import DeltaQueue
from .live_region import ThinkingTail

_SLICE_SECONDS = 0.05  # for laying out final parts, in one frame


class ReplyDocument:
    """The content of one reply, without its frame.

    Args:
        queue: what has arrived.
        styles: what it is laid out with.

    Attributes:
        begun: whether there is something to show.
    """

    def __init__(self, queue: DeltaQueue, styles: Styles) -> None:
        self.begun = False
        self._queue = queue
        self._layout = Layout(styles)
        self._thinking = ThinkingTail(styles)

    @property
    def complete(self) -> bool:
        """Whether every part has been laid out."""
        return self._queue.ended and not self._queue.parts

    @property
    def thinking(self) -> float | None:
        """For how many seconds Claude has been thinking, if the open rows are that."""
        return None if self._queue.parts else self._queue.thinking

    def final_rows(self, room: int, *, ending: bool = False) -> list[Row]:
        """The rows that have become final since the last call, as many as a frame has time for.

        Args:
            room: cells of a row.
            ending: whether nothing more will arrive.
        """
        self._queue.take(ending=ending)
        until = time.monotonic() + _SLICE_SECONDS
        rows: list[Row] = []
        while self._queue.parts and time.monotonic() < until:
            part = self._queue.parts.popleft()
            if part.kind == "thought":
                self._thinking.clear()
            elif part.is_thinking:
                self._thinking.add(part)
                continue
            rows += self._lay(part, room)
        self.begun = self.begun or bool(rows or self._queue.thinking is not None or self._queue.open)
        return rows

    def open_rows(self, room: int) -> list[Row]:
        """The open part as it stands; of thinking, its last rows."""
        if self._queue.parts:
            return []
        if self._queue.thinking is None:
            return self._layout.preview(self._queue.open, room)
        return self._thinking.rows(self._queue.open, room)

    def last_rows(self, room: int) -> list[Row]:
        """The rows that were waiting for more, once everything else is final."""
        return self._lay(None, room)

    def _lay(self, part: Part | None, room: int) -> list[Row]:
        """The rows that a part makes final; without a part, those that were waiting for more."""
        return self._layout.finish(room) if part is None else self._layout.rows(part, room)

    def simplify(self) -> None:
        """Do without Markdown and colours from now on: the text is too long to wait for them."""
        self._layout.hurried = True
