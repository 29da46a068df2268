"""Ctrl+C, SIGTERM and SIGHUP. Their handlers run on the main thread."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    from typing_extensions import Self  # takes longer to load than this file

    class Closable(Protocol):
        """Something with an end."""

        def close(self) -> object: ...


_IMPATIENT_SECONDS = 2.0
_AGAIN_SECONDS = 0.01


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
        self._report, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(self, *exception: object) -> None:
        sys.unraisablehook = self._report
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

    def _unraisable(self, dropped: Any) -> None:
        raised = dropped.exc_value
        if isinstance(raised, KeyboardInterrupt):
            number = int(signal.SIGINT)
        elif isinstance(raised, SystemExit) and isinstance(raised.code, int) and raised.code > 128:
            number = raised.code - 128
        else:
            self._report(dropped)
            return
        over = threading.Event()  # not within this report: what is raised here is dropped, too
        threading.Thread(target=_send_again, args=(number, over), daemon=True).start()
        over.set()


def ended_by_signal(error: BaseException | None) -> bool:
    """Whether an error is the end that a signal asked for, or was met on the way there.

    `SystemExit` is raised wherever the main thread is. In an event loop that is any task or callback: the
    loop reports it, and what other callbacks meet while it is taken down.
    """
    while error is not None and not isinstance(error, SystemExit):
        error = error.__context__
    return error is not None


def close_each(*parts: Closable) -> None:
    """Close each part in turn, also when a signal that raises ends the wait for the one before."""
    with ExitStack() as stack:
        for part in reversed(parts):
            stack.callback(part.close)


def _send_again(number: int, over: threading.Event) -> None:
    over.wait()
    time.sleep(_AGAIN_SECONDS)
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)  # also wakes it from a wait
    else:
        _thread.interrupt_main(signal.Signals(number))
