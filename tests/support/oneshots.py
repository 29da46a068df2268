"""The one-shot mode as a script has it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stream_core.practice.server import PracticeServer
from support import starting
from support.chats import KEY
from support.paths import PROGRAM


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(PROGRAM), *arguments]


def environment(server: PracticeServer | None, **more: str) -> dict[str, str]:
    env = {**os.environ, **more}
    if server is not None:
        env.update(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.base_url)
    return env


def run(server: PracticeServer | None, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end, with its output in pipes."""
    options.setdefault("stdin", subprocess.DEVNULL)
    if "input" in options:
        del options["stdin"]
    done = starting.run(
        command(*arguments), env=environment(server), capture_output=True, timeout=60, check=False, **options
    )
    assert KEY.encode() not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    return done


@contextmanager
def started(server: PracticeServer, *arguments: str, real: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """The program, running, with its output in pipes; `real` starts the command itself (`starting.py`)."""
    with starting.Popen(
        command(*arguments),
        env=environment(server),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        real=real,
    ) as process:
        yield process
