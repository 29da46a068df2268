"""Ctrl+C and the other signals that want to end something. Their handlers run on the main thread."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from typing_extensions import Self

_IMPATIENT_SECONDS = 2.0


class Interrupts:
    """While something can be cancelled, Ctrl+C cancels it; a second one within two seconds leaves with 130.

    When nothing can, Ctrl+C is a `KeyboardInterrupt` as ever. SIGTERM and SIGHUP leave with 143 and 129, once
    what is open has been put in order.
    """

    def __init__(self) -> None:
        self._cancel: Callable[[], object] | None = None
        self._pressed: float | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._interrupt)
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            # One that is ignored stays ignored: `nohup` asked for that.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._terminate)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def cancelling(self, cancel: Callable[[], object]) -> Iterator[None]:
        """Let Ctrl+C call `cancel` instead of raising."""
        self._cancel, self._pressed = cancel, None
        try:
            yield
        finally:
            self._cancel = None

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Let Ctrl+C raise for a while, as it does when nothing can be cancelled."""
        cancel, self._cancel = self._cancel, None
        try:
            yield
        finally:
            self._cancel, self._pressed = cancel, None

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let Ctrl+C wait until what must not be done by half is done, and raise then."""
        pressed: list[bool] = []
        with self.cancelling(lambda: pressed.append(True)):
            yield
        if pressed:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._cancel is None:
            raise KeyboardInterrupt
        now = time.monotonic()
        if self._pressed is not None and now - self._pressed < _IMPATIENT_SECONDS:
            raise SystemExit(130)
        self._pressed = now
        self._cancel()

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)
