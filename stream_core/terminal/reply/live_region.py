"""The rows that are drawn again with each frame: the open part, what is waited for, edge and draft."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from rich.cells import cell_len
from rich.console import ConsoleDimensions
from rich.segment import Segment

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import SPINNERS, Effect
from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.rows.figures import live_figures
from stream_core.terminal.rows.styles import BAR, Row, Styles, cells_of

from .draft_row import draft_row
from .effects import beating, glowing, shining
from .panel import closing_edge, edge_width
from .thinking_summary import heading

THINKING_ROWS = 6
_THINKING_KEPT = 4_000  # characters of thinking, to lay them out anew in a window of another width
_FIGURES_A_SECOND = 4  # how often the figures on the closing edge change

_NARROWER, _LOWER = 0.4, 0.5  # what may be left of the width and height of a window that shrinks at once
_NARROWEST = 20  # columns
_DRAFT_HEIGHT = 6  # rows of a window that has one for what is typed
_FEWEST = 2  # rows that are drawn in every window


class LiveRegion:
    """The open part of a reply with the cursor or what is waited for at its end, and what stands below it."""

    def __init__(self, look: Look, styles: Styles, labels: Sequence[str], effect: Effect) -> None:
        self._look, self._styles, self._labels, self._effect = look, styles, labels, effect
        self._spinner = SPINNERS[look.spinner]
        self._ticks = 0  # how often the spinner moved on
        self._lines: list[str] = []  # of the closing edge
        self._edge: list[Row] = []
        self._drafted = False
        self._edge_of: tuple[str, ConsoleDimensions] | None = None  # the state and the size it is for
        self._cursor_cells = cell_len(look.cursor)
        self._figures_every = max(1, look.refresh // _FIGURES_A_SECOND)

    def rows(
        self,
        rows: Sequence[Row],
        status: str,
        thinking: float | None,
        size: ConsoleDimensions,
        newest: Sequence[tuple[int, float]] = (),
        since: float = 0.0,
        below: int = 0,
    ) -> Sequence[Row]:
        """The rows above the closing edge, without their frame.

        Args:
            rows: those of the open part.
            status: what is waited for; "" for nothing.
            thinking: for how many seconds Claude has been thinking, when the rows are that.
            size: that of the window.
            newest: characters that came a moment ago and their age in seconds, the newest first.
            since: seconds since the newest delta.
            below: rows that stand between these and the closing edge.
        """
        room, above = self._styles.room(size.width), []
        if thinking is not None:
            above = [self._turning(heading(thinking), room)]
        if status:
            rows = [*rows, self._turning(status, room)]
        elif thinking is None:
            rows = self._with_cursor(glowing(rows, newest, self._effect, self._styles), room, since)
        least = edge_width(size) if self._styles.closed else 0
        return _last_of(rows, above, size, len(self._edge) + self._drafted + below, least)

    def move_on(
        self,
        state: str,
        seconds: float,
        writing: float,
        characters: int,
        size: ConsoleDimensions,
        *,
        tick: bool,
    ) -> None:
        """Move the spinner on at a tick, and the figures of the closing edge a few times a second.

        Args:
            state: the state that the edge names.
            seconds: since the request was sent.
            writing: seconds since the first text.
            characters: of the text so far.
            size: that of the window.
            tick: whether it is time for the frame to move on.
        """
        self._ticks += tick
        due = tick and self._ticks % self._figures_every == 0
        if due or self._edge_of != (state, size):
            figures = live_figures(seconds, writing, characters)
            closed = self._styles.closed
            lines = closing_edge(state, self._labels, figures, edge_width(size), closed=closed)
            self._lines = lines[: max(1, size.height // 4)]  # a low window is for the text
            self._edge_of = (state, size)
        elif not (tick and self._effect.sheen):
            return
        self._edge = [shining(line, seconds, self._effect, self._styles) for line in self._lines]

    @property
    def edge(self) -> Sequence[Row]:
        """The rows of the closing edge."""
        return self._edge

    def draft(self, before: str, after: str, size: ConsoleDimensions) -> list[Row]:
        """The row below the closing edge for what is typed; none in a window that is too low."""
        self._drafted = bool(before or after) and size.height >= _DRAFT_HEIGHT
        return [draft_row(before, after, edge_width(size), self._styles)] if self._drafted else []

    def _turning(self, words: str, room: int) -> Row:
        turn = self._spinner[self._ticks % len(self._spinner)]
        return [Segment(f"{turn} {words}"[:room], self._styles.quiet)]

    def _with_cursor(self, rows: Sequence[Row], room: int, since: float) -> Sequence[Row]:
        cursor, style, beat = self._look.cursor, self._styles.border, self._effect.beat
        if beat is not None:
            style = beating(beat(since), self._styles)
        elif self._look.blink and self._ticks // max(1, self._look.refresh // 2) % 2:
            return rows
        if not cursor:
            return rows
        if not rows or cells_of(rows[-1]) > room - self._cursor_cells:
            rows = [*rows, []]
        return [*rows[:-1], [*rows[-1], Segment(cursor, style)]]


class ThinkingTail:
    """The last rows of thinking that is arriving; it is shown only while it comes, the rest is forgotten."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._parts: deque[Part] = deque()
        self._size = self._new = 0  # characters of the parts, and those parts that are not laid out yet
        self._lay_out_for(0)

    def add(self, part: Part) -> None:
        """Take in the next part that is final."""
        self._parts.append(part)
        self._size += len(part.text) + 1
        self._new += 1
        while self._size > _THINKING_KEPT and len(self._parts) > 1:
            self._size -= len(self._parts.popleft().text) + 1

    def rows(self, open_parts: Sequence[Part], width: int) -> list[Row]:
        """The last rows as they stand, with the parts that are still open."""
        if width != self._width:
            self._lay_out_for(width)
        for part in islice(self._parts, max(0, len(self._parts) - self._new), None):
            self._rows += self._layout.rows(part, width)
        self._new = 0
        return [*self._rows, *self._layout.preview(open_parts, width)][-THINKING_ROWS:]

    def _lay_out_for(self, width: int) -> None:
        self._width, self._layout, self._new = width, Layout(self._styles), len(self._parts)
        self._rows: deque[Row] = deque(maxlen=THINKING_ROWS)


def _last_of(
    rows: Sequence[Row], above: Sequence[Row], size: ConsoleDimensions, edge: int, least: int
) -> Sequence[Row]:
    """The last rows below those that stay above, as many as stay in a window that shrinks at once, as when it
    is no longer maximised.

    Terminals wrap rows that have become too long. Those that leave at the top stay in the scrollback, where
    nothing can be erased, and would stand there twice. A row in its frame has `least` cells.
    """
    narrow = max(_NARROWEST, int(size.width * _NARROWER))
    left = int(size.height * _LOWER) - edge * (2 if size.width >= 2 * narrow else 1)
    left -= sum(_height(row, narrow, least) for row in above)
    if len(rows) * -(-size.width // narrow) <= left:
        return [*above, *rows]  # no row is longer than the window is wide
    count = 0
    for row in reversed(rows):
        left -= _height(row, narrow, least)
        if len(above) + count >= _FEWEST and left < 0:
            break
        count += 1
    return [*above, *rows[len(rows) - count :]]


def _height(row: Row, width: int, least: int) -> int:
    """Rows that it takes in a window of this width."""
    return -(-max(cells_of(row) + len(BAR), least) // width)
