"""A reply as it is drawn while it arrives, by `ReplyView`'s contract."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from rich.console import Console
from rich.segment import Segment
from typing_extensions import Self

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Text, TurnDelta
from stream_core.core.reply import ReplyLike
from stream_core.core.sanitize import sanitize
from stream_core.core.stats import FrameStats, ReplyStats
from stream_core.terminal.figures import STATES, live_figures, reply_figures
from stream_core.terminal.keyboard import BRACKETED_PASTE_ON
from stream_core.terminal.styles import Pen, Row, Styles
from stream_core.texts.errors_es import cause

from .delta_queue import Intake
from .live_region import Tail
from .painter import Painter
from .panel import OPENING, closing_edge
from .status import status

_WORDS = 4  # draws between two redraws of the frame: plain words need not wait for it
_FIGURES = 4  # times a second that the figures on the closing edge change
_PATIENCE = 3  # drawing may take this share of the time at most: a third
_SLICE_SECONDS = 0.05  # for laying out final parts, in one frame
_PATIENT_SECONDS = 1.0  # for laying out what is left at the end, with Markdown
_MOMENT_SECONDS = 0.2
_SENDING_SECONDS = 0.15  # for the first request of all to be on its way, before anything is loaded beside it
_LAYOUT = "stream_core.terminal.markdown.layout"
_STUCK_SECONDS = 1.0  # for a terminal that does not read


class LiveReplyView:
    """Markdown as it arrives; the state and the figures stand on the closing edge.

    What can no longer change is written once, into the terminal's own scrollback; only the open part, the
    cursor and the closing edge are drawn again, by a thread of its own.
    """

    def __init__(
        self,
        console: Console,
        look: Look,
        *,
        practice: bool,
        lead: str = "",
        resend_final_rows: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frames = FrameStats()
        self._console, self._look = console, look
        self._labels = ("práctica",) if practice else ()
        self._styles, self._pen = Styles(look), Pen(console)
        self._painter = Painter(self._write, resend_final_rows=resend_final_rows)
        self._intake, self._tail = Intake(look.typing_speed, clock, lead), Tail(look, self._styles)
        self._status = "Conectando…"
        self._clock, self._started = clock, clock()
        self._first_text: float | None = None
        self._characters = self._index = 0  # of the text so far, and the block it is in
        self._size = console.size  # read once for each frame: all its rows are of the same width
        self._closing: list[str] = []
        self._live = False
        self._prepared = threading.Event()
        self._open = False
        self._broken = False
        self._away = False
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._draw_frames, name="frames", daemon=True)

    def __enter__(self) -> Self:
        self._live = self._console.is_terminal and not self._console.is_dumb_terminal
        if self._live:
            self._write(BRACKETED_PASTE_ON)  # the line editor turns it off each time
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_frames()
        if self._live:
            self._painter.close()

    def feed(self, delta: TurnDelta) -> None:
        """Show the next delta; drawing it is the frames' business."""
        now = self._clock()
        if isinstance(delta, Text):
            self._characters, self._index = self._characters + len(delta.text), delta.index
            self._first_text = self._first_text or now
        self._intake.put(delta, now)
        self._status = status(delta, self._status, writing=bool(self._characters))
        self._wake.set()

    def hurry(self) -> None:
        """Show at once what is drawn slowly because the person asked for that."""
        self._intake.hurry()
        self._wake.set()

    def leave(self) -> None:
        """Leave the terminal to another program, or to a question: the tail is erased, and drawn later."""
        if self._live:
            # A frame may not begin any more, should the terminal hold up the one it is at.
            away, self._away = self._away, True
            if self._lock.acquire(timeout=_STUCK_SECONDS):
                try:
                    if not away:
                        self._catch_up()
                    self._painter.close()
                finally:
                    self._lock.release()

    def _catch_up(self) -> None:
        """Draw what has arrived, as far as a moment allows: a question that comes now may be about it."""
        if not self._intake.waiting or not self._prepared.wait(_MOMENT_SECONDS):
            return
        until = time.monotonic() + _MOMENT_SECONDS
        try:
            while self._intake.waiting and not self._broken and time.monotonic() < until:
                self.frame(tick=False)
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._broken = True

    def come_back(self) -> None:
        """Draw the tail anew, below what the other program wrote; the next frame does."""
        if self._live and self._lock.acquire(timeout=_STUCK_SECONDS):
            self._painter.forget()
            self._write(BRACKETED_PASTE_ON)
            self._away = False
            self._lock.release()

    def finish(self, reply: ReplyLike, stats: ReplyStats, price: str = "") -> None:
        """Write what is not written yet, and close the edge."""
        self._end_frames()
        if not self._lock.acquire(timeout=_STUCK_SECONDS):
            return  # the terminal takes nothing any more
        try:
            self._intake.hurry()
            if rest := reply.arrived[self._characters :]:  # a cancel left it in the mailbox
                self._intake.put(Text(rest, self._index, self._clock()), self._clock())
            if not self._broken:
                self._finish_rows()
            if self._broken and reply.text.strip():
                self._painter.close()  # the terminal wraps these rows itself
                rows = [OPENING, *sanitize(reply.text).split("\n")]
                self._write("".join(f"{row}\n" for row in rows))
                self._open = True
            if not self._open:
                return
            self._size = self._console.size
            outcome = reply.outcome or "cancelled"
            style = self._styles.done if outcome == "complete" else self._styles.warning
            why = [cause(reply.error).rstrip(".")] if reply.error is not None else []
            figures = [*why, *reply_figures(stats, price)]
            edge = closing_edge(STATES[outcome], self._labels, figures, self._width)
            self._emit([self._pen([Segment(line, style)]) for line in edge])
        finally:
            self._lock.release()

    def _finish_rows(self) -> None:
        """Lay out and write the rest, in slices; what takes too long goes on without Markdown and colours."""
        until = time.monotonic() + _PATIENT_SECONDS
        try:
            while not (self._intake.ended and not self._intake.parts):
                self._size = self._console.size
                self._emit(self._final_rows(ending=True))
                self._layout.hurried = time.monotonic() > until
                self._count()
            self._emit([self._framed(row) for row in self._layout.finish(self._room)])
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._broken = True

    # -- frames -------------------------------------------------------------------------------

    def _draw_frames(self) -> None:
        every = 1 / self._look.refresh
        next_tick = 0.0
        try:
            if _LAYOUT not in sys.modules:
                self._wake.wait(_SENDING_SECONDS)
            self.prepare()
            while not self._stop.is_set():
                self._wake.clear()
                begun = time.monotonic()
                tick = begun >= next_tick
                next_tick = begun + every if tick else next_tick
                with self._lock:
                    if not self._away:
                        self.frame(tick=tick)
                self._stop.wait(max(every / _WORDS, _PATIENCE * (time.monotonic() - begun)))
                if not self._intake.waiting:
                    self._wake.wait(max(0.0, next_tick - time.monotonic()))
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._broken = True

    def _end_frames(self) -> None:
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_STUCK_SECONDS)

    def prepare(self) -> None:
        """Load what lays out Markdown: while nothing has come yet, nobody waits for it."""
        from stream_core.terminal.markdown.layout import Layout

        from .latest import Latest

        self._layout, self._latest = Layout(self._styles), Latest(self._styles)
        self._prepared.set()

    def frame(self, *, tick: bool = True) -> None:
        """Draw once: what has become final, and the tail. At a tick the figures and the spinner move on."""
        before, self._size = self._size, self._console.size
        final = self._final_rows()
        self._size = self._console.size  # again: what is drawn for another size leaves ghosts
        self._tail.ticks += tick
        due = tick and self._tail.ticks % max(1, self._look.refresh // _FIGURES) == 0
        if due or not self._closing or self._size != before:
            self._closing = self._live_edge()
        self._painter.paint(final, [*self._tail_rows(), *self._closing], self._size)
        self._count()

    def _live_edge(self) -> list[str]:
        now = self._clock()
        figures = live_figures(now - self._started, now - (self._first_text or now), self._characters)
        edge = closing_edge("Streaming", self._labels, figures, self._width)
        edge = edge[: max(1, self._size.height // 4)]  # a low window is for the text
        return [self._pen([Segment(line, self._styles.border)]) for line in edge]

    def _count(self) -> None:
        self.frames.drawn(self._intake.arrivals, self._clock())
        self._intake.arrivals = []

    def _final_rows(self, *, ending: bool = False) -> list[str]:
        """The rows of parts that have become final, as many as a frame has time for."""
        if not hasattr(self, "_layout"):
            self.prepare()
        self._intake.take(ending=ending)
        room, until = self._room, time.monotonic() + _SLICE_SECONDS
        rows: list[str] = []
        while self._intake.parts and time.monotonic() < until:
            part = self._intake.parts.popleft()
            if part.kind == "thought":
                self._latest.clear()
            elif part.quiet:
                self._latest.add(part)
                continue
            rows += map(self._framed, self._layout.rows(part, room))
        if self._open or not (rows or self._intake.thinking is not None or self._intake.open):
            return rows
        self._open = True
        return [self._pen([Segment(OPENING, self._styles.border)]), *rows]

    def _tail_rows(self) -> list[str]:
        """The open part as it stands, with the status or the cursor at its end."""
        thinking = None if self._intake.parts else self._intake.thinking
        if self._intake.parts:
            rows = []
        elif thinking is None:
            rows = self._layout.preview(self._intake.open, self._room)
        else:
            rows = self._latest.rows(self._intake.open, self._room)
        tail = self._tail.rows(rows, self._status, thinking, self._size, len(self._closing))
        return [self._framed(row) for row in tail]

    # -- text and escapes ---------------------------------------------------------------------

    @property
    def _width(self) -> int:
        """Cells of a row: the last one stays free, where terminals differ."""
        return max(8, self._size.width - 1)

    @property
    def _room(self) -> int:
        """Cells of a row for the reply itself."""
        return self._styles.room(self._size.width)

    def _framed(self, row: Row) -> str:
        return self._pen([*self._styles.bar, *row])

    def _emit(self, rows: Sequence[str]) -> None:
        if self._live:
            self._painter.paint(rows, [], self._size)
        else:
            self._write("".join(f"{row}\n" for row in rows))

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()
