"""Whether another process is stopped: by Ctrl+Z, SIGSTOP or a debugger."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SECONDS = 1.0  # how long `ps` may take


def is_stopped(pid: int) -> bool:
    """Whether a process exists and is stopped. False where that cannot be found out.

    Linux has `/proc/PID/stat` (proc_pid_stat(5): "T" stopped, "t" stopped by a debugger); macOS and the BSDs
    have `ps` (POSIX names the option, not the letters; all of them use "T").
    """
    if sys.platform == "win32" or pid <= 0:
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False if sys.platform == "linux" else _ps(pid)
    state = stat.rpartition(b")")[2].split()  # the name before it may hold anything, brackets and blanks too
    return bool(state) and state[0] in (b"T", b"t")


def _ps(pid: int) -> bool:
    try:
        found = subprocess.run(
            ["/bin/ps", "-o", "state=", "-p", str(pid)], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return found.stdout.strip()[:1] == b"T"
