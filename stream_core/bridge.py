"""The one way from sync code to the network: an event loop on a daemon thread, started on first use.

The thread is never joined. It may be in the middle of loading the SDK when the program wants to leave, and
leaving must not wait for that; the system closes the sockets.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_started: Future[asyncio.AbstractEventLoop] | None = None


def loop() -> asyncio.AbstractEventLoop:
    """The loop that all sync streams share."""
    global _started
    with _lock:
        if _started is None:
            _started = Future()
            threading.Thread(target=_run, args=(_started,), name="stream-core", daemon=True).start()
    return _started.result()


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on the loop's thread; cancel the future to cancel it."""
    return asyncio.run_coroutine_threadsafe(work, loop())


def _run(started: Future[asyncio.AbstractEventLoop]) -> None:
    event_loop = asyncio.new_event_loop()
    asyncio.set_event_loop(event_loop)
    event_loop.call_soon(started.set_result, event_loop)
    event_loop.run_forever()
