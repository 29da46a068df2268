"""How a reply is shown while it arrives. The chat knows only `ReplyView`; what draws it can be replaced."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from rich.cells import cell_len, chop_cells
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from typing_extensions import Self

from stream_core.deltas import Delta, Text, Thinking, ToolInput, Waiting
from stream_core.reply import Reply
from stream_core.sanitize import Sanitizer, sanitize
from stream_core.stats import ReplyStats
from stream_core.texts import retry_note

from .blocks import Part, Splitter
from .figures import STATES, live_figures, reply_figures
from .keyboard import BRACKETED_PASTE_ON
from .painter import Painter

_CYAN, _DIM = Style(color="cyan"), Style(dim=True)
_BAR = Segment("│ ", _CYAN)
CURSOR = "▊"
TITLE = "🤖 Claude"
_FRAME_SECONDS = 1 / 12
_PATIENCE = 3  # a frame may take this share of the time between frames at most: a third
_SLICE = 16_384  # characters of a backlog that one frame takes in
_SLICE_SECONDS = 0.05  # for laying out final parts, in one frame
_PATIENT_SECONDS = 1.0  # for laying out what is left at the end, with Markdown
_STUCK_SECONDS = 1.0  # for a terminal that does not read
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class ReplyView(Protocol):
    """A view of one reply: entered before the first delta, fed with each, finished once, left in any case."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def feed(self, delta: Delta) -> None:
        """Show the next delta."""

    def finish(self, reply: Reply, stats: ReplyStats) -> None:
        """Show the whole reply with its outcome and figures."""


