"""Whether something comes through a pipe."""

from __future__ import annotations

import os
import stat
import sys


def has_piped_input() -> bool:
    """Whether stdin is a pipe or a file: then it holds (a part of) the question."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False  # stdin is closed
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
