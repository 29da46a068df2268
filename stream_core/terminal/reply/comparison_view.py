"""Several replies drawn while they arrive: side by side, or one after another in a narrow window.

Each is laid out by the Markdown of a single reply. What no reply can change any more is written once, into
the terminal's own scrollback; only the rows below it are drawn again.
"""
# See docs/adr/0006-append-only-drawing.md

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import SPINNERS
from stream_core.core.deltas import Text, TurnDelta
from stream_core.core.sanitize import sanitize
from stream_core.terminal.markdown.wrapping import wrap
from stream_core.terminal.rows.styles import Pen, Row, Styles

from .columns import Columns, RowMerge, column_width, fits
from .compared_reply import ComparedReply
from .draft_row import draft_row
from .live_area import LiveArea

_PATIENT_SECONDS = 1.0  # of CPU, for laying out what is left at the end, with Markdown
_DRAFT_HEIGHT = 10  # rows of a window that has some for a hint and for what is typed
_HINT = "Ctrl+C las cancela todas · Esc y su número, una"
_ARMED = "¿Cuál cancelo? Pulsa su número"


class LiveComparisonView(LiveArea):
    """Several replies on a terminal. Entered before the first delta, finished once, left in any case.

    Args:
        console: the terminal.
        look: how it looks.
        titles: the titles of the replies, in their order.
        resend_final_rows: as in `Painter`.
        keys: whether a person can stop one by its number.
        clock: returns the current time in seconds.
    """

    def __init__(
        self,
        console: Console,
        look: Look,
        titles: Sequence[str],
        *,
        resend_final_rows: bool = False,
        keys: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(console, look.refresh, resend_final_rows=resend_final_rows)
        self._look, self._clock, self._keys = look, clock, keys
        self._styles, self._pen = Styles(replace(look, frame="barra")), Pen(console)
        self._sides = [ComparedReply(title, look, clock) for title in titles]
        self._columns = Columns(len(titles), self._styles.border)
        self._beside, self._room_laid = False, 0  # cells of a row that what waits is laid out for
        # One after another, each is a column of its own that is taken once those before it have ended.
        self._merges = [RowMerge(1) for _ in titles]
        self._current = 0
        self._begun = -1  # the reply, or the row of columns, whose title is drawn
        self._spinner, self._ticks = SPINNERS[look.spinner], 0
        self._armed = self._closed = False

    def feed(self, number: int, delta: TurnDelta) -> None:
        """Show the next delta of a reply."""
        self._sides[number].feed(delta, self._clock())
        self._loop.wake()

    def ended(self, number: int, arrived: str, figures: Sequence[str]) -> None:
        """Note that a reply has ended.

        Args:
            number: its place, from 0.
            arrived: its whole text: a cancel leaves some of it behind that was not fed.
            figures: its state and figures.
        """
        side = self._sides[number]
        if rest := arrived[side.characters :]:
            side.feed(Text(rest, side.index, self._clock()), self._clock())
        side.figures, side.ended = figures, True
        self._loop.wake()

    @property
    def drafting(self) -> bool:
        """Whether something is typed for the next prompt."""
        return any(self._draft)

    def arm(self, armed: bool) -> None:
        """Ask for the number of the reply that is stopped, or no longer. Any thread may call this."""
        self._armed = armed
        self._loop.wake()

    def skip_typing_delay(self) -> None:
        """Show at once what is paused, or drawn slowly because the person asked for that."""
        for side in self._sides:
            side.queue.skip_typing_delay()
        self._loop.wake()

    def pause(self) -> None:
        """Stop showing anything new until `unpause`."""
        for side in self._sides:
            side.queue.paused = True

    def unpause(self) -> None:
        """Go on after `pause`."""
        for side in self._sides:
            side.queue.paused = False
        self._loop.wake()

    def finish(self, texts: Sequence[str]) -> None:
        """Show what is not shown yet, and the figures below; returns once all of it is on the terminal.

        Args:
            texts: the whole text of each reply, for the case that drawing fails.
        """
        for number, side in enumerate(self._sides):
            if not side.ended:  # a signal ended all of it
                self.ended(number, texts[number], ())

        def last_frame(tick: bool) -> bool:
            if any(side.queue.backlog and side.queue.slow for side in self._sides):
                self._draw(tick)
                return False
            self._close(texts)
            return True

        self._loop.finish(last_frame, wait_suspended=True)
        if not self._closed:  # the loop does not run, or drawing raised
            with self._loop.exclusive() as held:
                if held:
                    self.skip_typing_delay()
                    self._close(texts)

    # -- frames -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load what lays out Markdown."""
        from .column_document import ColumnDocument

        for side in self._sides:
            side.document = side.document or ColumnDocument(side.queue, self._styles)

    def _pending(self) -> bool:
        return any(side.queue.waiting or (side.ended and not side.complete) for side in self._sides)

    def _draw(self, tick: bool) -> None:
        self._ticks += tick
        self._size = self._console.size
        self._paint(self._penned(self._final_rows()), lambda: self._penned(self._tail()))

    def _penned(self, rows: Sequence[Row]) -> list[str]:
        return [self._pen(row) for row in rows]

    @property
    def _room(self) -> int:
        """Cells of a row of one reply."""
        width = self._size.width
        return column_width(len(self._sides), width) if self._beside else max(1, width - 1)

    def _final_rows(self) -> list[Row]:
        """The rows that have become final since the last call."""
        above = [*self._fit()]
        for number, side in enumerate(self._sides):
            merge, place = self._merge_of(number)
            if side.complete or side.document is None:
                continue
            merge.add(place, side.document.final_rows(self._room, ending=side.ended))
            if side.ended and side.document.complete:
                merge.add(place, side.document.last_rows(self._room))
                merge.end(place)
                side.complete = True
        return [*above, *(self._side_by_side() if self._beside else self._one_after_another())]

    def _fit(self) -> Iterator[Row]:
        """Fit what is not final into the window. Columns become replies one after another where they are too
        narrow; those stay so, for what is final of the first of them stands below what was beside it.
        """
        beside = fits(len(self._sides), self._size.width)
        if self._begun < 0 and beside is not self._beside:
            self._beside = beside
            self._merges = [RowMerge(len(self._sides))] if beside else [RowMerge(1) for _ in self._sides]
        elif self._beside and not beside:
            yield self._columns.foot(self._size.width)
            self._beside, self._begun = False, -1
            self._merges = [RowMerge(1) for _ in self._sides]
            self._room_laid = 0
        if self._room_laid == self._room:
            return
        self._room_laid = self._room
        for number, side in enumerate(self._sides):
            merge, place = self._merge_of(number)
            if side.document is not None:
                merge.replace(place, side.document.laid_anew(self._room))
            if side.complete:
                merge.end(place)

    def _merge_of(self, number: int) -> tuple[RowMerge, int]:
        """Where the rows of a reply wait."""
        return (self._merges[0], number) if self._beside else (self._merges[number], 0)

    def _taken(self, first: int, cells: Sequence[Row | None]) -> None:
        for number, cell in enumerate(cells, first):
            document = self._sides[number].document
            if cell is not None and document is not None:
                document.took()
                self._sides[number].stands_above = True

    def _side_by_side(self) -> Iterator[Row]:
        if self._begun < 0:
            self._begun = 0
            titles = [side.title for side in self._sides]
            yield self._columns.head(titles, self._styles.heading, self._size.width)
        for cells in self._merges[0].take():
            self._taken(0, cells)
            yield from self._columns.rows(cells, self._size.width)

    def _one_after_another(self) -> Iterator[Row]:
        while self._current < len(self._sides):
            side = self._sides[self._current]
            if self._begun < self._current:
                self._begun = self._current
                title = f"{side.title} (sigue)" if side.stands_above else side.title
                yield self._edge(f"╭─ {title} ", self._styles.heading)
            for (cell,) in self._merges[self._current].take():
                self._taken(self._current, [cell])
                yield from self._columns_of_one(cell)
            if not side.complete:
                return
            yield from wrap([(f"╰─ {' · '.join(side.figures)}", self._styles.border)], self._room)
            self._current += 1

    def _columns_of_one(self, cell: Row | None) -> list[Row]:
        return Columns(1, self._styles.border).rows([cell], self._size.width)

    def _edge(self, title: str, style: object) -> Row:
        fill = "─" * max(0, self._room - cell_len(title))
        return [Segment(set_cell_size(title + fill, self._room).rstrip(), self._styles.border)]

    def _tail(self) -> list[Row]:
        """The rows that are drawn again with each frame: half a window, for it may shrink at once."""
        below = self._below()
        most = max(1, self._size.height // 2 - len(below))
        if self._beside:
            opened = [self._open_rows(side) for side in self._sides]
            cells = self._merges[0].rest(opened, most)
            rows = [row for each in cells for row in self._columns.rows(each, self._size.width)]
        elif self._current < len(self._sides):
            opened = [self._open_rows(self._sides[self._current])]
            cells = self._merges[self._current].rest(opened, most)
            rows = [row for (cell,) in cells for row in self._columns_of_one(cell)]
        else:
            rows = []
        return [*rows[-most:], *below]

    def _open_rows(self, side: ComparedReply) -> Sequence[Row]:
        if side.document is None or side.complete:
            return []
        return side.document.open_rows(self._room)

    def _below(self) -> list[Row]:
        now, turn = self._clock(), self._spinner[self._ticks % len(self._spinner)]
        quiet, room = self._styles.quiet, self._room
        states = [side.live(now, turn) for side in self._sides]
        if self._beside:
            cut = [[Segment(_cut(state, room), quiet)] for state in states]
            rows = self._columns.rows(cut, self._size.width)
        else:
            states = [
                state if number == self._current else f"{side.title}: {state}"
                for number, (side, state) in enumerate(zip(self._sides, states, strict=True))
                if number >= self._current
            ]
            rows = [[Segment(_cut(state, room), quiet)] for state in states]
        if self._size.height < _DRAFT_HEIGHT:
            return rows
        if self._keys and not all(side.ended for side in self._sides):
            hint = _ARMED if self._armed else _HINT
            rows.append([Segment(hint[: self._size.width - 1], quiet)])
        if self.drafting:
            rows.append(draft_row(*self._draft, max(8, self._size.width - 1), self._styles))
        return rows

    # -- the end ------------------------------------------------------------------------------

    def _close(self, texts: Sequence[str]) -> None:
        """Write the rest and the figures; where drawing raised, the whole texts as they came."""
        self._closed = True
        if not self._loop.broken:
            self._write_rest()
        if self._loop.broken:
            self._painter.close()
            for side, text in zip(self._sides, texts, strict=True):
                self._output.write(f"{side.title}\n{sanitize(text)}\n")
            return
        if not self._beside:
            return
        figures = [[Segment(" · ".join(side.figures), self._styles.quiet)] for side in self._sides]
        rows = [self._columns.foot(self._size.width), *self._columns.rows(figures, self._size.width)]
        self._emit(self._penned(rows))

    def _write_rest(self) -> None:
        until = time.thread_time() + _PATIENT_SECONDS  # the wait for the terminal is none of it
        try:
            self.prepare()
            while True:
                self._size = self._console.size
                self._emit(self._penned(self._final_rows()))
                if all(side.complete for side in self._sides):
                    return
                if time.thread_time() > until:
                    for side in self._sides:
                        assert side.document is not None
                        side.document.simplify()
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._loop.broken = True


def _cut(state: str, room: int) -> str:
    return state if cell_len(state) <= room else f"{set_cell_size(state, room - 1).rstrip()}…"
