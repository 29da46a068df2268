"""A reply as rows: each final row once, and the open rows in their current state."""

from __future__ import annotations

import time

from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.rows.styles import Row, Styles

from .delta_queue import FRAME, DeltaQueue
from .live_region import ThinkingTail

_SLICE_SECONDS = 0.05  # for reading and laying out final parts, in one frame
_STOPPING_SECONDS = 0.01  # for that where a person waits for the end


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
        begun, left = time.monotonic(), FRAME
        rows: list[Row] = []
        go_on = True
        while go_on and self._may_go_on(begun):
            taken = 0 if self._queue.parts else self._queue.take(left, ending=ending)
            left -= taken
            while self._queue.parts and self._may_go_on(begun):
                rows += self._final(self._queue.parts.popleft(), room)
            go_on = taken > 0 and self._queue.backlog  # mostly one round takes in all there is
        self.begun = self.begun or bool(rows or self._queue.thinking is not None or self._queue.open)
        return rows

    def _may_go_on(self, begun: float) -> bool:
        """Whether there is time left for a frame; it becomes less once a person waits for the end."""
        seconds = _STOPPING_SECONDS if self._queue.stopping else _SLICE_SECONDS
        return time.monotonic() - begun < seconds

    def _final(self, part: Part, room: int) -> list[Row]:
        """The rows of a part that has become final; of thinking there are none before it is over."""
        if part.kind == "thought":
            self._thinking.clear()
        elif part.is_thinking:
            self._thinking.add(part)
            return []
        return self._lay(part, room)

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
