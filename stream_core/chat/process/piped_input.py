"""Detecting piped input."""

from __future__ import annotations

import os
import stat
import sys


def has_piped_input() -> bool:
    """Whether stdin is a pipe or a file, which then holds the question or a part of it."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False  # stdin is closed
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
