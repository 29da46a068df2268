"""The last rows of thinking that is arriving. It is shown only while it comes, so the rest is forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.markdown.splitter import Part
from stream_core.terminal.styles import Row, Styles

ROWS = 6
_KEPT = 4_000  # characters, to lay them out anew in a window of another width


class Latest:
    """Takes the parts that are final, lays out those that may be seen, each once for a width."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._parts: deque[Part] = deque()
        self._size = self._new = 0  # characters of the parts, and those parts that are not laid out yet
        self._lay_out_for(0)

    def add(self, part: Part) -> None:
        """Take in the next part."""
        self._parts.append(part)
        self._size += len(part.text) + 1
        self._new += 1
        while self._size > _KEPT and len(self._parts) > 1:
            self._size -= len(self._parts.popleft().text) + 1

    def rows(self, ahead: Sequence[Part], width: int) -> list[Row]:
        """The last rows as they stand, with the parts that are still open."""
        if width != self._width:
            self._lay_out_for(width)
        for part in islice(self._parts, max(0, len(self._parts) - self._new), None):
            self._rows += self._layout.rows(part, width)
        self._new = 0
        return [*self._rows, *self._layout.preview(ahead, width)][-ROWS:]

    def _lay_out_for(self, width: int) -> None:
        self._width, self._layout, self._new = width, Layout(self._styles), len(self._parts)
        self._rows: deque[Row] = deque(maxlen=ROWS)
