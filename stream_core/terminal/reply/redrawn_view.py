"""The area that is drawn again below final rows: begin, redraw, suspend, resume, end."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType

from rich.console import Console
from typing_extensions import Self

from stream_core.terminal.device.keyboard import BRACKETED_PASTE_ON
from stream_core.terminal.device.output import Output

from .delta_queue import DeltaQueue
from .frame_loop import FrameLoop
from .painter import Painter

_MOMENT_SECONDS = 0.2  # for drawing what has arrived before somebody else has the terminal
_PATIENT_SECONDS = 1.0  # of CPU, for laying out what is left at the end, with Markdown
_STOP_SECONDS = 0.03  # of CPU, for as much of it as a person who pressed Ctrl+C still gets
_STUCK_SECONDS = 1.0  # without a byte taken, after which a terminal counts as one that does not read


class RestBudget:
    """Limits the CPU that drawing the rest takes on one thread: the wait for the terminal is none of it.

    Args:
        stopping: whether a person asked for an end already.
    """

    def __init__(self, stopping: bool) -> None:
        self._begun = time.thread_time()
        self._stopped = self._begun if stopping else None

    @property
    def impatient(self) -> bool:
        """Whether to go on without Markdown and colours."""
        return time.thread_time() - self._begun > _PATIENT_SECONDS

    def over(self, stopping: bool) -> bool:
        """Whether a person who asked for an end (`stopping`) has waited long enough for it."""
        if not stopping:
            return False
        self._stopped = time.thread_time() if self._stopped is None else self._stopped
        return time.thread_time() - self._stopped > _STOP_SECONDS


class RedrawnView(ABC):
    """Draws on a thread of its own while entered, where there is a terminal; gives that up and goes on.

    Args:
        console: the terminal.
        refresh: frames a second.
        resend_final_rows: as in `Painter`.
    """

    def __init__(self, console: Console, refresh: int, *, resend_final_rows: bool) -> None:
        self._console = console
        self._output = Output(console.file)
        self._painter = Painter(self._output.write, resend_final_rows=resend_final_rows)
        self._loop = FrameLoop(self.prepare, self._draw, self._pending, self._stuck, refresh)
        self._size = console.size  # read once for each frame: all its rows are of the same width
        self._draft = ("", "")  # before and after its cursor
        self._live = self._stopping = False

    def __enter__(self) -> Self:
        self._live = self._console.is_terminal and not self._console.is_dumb_terminal
        if self._live:
            self._output.write(BRACKETED_PASTE_ON)  # the line editor turns it off each time
            self._loop.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._loop.close(self._painter.close)

    @abstractmethod
    def prepare(self) -> None:
        """Load what lays out Markdown, before the first frame."""

    @abstractmethod
    def _draw(self, tick: bool) -> None:
        """Draw a frame."""

    @abstractmethod
    def _pending(self) -> bool:
        """Whether there is something to draw."""

    @property
    @abstractmethod
    def _queues(self) -> Sequence[DeltaQueue]:
        """The deltas of each reply that is drawn."""

    def skip_typing_delay(self) -> None:
        """Show at once what is paused, or drawn slowly because the person asked for that."""
        for queue in self._queues:
            queue.skip_typing_delay()
        self._loop.wake()

    def pause(self) -> None:
        """Stop showing anything new until `unpause`; the closing edge of a single reply says so."""
        for queue in self._queues:
            queue.paused = True

    def unpause(self) -> None:
        """Go on after `pause`."""
        for queue in self._queues:
            queue.paused = False
        self._loop.wake()

    def clear_screen(self) -> None:
        """Scroll what is on the screen into the scrollback and go on at the top."""
        with self._loop.exclusive() as held:
            if held and self._live and not self._loop.suspended:
                self._painter.scroll_away(self._console.size.height)
        self._loop.wake()

    def show_draft(self, before: str, after: str) -> None:
        """Show what is typed for the next prompt on a row at the end, while there is something live."""
        self._draft = (before, after)
        self._loop.wake()

    def stop_soon(self) -> None:
        """Draw for a moment more what has arrived, then leave out the rest."""
        self._stopping = True
        for queue in self._queues:
            queue.stop_soon()
        self._loop.wake()

    def suspend(self, *, patiently: bool = False) -> None:
        """Leave the terminal to another program, or to a question: the rows that are not final are erased."""
        if not self._live:
            return
        # A frame may not begin any more, should the terminal hold up the one it is at.
        was, self._loop.suspended, self._loop.before_next = self._loop.suspended, True, None
        with self._loop.exclusive(patiently=patiently) as held:
            if held:
                if not was:  # a question that comes now may be about what has arrived
                    self._loop.draw_now(_MOMENT_SECONDS)
                self._painter.close()

    def resume(self) -> None:
        """Draw anew, below what the other program wrote; the next frame does."""
        if not self._live:
            return
        with self._loop.exclusive() as held:
            if held:
                self._come_back()
            else:  # the terminal holds up a frame that began before
                self._loop.before_next = self._come_back

    def _come_back(self) -> None:
        self._painter.forget()
        self._output.write(BRACKETED_PASTE_ON)
        self._loop.suspended = False

    def _may_write(self) -> bool:
        """Whether to write now; a program that ends during a question waits for no stuck terminal."""
        return not (self._live and self._loop.suspended) or self._output.accepts(_STUCK_SECONDS)

    def _stuck(self) -> bool:
        return self._output.stuck(_STUCK_SECONDS)

    def _paint(self, final: Sequence[str], tail: Callable[[], Sequence[str]]) -> None:
        """Draw a frame that began with `_size`. A tail for another size than the window's leaves ghosts."""
        rows = tail()
        if (size := self._console.size) != self._size:
            self._size = size
            rows = tail()
        self._painter.paint(final, rows, self._size)

    def _emit(self, rows: Sequence[str]) -> None:
        """Write final rows."""
        if self._live:
            self._painter.paint(rows, [], self._size)
        else:
            self._output.write("".join(f"{row}\n" for row in rows))
