"""streamdown, another renderer of Markdown that arrives: a program of its own, measured as a child."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from statistics import median

from .drain import Terminal
from .screen_ours import DELTAS_A_SECOND
from .screen_text import pieces
from .table import Cost


@cache
def command() -> str | None:
    """Path of streamdown, if it is installed beside this Python (the extra `bench`)."""
    return shutil.which("streamdown", path=str(Path(sys.executable).parent))


@contextmanager
def live(terminal: Terminal) -> Iterator[tuple[Callable[[str], None], list[float]]]:
    """The program on a terminal: what takes the deltas, and afterwards the seconds of CPU it took in all."""
    program = command()
    assert program is not None
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as home:
        child = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=terminal.slave,
            stderr=terminal.slave,
            env={
                **os.environ,
                "HOME": home,
                "XDG_CONFIG_HOME": home,
                "TMPDIR": home,
                "TERM": "xterm-256color",
            },
        )
        assert child.stdin is not None
        entry = child.stdin

        def feed(piece: str) -> None:
            entry.write(piece.encode())
            entry.flush()

        yield feed, taken
        entry.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"streamdown ended with code {child.returncode}")
    taken.append(usage.ru_utime + usage.ru_stime)


@cache
def _start() -> float:
    """Seconds of CPU of the program with nothing to show."""
    return median(_run("").seconds for _ in range(3))


def _run(text: str, pause: float = 0.0) -> Cost:
    with Terminal() as terminal, live(terminal) as (feed, taken):
        due_at = time.monotonic()
        for piece in pieces(text):
            due_at += pause
            time.sleep(max(0.0, due_at - time.monotonic()) if pause else 0.0)
            feed(piece)
    return Cost(taken[0], terminal.seen.sent)


def at_once(text: str) -> Cost:
    """As fast as it reads; its start does not count."""
    return _less_start(_run(text))


def paced(text: str) -> Cost:
    """At 200 deltas a second, in real time; its start does not count."""
    return _less_start(_run(text, 1 / DELTAS_A_SECOND))


def _less_start(cost: Cost) -> Cost:
    return Cost(max(0.0, cost.seconds - _start()), cost.sent)
