"""The one way from sync code to the network: an event loop on a daemon thread, started on first use.

The thread is never joined. It may be in the middle of loading the SDK when the program wants to leave, and
leaving must not wait for that; the system closes the sockets.
"""
# See docs/adr/0002-own-event-loop-thread.md

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

LOOKUP_THREADS = "stream-core-lookup"
"""How the names of the threads begin on which asyncio looks up hosts. A lookup cannot be cancelled, and the
end of the program need not wait for it."""

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The loop that all sync streams share."""
    global _loop
    with _lock:
        if _loop is None:
            started: Future[asyncio.AbstractEventLoop] = Future()
            threading.Thread(target=_run, args=(started,), name="stream-core", daemon=True).start()
            _loop = started.result()
        return _loop


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine on the loop's thread; cancel the future to cancel it."""
    return asyncio.run_coroutine_threadsafe(work, background_loop())


def _run(started: Future[asyncio.AbstractEventLoop]) -> None:
    event_loop = asyncio.new_event_loop()
    event_loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix=LOOKUP_THREADS))
    asyncio.set_event_loop(event_loop)
    event_loop.call_soon(started.set_result, event_loop)
    event_loop.run_forever()
    event_loop.close()


def _forget() -> None:
    """In a child process the thread does not exist: start anew on first use."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