class BarView:
    """Markdown as it arrives, with a bar on its left; the state and the figures stand on the closing edge.

    What can no longer change is written once, into the terminal's own scrollback; only the open part, the
    cursor and the closing edge are drawn again, by a thread of its own, at most twelve times a second.
    """

    def __init__(self, console: Console, *, practice: bool) -> None:
        self._console = console
        self._label = ("práctica",) if practice else ()
        self._colours = _colour_system(console)
        self._painter = Painter(self._write)
        self._sanitizer = Sanitizer()
        self._splitter = Splitter()
        self._pending: deque[str] = deque()
        self._parts: deque[Part] = deque()
        self._ended = False
        self._status = "Conectando…"
        self._started = time.monotonic()
        self._characters = 0
        self._frames = 0
        self._live = False
        self._open = False
        self._broken = False
        self._lock = threading.Lock()
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

    def feed(self, delta: Delta) -> None:
        """Show the next delta; drawing it is the frames' business."""
        match delta:
            case Text(text=text):
                self._pending.append(self._sanitizer.feed(text))
                self._characters += len(text)
                self._status = ""
            case Thinking():
                self._status = "Claude está pensando…"
            case ToolInput():
                self._status = "Claude prepara una herramienta…"
            case Waiting():
                self._status = _waiting(delta)
            case _:
                if not self._characters:
                    self._status = "Claude está escribiendo…"

    def finish(self, reply: Reply, stats: ReplyStats) -> None:
        """Write what is not written yet, and close the edge."""
        self._end_frames()
        if not self._lock.acquire(timeout=_STUCK_SECONDS):
            return  # the terminal takes nothing any more
        try:
            self._pending.append(self._sanitizer.flush())
            if not reply.text.strip():
                return
            if not self._broken:
                self._finish_rows()
            if self._broken:
                self._emit(sanitize(reply.text).split("\n"))
            outcome = reply.outcome or "cancelled"
            style = Style(color="green" if outcome == "complete" else "yellow")
            edge = self._edge(STATES[outcome], reply_figures(stats))
            self._emit([self._ansi([Segment(line, style)]) for line in edge])
        finally:
            self._lock.release()

    def _finish_rows(self) -> None:
        """Lay out and write the rest, in slices; what takes too long goes on without Markdown and colours."""
        until = time.monotonic() + _PATIENT_SECONDS
        try:
            while not (self._ended and not self._parts):
                self._emit(self._final_rows(ending=not self._pending))
                self._layout.hurried = time.monotonic() > until
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._broken = True

    # -- frames -------------------------------------------------------------------------------

    def _draw_frames(self) -> None:
        wait = 0.0
        try:
            self.prepare()
            while not self._stop.wait(wait):
                begun = time.monotonic()
                with self._lock:
                    self.frame()
                wait = max(_FRAME_SECONDS, _PATIENCE * (time.monotonic() - begun))
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self._broken = True

    def _end_frames(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_STUCK_SECONDS)

    def prepare(self) -> None:
        """Load what lays out Markdown: while nothing has come yet, nobody waits for it."""
        from .rows import Layout

        self._layout = Layout(self._console)

    def frame(self) -> None:
        """Draw once: what has become final, and the tail."""
        width, height = self._console.size
        final = self._final_rows()
        tail = self._tail_rows(width)
        edge = self._edge("Streaming", live_figures(time.monotonic() - self._started, self._characters))
        closing = [self._ansi([Segment(line, _CYAN)]) for line in edge]
        # Not more than a third of the window: a resize may wrap these rows, and what leaves at the top stays.
        room = max(1, min(height - 2 - len(closing), max(4, height // 3)))
        self._painter.paint(final, [*tail[-room:], *closing], (width, height))
        self._frames += 1

    def _final_rows(self, *, ending: bool = False) -> list[str]:
        """The rows of parts that have become final, as many as a frame has time for."""
        if not hasattr(self, "_layout"):
            self.prepare()
        self._take_in(ending=ending)
        width, until = self._console.width - 3, time.monotonic() + _SLICE_SECONDS
        rows: list[str] = []
        while self._parts and time.monotonic() < until:
            rows += map(self._barred, self._layout.rows(self._parts.popleft(), width))
        if self._open or not (rows or self._splitter.open()):
            return rows
        self._open = True
        return [self._ansi([Segment(f"╭─ {TITLE}", _CYAN)]), *rows]

    def _take_in(self, *, ending: bool) -> None:
        """Cut what has arrived into parts: a slice of it, and the rest of the text when it has ended."""
        taken = 0
        while self._pending and taken < _SLICE:
            piece = self._pending.popleft()
            if len(piece) > _SLICE:
                self._pending.appendleft(piece[_SLICE:])
                piece = piece[:_SLICE]
            taken += len(piece)
            self._parts += self._splitter.feed(piece)
        if ending and not self._pending and not self._ended:
            self._ended = True
            self._parts += self._splitter.finish()

    def _tail_rows(self, width: int) -> list[str]:
        part = self._splitter.open()
        rows = self._layout.preview(part, width - 3) if part is not None else []
        if self._status:
            spinner = _SPINNER[self._frames % len(_SPINNER)]
            line = f"{spinner} {self._status}"[: max(1, width - 3)]
            return [*map(self._barred, rows), self._barred([Segment(line, _DIM)])]
        if not rows or Segment.get_line_length(rows[-1]) >= width - 4:
            rows = [*rows, []]
        return [
            *map(self._barred, rows[:-1]),
            self._barred([*rows[-1], Segment(CURSOR, _CYAN)]),
        ]

    def _edge(self, state: str, figures: Sequence[str]) -> list[str]:
        """The closing edge; where it is too long for a row, the figures go below the state."""
        width = max(8, self._console.width - 1)
        heads = (f"╰─ {TITLE} ({state})", f"╰─ ({state})", state)
        head = next((head for head in heads if cell_len(head) <= width), state[:width])
        whole = " · ".join([head, *self._label, *figures])
        if cell_len(whole) <= width:
            return [whole]
        lines = [head]
        for number, figure in enumerate([*self._label, *figures]):
            longer = f"{lines[-1]} · {figure}"
            below = number == len(self._label)  # the first of the figures begins a row
            if cell_len(longer) <= width and not below:
                lines[-1] = longer
            else:
                lines += chop_cells(f"   {figure}", width)
        return lines

    # -- text and escapes ---------------------------------------------------------------------

    def _barred(self, row: Sequence[Segment]) -> str:
        return self._ansi([_BAR, *row])

    def _ansi(self, row: Sequence[Segment]) -> str:
        return ansi(row, self._console, self._colours)

    def _emit(self, rows: Sequence[str]) -> None:
        if self._live:
            self._painter.paint(rows, [], self._console.size)
        else:
            self._write("".join(f"{row}\n" for row in rows))

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()


def whole_reply(console: Console, text: str) -> list[str]:
    """A text that is complete and sanitised, as rows with a bar on their left: as it looked when it came."""
    from .rows import Layout

    splitter, layout, colours = Splitter(), Layout(console), _colour_system(console)
    parts = [*splitter.feed(text), *splitter.finish()]
    rows = [row for part in parts for row in layout.rows(part, console.width - 3)]
    return [ansi([_BAR, *row], console, colours) for row in rows]


def ansi(row: Sequence[Segment], console: Console, colours: ColorSystem | None) -> str:
    """A row as text with its escapes; without colours where the person wants none (`NO_COLOR`)."""

    def shown(segment: Segment) -> str:
        if segment.style is None or colours is None:
            return segment.text
        style = segment.style.without_color if console.no_color else segment.style
        return style.render(segment.text, color_system=colours)

    return "".join(map(shown, row)).rstrip(" ")


def _colour_system(console: Console) -> ColorSystem | None:
    names = {"standard": "STANDARD", "256": "EIGHT_BIT", "truecolor": "TRUECOLOR", "windows": "WINDOWS"}
    return ColorSystem[names[console.color_system]] if console.color_system else None


def _waiting(waiting: Waiting) -> str:
    if waiting.reason == "retry":
        return retry_note(waiting)
    if waiting.reason == "first_byte":
        return f"Esperando a que Claude empiece… {waiting.seconds:.0f} s"
    return f"Claude sigue en ello, sin texto nuevo desde hace {waiting.seconds:.0f} s…"
