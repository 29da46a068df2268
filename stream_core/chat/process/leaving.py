"""Ending the process: everything that matters is done here, the rest is left to the operating system.

The interpreter tears down every module before it exits. With the SDK loaded that takes half a second during
which the user waits for nothing.
"""
# See docs/adr/0017-end-the-process-at-once.md

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from types import FrameType

from stream_core.streaming.event_loop import LOOKUP_THREADS


def leave(code: int) -> int:
    """Run the `atexit` functions, flush, and end the process with `code`.

    Call it last, from the main thread, with files closed and the terminal restored. From then on Ctrl+C,
    SIGTERM and SIGHUP end the process at once, with 130, 143 and 129; only a slow reader of stdout is
    waited for.

    Returns:
        `code`, if the interpreter must end the process itself: a thread has to be waited for, or stdout
        accepts nothing any more, which the interpreter reports with exit code 120.
    """
    if any(map(_is_waited_for, threading.enumerate())):
        return code
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end_now)
    atexit._run_exitfuncs()  # logging, temporary files, the data of coverage tools
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
    except OSError:
        return code
    os._exit(code)


def _is_waited_for(thread: threading.Thread) -> bool:
    """Whether the process must wait for a thread; not for one that resolves a host name."""
    ours = thread is threading.main_thread() or thread.name.startswith(LOOKUP_THREADS)
    return not (thread.daemon or ours)


def _end_now(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)
