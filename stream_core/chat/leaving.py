"""The way out of the program: what matters at its end is done here, the rest is left to the system.

The interpreter takes every module apart before it ends. With the SDK loaded that is half a second in which
the person waits for nothing.
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
    """End the process with `code`, once all that was written is out and what `atexit` holds has run.

    Call it from the main thread, last: files are closed and the terminal is restored by then. From here on
    Ctrl+C, SIGTERM and SIGHUP end the process at once, with 130, 143 and 129; only a slow reader of stdout
    can still be waited for.

    Returns:
        `code`, where the interpreter must end the process itself: a thread is still to be waited for, or
        stdout takes nothing any more, which the interpreter reports and ends with 120.
    """
    if any(map(_is_waited_for, threading.enumerate())):
        return code
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end_now)
    atexit._run_exitfuncs()  # logging, temporary files, what a coverage tool has measured
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
    except OSError:
        return code
    os._exit(code)


def _is_waited_for(thread: threading.Thread) -> bool:
    """Whether the end of the program waits for a thread. It does not for a name that is still looked up."""
    ours = thread is threading.main_thread() or thread.name.startswith(LOOKUP_THREADS)
    return not (thread.daemon or ours)


def _end_now(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)
