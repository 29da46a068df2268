"""Ctrl+C, SIGTERM and SIGHUP. Their handlers run on the main thread."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self  # takes longer to load than this file

_IMPATIENT_SECONDS = 2.0


class Interrupts:
    """While something can be cancelled, Ctrl+C cancels it; a second one within two seconds exits with 130.

    Otherwise Ctrl+C raises `KeyboardInterrupt` as usual. SIGTERM, SIGHUP and SIGQUIT exit with 143, 129
    and 131, after cleaning up.

    Attributes:
        cancelled: called when Ctrl+C has cancelled something.
    """

    def __init__(self) -> None:
        self._cancel: Callable[[], object] | None = None
        self._pressed: float | None = None
        self._before: dict[int, Any] = {}
        self.cancelled: Callable[[], object] = lambda: None

    def __enter__(self) -> Self:
        self._before[signal.SIGINT] = signal.signal(signal.SIGINT, self._interrupt)
        for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
            number = getattr(signal, name, None)  # Windows has only the first
            # An ignored signal stays ignored: `nohup` set it so.
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
        """Let Ctrl+C raise during the block, as if nothing could be cancelled."""
        cancel, self._cancel = self._cancel, None
        try:
            yield
        finally:
            self._cancel, self._pressed = cancel, None

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Defer Ctrl+C until the end of the block, and raise then."""
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
        self.cancelled()

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)
