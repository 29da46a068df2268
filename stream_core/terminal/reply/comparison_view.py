"""Several replies drawn while they arrive: side by side, or one after another in a narrow window.

Each is laid out by the Markdown of a single reply. What no reply can change any more is written once, into
the terminal's own scrollback; only the rows below it are drawn again.
"""
# See docs/adr/0006-append-only-drawing.md

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rich.console import Console
from rich.segment import Segment

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import SPINNERS
from stream_core.core.deltas import Text, TurnDelta
from stream_core.core.sanitize import sanitize
from stream_core.terminal.rows.styles import Pen, Row, Styles

from .compared_reply import ComparedReply
from .comparison_layout import ComparisonLayout
from .delta_queue import DeltaQueue
from .draft_row import draft_row
from .redrawn_view import RedrawnView, RestBudget

_DRAFT_HEIGHT = 10  # rows of a window that has some for a hint and for what is typed
_HINT = "Ctrl+C las cancela todas · Esc y su número, una"
_ARMED = "¿Cuál cancelo? Pulsa su número"


class LiveComparisonView(RedrawnView):
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
        self._layout = ComparisonLayout(self._sides, self._styles)
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

    @property
    def _queues(self) -> Sequence[DeltaQueue]:
        return [side.queue for side in self._sides]

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
        final = self._layout.final_rows(self._size.width)
        self._paint(self._penned(final), lambda: self._penned(self._tail()))

    def _penned(self, rows: Sequence[Row]) -> list[str]:
        return [self._pen(row) for row in rows]

    def _tail(self) -> list[Row]:
        """The rows that are drawn again with each frame: half a window, for it may shrink at once."""
        below = self._below()
        most = max(1, self._size.height // 2 - len(below))
        return [*self._layout.open_rows(self._size.width, most), *below]

    def _below(self) -> list[Row]:
        now, turn = self._clock(), self._spinner[self._ticks % len(self._spinner)]
        rows = self._layout.state_rows(self._size.width, [side.live(now, turn) for side in self._sides])
        if self._size.height < _DRAFT_HEIGHT:
            return rows
        if self._keys and not all(side.ended for side in self._sides):
            hint = _ARMED if self._armed else _HINT
            rows.append([Segment(hint[: self._size.width - 1], self._styles.quiet)])
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
        if rows := self._layout.closing_rows(self._size.width):
            self._emit(self._penned(rows))

    def _write_rest(self) -> None:
        budget = RestBudget(self._stopping)
        try:
            self.prepare()
            while True:
                self._size = self._console.size
                self._emit(self._penned(self._layout.final_rows(self._size.width)))
                if all(side.complete for side in self._sides):
                    return
                for side in self._sides:
                    if budget.over(self._stopping):
                        side.queue.leave_out_rest()
                    if budget.impatient and side.document is not None:
                        side.document.simplify()
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._loop.broken = True
