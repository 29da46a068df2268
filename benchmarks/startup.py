"""What a start of the chat costs in CPU: to the prompt on a real terminal, and to `--help`."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .table import Row, ratio_row, rounds

ROOT = Path(__file__).parent.parent
CHAT = [sys.executable, "streaming_chatbot.py"]
LIBRARIES = [sys.executable, "-c", "import prompt_toolkit, rich.live"]
NOTHING = [sys.executable, "-c", "pass"]
PROMPT = "Tú: "
COLUMNS, LINES = 100, 30
ROUNDS = 9
PATIENCE = 20.0  # seconds

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


class _NotThere(Exception):
    pass


def run() -> list[Row]:
    """Every benchmark of this group."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(Path(folder))
        return [
            _row(
                f"CPU to the prompt {PROMPT.strip()!r} / importing prompt_toolkit and rich.live",
                lambda: _cpu_to_prompt(environ),
                lambda: _cpu_of(LIBRARIES, environ),
                1.5,
            ),
            _row(
                "CPU of --help / python -c pass",
                lambda: _cpu_of([*CHAT, "--help"], environ, speaks=True),
                lambda: _cpu_of(NOTHING, environ),
                6,
            ),
        ]


def _row(what: str, side: Callable[[], float], base: Callable[[], float], most: float) -> Row:
    try:
        found = rounds({"base": base, "side": side}, ROUNDS)
    except _NotThere as why:
        return Row(what, f"not there ({why})", f"<= {most:g}x", None)
    return ratio_row(what, found["side"], found["base"], "ms", most)


def _environ(folder: Path) -> Mapping[str, str]:
    """Of a user without a key, with nothing remembered, on a usual terminal."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "STREAM_"))
    }
    return {
        **kept,
        "HOME": str(folder),  # no profile or credentials file of the SDK either
        "STREAM_CORE_DATA_DIR": str(folder / "data"),
        "STREAM_CORE_CONFIG_DIR": str(folder / "config"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


def _cpu_of(command: list[str], environ: Mapping[str, str], *, speaks: bool = False) -> float:
    """Milliseconds of CPU of a child, from its start to its end."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode or (speaks and output.tell() == 0):
            raise _NotThere(f"{' '.join(command[1:])} gave code {child.returncode}, {output.tell()} bytes")
    return (usage.ru_utime + usage.ru_stime) * 1000


def _cpu_to_prompt(environ: Mapping[str, str]) -> float:
    """Milliseconds of CPU of the chat, all threads, when the prompt is on the screen; then it is killed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    child = subprocess.Popen(
        CHAT,
        cwd=ROOT,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    try:
        _until_prompt(ours)
        return _cpu_so_far(child.pid)
    finally:
        child.kill()
        child.wait()
        os.close(ours)


def _until_prompt(terminal: int) -> None:
    """Read the screen's bytes until the prompt is among them, answering as a terminal does."""
    screen, answered = b"", 0
    until = time.monotonic() + PATIENCE
    while (left := until - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        try:
            screen += os.read(terminal, 65536)
        except OSError:  # Linux: the child has closed its side
            raise _NotThere("the chat ended before its prompt") from None
        while answered < screen.count(_WHERE_IS_THE_CURSOR):
            os.write(terminal, b"\x1b[1;1R")
            answered += 1
        if PROMPT.encode() in _ESCAPES.sub(b"", screen):
            return
    raise _NotThere(f"no prompt within {PATIENCE:g} s")


def _cpu_so_far(pid: int) -> float:
    """Milliseconds of CPU of a process, ended threads included.

    From its clock (clock_getcpuclockid(3), Linux), as /proc/PID/stat counts in hundredths of a second.
    """
    return time.clock_gettime((~pid << 3) | 2) * 1000
