"""The chat as a process on a terminal of its own, timed from outside."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
CHAT = [sys.executable, "streaming_chatbot.py"]
PROMPT = "Tú: "
COLUMNS, LINES = 100, 30
PATIENCE = 20.0  # seconds
_IDLE = 0.3  # seconds without CPU: nothing is loading any more

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


class NotThere(Exception):
    """The event to be measured did not happen."""


def environ(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a user with nothing remembered, on a usual terminal."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANTHROPIC_", "STREAM_", "PYTHON"))
    }
    return {
        **kept,
        "HOME": str(folder),  # no profile or credentials file of the SDK either
        "STREAM_CORE_DATA_DIR": str(folder / "data"),
        "STREAM_CORE_CONFIG_DIR": str(folder / "config"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        **more,
    }


def cpu_of(command: Sequence[str], env: Mapping[str, str], *, speaks: bool = False) -> float:
    """Milliseconds of CPU of a child, from its start to its end."""
    with tempfile_output() as output:
        child = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode or (speaks and os.fstat(output).st_size == 0):
            raise NotThere(f"{' '.join(command[1:])[:60]} gave code {child.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


@contextmanager
def tempfile_output() -> Iterator[int]:
    """A file without a name, for output that nobody reads."""
    descriptor = os.memfd_create("output") if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Piece(NamedTuple):
    """A measurement when a text appeared: screen bytes, time, CPU milliseconds."""

    size: int
    at: float
    cpu: float


class Chat:
    """The chat on a terminal. What comes out is read as it comes, with its times.

    Attributes:
        begun: when it was started, on the monotonic clock.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.begun = time.monotonic()
        self._child = subprocess.Popen(
            CHAT,
            cwd=ROOT,
            env=env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self._changed = threading.Condition()
        self._screen, self._pieces = b"", list[_Piece]()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._child.returncode is None:
            self._child.kill()
            self._child.wait()
        self._reader.join()
        os.close(self._ours)

    def _read(self) -> None:
        """Read, answering as a terminal does."""
        while not self._over:
            try:
                data = os.read(self._ours, 65536) if select.select([self._ours], [], [], 0.05)[0] else None
                at, cpu = time.monotonic(), self.cpu()
            except OSError:  # Linux: the child has closed its side
                data = b""
            with self._changed:
                if data:
                    self._screen += data
                    self._pieces.append(_Piece(len(self._screen), at, cpu))
                self._over = data == b""
                self._changed.notify_all()
            if data and _WHERE_IS_THE_CURSOR in data:
                os.write(self._ours, b"\x1b[1;1R")

    def until(self, text: str, *, times: int = 1) -> None:
        """Wait until a text has been written so many times, escapes apart.

        Raises:
            NotThere: the program ended, or nothing came for `PATIENCE` seconds.
        """
        seen = text.encode()
        self._wait(lambda: _ESCAPES.sub(b"", self._screen).count(seen) >= times, f"no {text!r}")

    def _wait(self, there: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + PATIENCE
        with self._changed:
            while not there():
                if self._over or time.monotonic() > end:
                    raise NotThere(otherwise)
                self._changed.wait(0.05)

    def when(self, text: str) -> float:
        """When a text, without escapes within it, had been written for the first time."""
        return self._piece(text).at

    def cpu_until(self, text: str) -> float:
        """Milliseconds of CPU that it had taken by then."""
        return self._piece(text).cpu

    def _piece(self, text: str) -> _Piece:
        with self._changed:
            for piece in self._pieces:
                if text.encode() in _ESCAPES.sub(b"", self._screen[: piece.size]):
                    return piece
        raise NotThere(f"no {text!r}")

    def type(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def settle(self) -> None:
        """Wait until it does nothing any more."""
        before = -1.0
        end = time.monotonic() + PATIENCE
        while (now := self.cpu()) - before > 2 and time.monotonic() < end:
            before = now
            time.sleep(_IDLE)

    def cpu(self) -> float:
        """Milliseconds of CPU so far, ended threads included.

        From its clock (clock_getcpuclockid(3), Linux), as /proc/PID/stat counts in hundredths of a second.
        """
        return time.clock_gettime((~self._child.pid << 3) | 2) * 1000

    def end(self) -> float:
        """Wait for its end; when that was.

        Raises:
            NotThere: it did not end well.
        """
        patience = threading.Timer(PATIENCE, self._child.kill)
        patience.start()
        code = self._child.wait()  # without a limit of its own, for which it would look every 50 ms only
        ended = time.monotonic()
        patience.cancel()
        if code:
            raise NotThere(f"code {code}")
        return ended
