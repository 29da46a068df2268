"""A terminal whose other end is read by a process of its own: what it costs to read does not count.

`python -m benchmarks.drain FD [record]` is that process: it reads the terminal until everybody has let go of
it, and then tells what came.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

ROOT = Path(__file__).parent.parent
COLUMNS, LINES = 100, 30

_READY = b"R"
_TOTALS = struct.Struct("<QQ")  # bytes, newlines among them
_CHUNK = struct.Struct("<dI")  # when it came, how long it is


@dataclass(frozen=True, slots=True)
class Seen:
    """Output of a terminal.

    Attributes:
        sent: the bytes that the program wrote.
        chunks: when something came, and what; only from a terminal that records.
    """

    sent: int
    chunks: list[tuple[float, bytes]]


class Terminal:
    """A pty of 100 x 30 with its reader. Write to `file`, or give `slave` to a child; then `seen` is there.

    Attributes:
        slave: the program's side, as a file descriptor.
        file: the same as a text file.
        seen: what came out; known once the `with` is left.
    """

    seen: Seen

    def __init__(self, *, record: bool = False) -> None:
        master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        command = [sys.executable, "-m", f"{__package__}.drain", str(master), *(["record"] if record else [])]
        self._reader = subprocess.Popen(command, cwd=ROOT, pass_fds=[master], stdout=subprocess.PIPE)
        os.close(master)
        assert self._reader.stdout is not None
        if self._reader.stdout.read(len(_READY)) != _READY:
            raise RuntimeError("the reader of the terminal did not start")
        self.file = os.fdopen(os.dup(self.slave), "w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
        os.close(self.slave)
        output, _ = self._reader.communicate()
        received, newlines = _TOTALS.unpack_from(output)
        self.seen = Seen(received - newlines, _chunks(output))  # the terminal makes \r\n of each \n


def _chunks(output: bytes) -> list[tuple[float, bytes]]:
    chunks, at = [], _TOTALS.size
    while at < len(output):
        when, length = _CHUNK.unpack_from(output, at)
        at += _CHUNK.size
        chunks.append((when, output[at : at + length]))
        at += length
    return chunks


def _read(master: int, *, record: bool) -> None:
    """Read to the end; then write the totals, and each chunk if they were to be recorded."""
    out = sys.stdout.buffer
    out.write(_READY)
    out.flush()
    received, newlines, chunks = 0, 0, []
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # Linux: nobody has the other side open any more
            break
        if not data:
            break
        received += len(data)
        newlines += data.count(b"\n")
        if record:
            chunks.append(_CHUNK.pack(time.monotonic(), len(data)) + data)
    out.write(_TOTALS.pack(received, newlines) + b"".join(chunks))


if __name__ == "__main__":
    _read(int(sys.argv[1]), record="record" in sys.argv)
