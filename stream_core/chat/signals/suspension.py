"""Ctrl+Z and `fg`: the terminal is restored before the program stops, and set up again when it continues.

Whoever changes the terminal registers as a participant: participants undo their change when the program
stops, from the inside out, and redo it when it continues, from the outside in, on the main thread. A
program that continues in the background leaves the terminal alone until it is in the foreground, and stops
where it needs it.
"""
# See docs/adr/0010-suspension-stack.md

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from stream_core.terminal.device.keyboard import in_foreground

if TYPE_CHECKING:
    from typing_extensions import Self  # takes longer to load than this file

_BACKGROUND_SECONDS = 0.25  # between two looks whether the program is in the foreground again

Action: TypeAlias = Callable[[], None]

# A system without jobs has none of these.
_SUSPEND: int | None = getattr(signal, "SIGTSTP", None)
_CONTINUE: int = getattr(signal, "SIGCONT", 0)
_READS: int = getattr(signal, "SIGTTIN", 0)
_WRITES: int = getattr(signal, "SIGTTOU", 0)


def _now(action: Action) -> None:
    action()


class _Part(NamedTuple):
    leave: Action
    come_back: Action
    reads: bool
    when: Callable[[Action], object]


class Suspension:
    """Stops and continues the program; while entered, it also handles the signals.

    Args:
        descriptor: the terminal.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._parts: list[_Part] = []
        self._before: dict[int, Any] = {}
        self._busy = False  # stopping or continuing
        self._continued = 0
        self._coming_back = self._stop_again = False  # Ctrl+Z while the terminal is set up again is not lost
        self._waiting: list[Action] = []  # deferred until no block holds signals
        self._watching = False

    def __enter__(self) -> Self:
        if _SUSPEND is not None and signal.getsignal(_SUSPEND) is not signal.SIG_IGN:
            self._before[_SUSPEND] = signal.signal(_SUSPEND, self._suspend)
            self._before[_CONTINUE] = signal.signal(_CONTINUE, self._continue)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        self._watching = False

    @property
    def possible(self) -> bool:
        """Whether the program can be stopped; not on every system, nor under a shell without job control."""
        return bool(self._before)

    @contextmanager
    def taking_part(
        self,
        leave: Action,
        come_back: Action,
        *,
        reads: bool = False,
        when: Callable[[Action], object] = _now,
    ) -> Iterator[None]:
        """Register a participant for the block.

        Args:
            leave: undoes its change to the terminal.
            come_back: redoes it; may be called repeatedly, and without `leave`, as after SIGSTOP.
            reads: whether the block reads the terminal, so that it must stop in the background.
            when: runs an action on the main thread after a signal.
        """
        part = _Part(leave, come_back, reads, when)
        self._parts.append(part)
        try:
            self._do_what_waits()
            yield
        finally:
            self._parts.remove(part)
        self._do_what_waits()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Defer SIGTSTP and SIGCONT until the block ends or an inner participant is registered."""
        with self.taking_part(lambda: None, lambda: None, when=self._waiting.append):
            yield

    def stop(self) -> None:
        """Stop the whole job, for a key that the terminal did not turn into the signal itself."""
        if _SUSPEND is not None and self.possible and not self._busy:
            signal.signal(_SUSPEND, signal.SIG_IGN)
            os.kill(0, _SUSPEND)  # the rest of the job: programs piped to this one, or that started it
            self._stop()

    def need_terminal(self) -> None:
        """Wait for the foreground, stopped, if the program is in the background."""
        if self.possible and not in_foreground(self._descriptor):
            with self._being_busy():
                self._go_on(_WRITES)

    # -- signals ------------------------------------------------------------------------------

    def _when(self, action: Action) -> None:
        (self._parts[-1].when if self._parts else _now)(action)

    def _do_what_waits(self) -> None:
        for _ in range(len(self._waiting)):
            self._when(self._waiting.pop(0))

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        self._when(self._stop)

    def _continue(self, number: int, frame: FrameType | None) -> None:
        self._continued += 1
        if not self._busy:
            self._when(self._returned)

    def _stop(self) -> None:
        if self._busy:
            self._stop_again = self._coming_back
        if _SUSPEND is None or self._busy or not self.possible:
            return
        with self._being_busy():
            for part in reversed(self._parts):
                part.leave()
            self._sleep(_SUSPEND)
            self._go_on()

    def _returned(self) -> None:
        """Continue after a stop that was not ours, or in the foreground after the background."""
        if not self._busy:
            with self._being_busy():
                self._go_on()

    def _go_on(self, lacking: int = 0) -> None:
        """Set up the terminal again; in the background later, or stopped by `lacking` until it is ours."""
        self._coming_back = True
        lacking = lacking or (_READS if any(part.reads for part in self._parts[-1:]) else 0)
        while lacking and not in_foreground(self._descriptor):
            continued = self._continued
            self._sleep(lacking)
            if continued == self._continued:
                break  # no shell could continue us, so the system does not stop us
        if in_foreground(self._descriptor):
            self._watching = False
            for part in self._parts:
                part.come_back()
        elif not self._watching:
            self._watching = True
            threading.Thread(target=self._watch, name="foreground", daemon=True).start()

    def _watch(self) -> None:
        """Wait for the foreground; a program that is not stopped gets no signal about it.

        The main thread is notified repeatedly until it has taken the terminal: it may still be busy
        continuing.
        """
        while self._watching:
            if in_foreground(self._descriptor):
                os.kill(os.getpid(), _CONTINUE)
            time.sleep(_BACKGROUND_SECONDS)

    def _sleep(self, number: int) -> None:
        """Stop by a signal with its default action."""
        signal.signal(number, signal.SIG_DFL)
        try:
            signal.raise_signal(number)
        finally:
            signal.signal(number, self._suspend if number == _SUSPEND else signal.SIG_DFL)

    @contextmanager
    def _being_busy(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = self._coming_back = False
            again, self._stop_again = self._stop_again, False
        if again:
            self._when(self._stop)
