"""Runs a foreground job on its own terminal as a shell does: `shell.py TOKEN PROGRAM ARGUMENT...`.

It notes the process id and the exit status in the terminal's own stream of bytes: whoever has read the second
note has read all that the program wrote.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios

RESET = ("INT", "QUIT", "HUP", "TERM", "PIPE", "XFSZ", "TTOU")
"""The signals whose usual action a shell gives back to its jobs."""


def foreground(token: str) -> None:
    """Lead the session on the terminal that is stdout. Return only in the job, a new process in front.

    What leads the session waits for the job, notes how it ended, and stays until its own input closes.
    """
    note = f"\x1b]{token};%d\x07"
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job:
        status = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
        os.write(1, (note % status).encode())
        os.read(0, 1)
        os._exit(0)
    os.dup2(1, 0)
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    os.write(1, (note % os.getpid()).encode())
    for name in RESET:
        signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_DFL)


if __name__ == "__main__":
    foreground(sys.argv[1])
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        os.write(2, f"{sys.argv[2]}: {error.strerror}\r\n".encode())
    os._exit(127)
