"""A reply as it is drawn while it arrives, by `ReplyView`'s contract."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Text, TurnDelta
from stream_core.core.frame_stats import FrameStats
from stream_core.core.reply import Outcome, ReplyLike
from stream_core.core.sanitize import sanitize
from stream_core.core.stats import ReplyStats
from stream_core.terminal.rows.figures import FAULTS, OUTCOMES, labels_of, reply_figures
from stream_core.terminal.rows.remembered import Remembered
from stream_core.terminal.rows.styles import Pen, Row, Styles

from .delta_queue import DeltaQueue
from .effects import effect_on
from .metrics_row import MetricsRow, Price
from .panel import closing_edge, edge_width, framed, opening_edge
from .redrawn_view import RedrawnView, RestBudget
from .status_words import status

if TYPE_CHECKING:
    from .document import ReplyDocument
    from .live_region import LiveRegion
    from .wire_view import WireView

_SENDING_SECONDS = 0.15  # for the first request to be on its way, before anything is loaded beside it
_LAYOUT = "stream_core.terminal.markdown.layout"
_STREAMING, _PAUSED = "Streaming", "En pausa: Ctrl+Q sigue"


class LiveReplyView(RedrawnView):
    """Markdown as it arrives; the state and the figures stand on the closing edge.

    What can no longer change is written once, into the terminal's own scrollback; only the live region is
    drawn again, by a thread of its own. Where that thread does not run (no terminal), `finish` writes it all.
    """

    def __init__(
        self,
        console: Console,
        look: Look,
        *,
        practice: bool,
        recorded: bool = False,
        lead: str = "",
        resend_final_rows: bool = False,
        clock: Callable[[], float] = time.monotonic,
        wire: Callable[[Styles, Pen], WireView] | None = None,
        price: Price = lambda usage: "",
        asks: Callable[[str], bool] = lambda name: False,
    ) -> None:
        super().__init__(console, look.refresh, resend_final_rows=resend_final_rows)
        self.frames = FrameStats()
        self._look, self._clock = look, clock
        self._labels = labels_of(practice=practice, recorded=recorded)
        self._styles, self._pen = Styles(look), Pen(console)
        self._figures = ""  # of the live line
        self._metrics = MetricsRow(clock(), price) if look.metrics else None
        self._wire = wire(self._styles, self._pen) if wire is not None else None
        self._drawn = Remembered(lambda row, width: self._pen(framed(row, self._styles, width)))
        self._effect = effect_on(console, look)
        self._queue = DeltaQueue(look.typing_speed, clock, lead, self._effect, asks)
        self._loop.first_wait = 0.0 if _LAYOUT in sys.modules else _SENDING_SECONDS
        self._document: ReplyDocument | None = None  # until what lays out Markdown is loaded
        self._region: LiveRegion | None = None
        self._status, self._started = "Conectando…", clock()
        self._first_text: float | None = None
        self._newest = clock()  # when the newest delta came
        self._characters = self._index = 0  # of the text so far, and the block it is in
        self._edge: tuple[Sequence[Row], list[str]] = ((), [])  # the live closing edge, and as it is drawn
        self._opened = self._closed = False  # the edges are drawn

    def feed(self, delta: TurnDelta) -> None:
        """Show the next delta; drawing it is the frames' business."""
        now = self._clock()
        if isinstance(delta, Text):
            self._characters, self._index = self._characters + len(delta.text), delta.index
            self._first_text = self._first_text or now
            self._status, self._newest = "", now
        else:
            self._status = status(delta, self._status, writing=bool(self._characters))
        if self._metrics is not None:
            self._metrics.feed(delta)
        self._queue.put(delta, now)
        self._loop.wake()

    @property
    def _queues(self) -> Sequence[DeltaQueue]:
        return (self._queue,)

    def finish(self, reply: ReplyLike, stats: ReplyStats, price: str = "") -> None:
        """Show what is not shown yet, and close the edge; see `ReplyView` for how long that may take."""
        if rest := reply.arrived[self._characters :]:  # a cancel left it in the mailbox
            self._queue.put(Text(rest, self._index, self._clock()), self._clock())
        if reply.outcome == "cancelled":
            self.skip_typing_delay()

        def last_frame(tick: bool) -> bool:
            if self._queue.backlog and self._queue.slow:
                self._draw(tick)
                return False
            self._close(reply, stats, price)
            return True

        self._loop.finish(last_frame, wait_suspended=reply.outcome != "cancelled")
        if not self._closed:  # the loop does not run, or drawing raised
            with self._loop.exclusive() as held:
                if held and self._may_write():
                    self._queue.skip_typing_delay()
                    self._close(reply, stats, price)

    # -- frames -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load what lays out Markdown: while nothing has come yet, nobody waits for it."""
        from .document import ReplyDocument
        from .live_region import LiveRegion

        self._document = ReplyDocument(self._queue, self._styles)
        self._region = LiveRegion(self._look, self._styles, self._labels, self._effect)

    def frame(self, *, tick: bool = True) -> None:
        """Draw once: what has become final, and the live region. At a tick figures and spinner move on."""
        self._size = self._console.size
        self._paint(self._final_rows(), partial(self._live_rows, tick))
        self._count()

    def _live_rows(self, tick: bool = False) -> list[str]:
        """The rows of the live region, the closing edge among them."""
        assert self._document is not None and self._region is not None
        now = self._clock()
        self._region.move_on(
            _PAUSED if self._queue.paused else _STREAMING,
            now - self._started,
            now - (self._first_text or now),
            self._characters,
            self._size,
            tick=tick,
        )
        draft = self._region.draft(*self._draft, self._size)
        if self._wire is not None:
            self._wire.move_on(self._size, tick=tick)
        below = self._rows_below(now, tick=tick)
        width = self._text_width
        rows = self._document.open_rows(self._styles.room(width))
        newest, since = self._queue.newest if self._effect.glow else (), now - self._newest
        size = self._size if width == self._size.width else self._size._replace(width=width)
        tail = self._region.rows(
            rows, self._status, self._document.thinking, size, newest, since, below=len(below)
        )
        if self._wire is None:
            drawn = self._drawn(tail, width)
        else:
            drawn = self._wire.live(tail, self._size.width)
        if self._edge[0] is not self._region.edge:
            self._edge = (self._region.edge, [self._pen(row) for row in self._region.edge])
        return [*drawn, *below, *self._edge[1], *map(self._pen, draft)]

    def _rows_below(self, now: float, *, tick: bool) -> list[str]:
        """The rows between the open ones and the closing edge: the wire and the figures, where wanted."""
        rows = self._wire.strip if self._wire is not None else []
        if self._metrics is None:
            return rows
        if tick or not self._figures:
            words = self._metrics.text(now, self._styles.room(self._size.width))
            row = framed([Segment(words, self._styles.quiet)], self._styles, self._size.width)
            self._figures = self._pen(row)
        return [*rows, self._figures]

    def _draw(self, tick: bool) -> None:
        self.frame(tick=tick)

    def _pending(self) -> bool:
        return self._queue.waiting

    def _count(self) -> None:
        self.frames.drawn(self._queue.arrivals, self._clock())
        self._queue.arrivals = []

    def _final_rows(self, *, ending: bool = False) -> list[str]:
        """The rows that have become final, with the bar, and before the first the opening edge."""
        if self._document is None:
            self.prepare()
        assert self._document is not None
        rows = self._finished(self._document.final_rows(self._room, ending=ending))
        if self._opened or not self._document.begun:
            return rows
        self._opened = True
        return [self._pen([Segment(self._opening, self._styles.border)]), *rows]

    @property
    def _opening(self) -> str:
        return opening_edge(edge_width(self._size), closed=self._styles.closed)

    # -- the end ------------------------------------------------------------------------------

    def _close(self, reply: ReplyLike, stats: ReplyStats, price: str) -> None:
        """Write the rest and the closing edge; where drawing raised, the whole text as it came."""
        self._closed = True
        if not self._loop.broken:
            self._write_rest()
        if self._loop.broken and reply.text.strip():
            self._painter.close()  # the terminal wraps these rows itself
            rows = [self._opening, *sanitize(reply.text).split("\n")]
            self._output.write("".join(f"{row}\n" for row in rows))
            self._opened = True
        if not self._opened:
            return
        self._size = self._console.size
        outcome = reply.outcome or "cancelled"
        style = self._edge_style(outcome)
        width, closed = edge_width(self._size), self._styles.closed
        figures = reply_figures(stats, price)
        edge = closing_edge(OUTCOMES[outcome], self._labels, figures, width, closed=closed)
        self._emit([self._pen([Segment(line, style)]) for line in edge])

    def _edge_style(self, outcome: Outcome) -> Style:
        """Only a failure looks like one: a reply that the person or a limit ended did not fail."""
        if outcome in FAULTS:
            return self._styles.fault
        return self._styles.done if outcome == "complete" else self._styles.border

    def _write_rest(self) -> None:
        """Lay out and write the rest, in slices; what takes too long goes on without Markdown and colours."""
        budget = RestBudget(self._stopping)
        try:
            while self._document is None or not self._document.complete:
                self._size = self._console.size
                self._emit(self._final_rows(ending=True))
                self._count()
                if budget.over(self._stopping):
                    self._queue.leave_out_rest()
                if self._document is not None and budget.impatient:
                    self._document.simplify()
            self._emit(self._finished(self._document.last_rows(self._room)))
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._loop.broken = True

    @property
    def _room(self) -> int:
        """Cells of a row for the reply itself."""
        return self._styles.room(self._text_width)

    @property
    def _text_width(self) -> int:
        """Columns for the reply with its frame: all of them, unless the wire stands beside it."""
        return self._size.width if self._wire is None else self._wire.text_width(self._size.width)

    def _finished(self, rows: Sequence[Row]) -> list[str]:
        """Final rows with their frame, and the wire beside them."""
        if self._wire is not None:
            return self._wire.final(rows, self._size.width)
        return [self._pen(framed(row, self._styles, self._size.width)) for row in rows]
