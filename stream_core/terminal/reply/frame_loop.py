"""The thread that draws frames: when each is due, and how far drawing may hold up anything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_DRAWS_A_TICK = 4  # draws between two ticks: plain words need not wait for the spinner
_BACK_PRESSURE = 3  # a frame is followed by a pause of so many times the CPU time that it took
_LOOK_SECONDS = 0.05  # between two looks whether the terminal is stuck


class FrameLoop:
    """Draws on a thread of its own until the reply is drawn whole.

    Args:
        prepare: called once on the thread, before the first frame.
        frame: draws one; its argument says whether the spinner and the figures move on.
        pending: whether there is something new to draw.
        stuck: whether the terminal has not been reading for a while.
        refresh: ticks a second.

    Attributes:
        broken: whether drawing raised; no frame is drawn any more.
        suspended: whether the terminal belongs to another program for now.
        before_next: called once on the thread, before the next frame, or None.
        first_wait: seconds to wait for something to draw before anything is prepared for it.
    """

    def __init__(
        self,
        prepare: Callable[[], None],
        frame: Callable[[bool], None],
        pending: Callable[[], bool],
        stuck: Callable[[], bool],
        refresh: int,
    ) -> None:
        self._prepare, self._frame, self._pending, self._stuck = prepare, frame, pending, stuck
        self._every = 1 / refresh
        self.broken = self.suspended = False
        self.first_wait = 0.0
        self.before_next: Callable[[], None] | None = None
        self._prepared = threading.Event()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()  # ends the loop after the frame it is at
        self._finishing = threading.Event()  # what is left is drawn without a pause
        # Not `Thread.join`: a signal handler that raises within it makes Python take the thread for ended.
        self._ended = threading.Event()
        self._end = threading.Lock()
        self._last_frame: Callable[[bool], bool] | None = None
        self._cleanup: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    @property
    def _running(self) -> bool:
        return self._thread.ident is not None and not self._ended.is_set()

    def wake(self) -> None:
        """Request a frame: something new has arrived."""
        if not self._wake.is_set():
            self._wake.set()

    def finish(self, last_frame: Callable[[bool], bool], *, wait_suspended: bool) -> None:
        """Go on until `last_frame` says that it has drawn the end, however long the terminal takes.

        Returns at once where the loop does not run. A signal handler that raises ends the waiting.

        Args:
            last_frame: draws; its argument says whether the spinner and the figures move on.
            wait_suspended: whether to wait also while the terminal belongs to another program.
        """
        self._last_frame = last_frame
        self._finishing.set()
        self._wake.set()
        while self._running and (wait_suspended or not self.suspended):
            self._ended.wait(_LOOK_SECONDS)

    def close(self, cleanup: Callable[[], None]) -> None:
        """End the loop and clean up; where the terminal holds up a frame, its thread does that later."""
        self._stop.set()
        self._finishing.set()
        self._wake.set()
        while self._running and not self._stuck():
            self._ended.wait(_LOOK_SECONDS)
        with self._end:
            if self._running:
                self._cleanup = cleanup
                return
        cleanup()

    @contextmanager
    def exclusive(self, *, patiently: bool = False) -> Iterator[bool]:
        """Keep frames from being drawn for a while; gives False where the terminal holds one up.

        Args:
            patiently: whether to wait for that one, however long the terminal takes.
        """
        held = self._lock.acquire(timeout=_LOOK_SECONDS)
        while not held and (patiently or not self._stuck()):
            held = self._lock.acquire(timeout=_LOOK_SECONDS)
        try:
            yield held
        finally:
            if held:
                self._lock.release()

    def draw_now(self, seconds: float) -> None:
        """Draw what is pending on the caller's thread, for so long at most; call it within `exclusive`."""
        if not self._pending() or not self._prepared.wait(seconds):
            return
        until = time.monotonic() + seconds
        try:
            while self._pending() and not self.broken and time.monotonic() < until:
                self._frame(False)
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self.broken = True

    # -- on the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        next_tick = 0.0
        try:
            self._wake.wait(self.first_wait)
            self._prepare()
            self._prepared.set()
            while not self._stop.is_set():
                self._wake.clear()
                begun = time.monotonic()
                tick = begun >= next_tick
                next_tick = begun + self._every if tick else next_tick
                # Not wall time: a multiple of the wait for a terminal that does not read is silence.
                cost = -time.thread_time()
                if self._step(tick):
                    break
                cost += time.thread_time()
                pausing = self._finishing if self._last_frame is None else self._stop
                pausing.wait(max(self._every / _DRAWS_A_TICK, _BACK_PRESSURE * cost))
                if not self._pending():
                    self._wake.wait(max(0.0, next_tick - time.monotonic()))
        except Exception:  # noqa: BLE001 -- whatever is wrong with the drawing, the text will be shown
            self.broken = True
        finally:
            with self._end:
                self._ended.set()
            if self._cleanup is not None:
                self._cleanup()

    def _step(self, tick: bool) -> bool:
        """Draw a frame; return whether it was the last one."""
        with self._lock:
            if self.before_next is not None:
                action, self.before_next = self.before_next, None
                action()
            if self.suspended:
                return False
            if self._last_frame is not None:
                return self._last_frame(tick)
            self._frame(tick)
            return False
