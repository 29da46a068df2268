"""The standard streams: whether stdin is piped, and sentences of ours on stderr.

No sentence costs the answer on stdout.
"""

from __future__ import annotations

import os
import select
import stat
import sys

_WAIT_SECONDS = 0.5  # for whoever reads a full pipe; then all that follows is dropped


def has_piped_input() -> bool:
    """Whether stdin is a pipe or a file, which then holds the question or a part of it."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False  # stdin is closed
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def say(*sentences: str) -> None:
    """Write each sentence as a line of stderr; where that is closed, full or not read, nothing happens."""
    if sys.stderr is None:
        return
    try:
        for sentence in sentences:
            if _would_block():
                _give_up()
                return
            sys.stderr.write(f"{_wrapped(sentence)}\n")
            sys.stderr.flush()
    except (OSError, ValueError):
        _give_up()


def _wrapped(sentence: str) -> str:
    """A sentence in the rows of a terminal; for anything else as it is."""
    if not sys.stderr.isatty():
        return sentence
    from stream_core.terminal.rows.word_wrap import wrapped  # loads Rich

    return wrapped(sentence, sys.stderr)


def _would_block() -> bool:
    """Whether stderr is a pipe that nobody empties. A terminal is waited for: its person reads both."""
    try:
        descriptor = sys.stderr.fileno()
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return False
        return not select.select([], [descriptor], [], _WAIT_SECONDS)[1]
    except (OSError, ValueError):
        return False  # writing will tell


def _give_up() -> None:
    """Discard what is still buffered, or the interpreter would fail with it at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    except (OSError, ValueError):
        pass
