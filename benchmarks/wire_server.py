"""The other end of the wire, in a process of its own, so that only the client's CPU is counted.

It sends canned bytes: the first part of the path (`/paced/v1/messages`) says which. A thread for each
connection, because an event loop cannot wait for less than a millisecond. On stdout come the port, then a
line for each connection that opens and for each that the client closes within an answer:
`closed MODE SECONDS`, on the monotonic clock that all processes of a machine share. The modes `timed` and
`code` also tell `asked SECONDS` when the request is there, and `sent SECONDS` after each write. It ends with
its stdin.
"""

from __future__ import annotations

import os
import queue
import random
import select
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stream_core.practice import events

DELTAS = 10_000
PACE = 0.0004  # seconds between two writes of `paced`: more than a client takes for one event
SHORT = 20  # deltas of a short reply
SPOKEN = 2_000  # deltas of a long reply at the speed of a model
SPEED = 0.01  # seconds between two of them
CODE_LINES = 12  # of the fence of `code`
CODE_PACE = 0.02  # seconds between two lines

_TEXT = (
    "El niño preguntó por qué las estrellas titilan en la noche; su abuela, que había cruzado el océano, "
    "respondió: «porque la luz viaja muchísimo y el aire no está quieto». ¿Y entonces? Mañana, después "
    "del café, subirán a la azotea con un telescopio pequeño y algún cuaderno para apuntarlo todo. "
)
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_BUSY = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
_BUSY_HEAD = b"HTTP/1.1 529 Busy\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


def pieces(count: int) -> list[str]:
    """Spanish text in pieces of 4 to 12 characters, the same every time."""
    sizes, text, found, place = random.Random(7), _TEXT * 2, list[str](), 0
    for _ in range(count):
        size = sizes.randint(4, 12)
        found.append(text[place : place + size])
        place = (place + size) % len(_TEXT)
    return found


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _beginning() -> list[bytes]:
    return [_chunk(events.message_start("claude-sonnet-5-5", 12)), _chunk(events.block_start())]


def _reply(count: int) -> list[bytes]:
    """The chunks of a whole reply, an event in each."""
    ending = [events.block_stop(), events.message_delta("end_turn", {"output_tokens": count})]
    return [
        *_beginning(),
        *(_chunk(events.text_delta(piece)) for piece in pieces(count)),
        *map(_chunk, [*ending, events.message_stop(), b""]),
    ]


def code_line(number: int) -> str:
    """A line of the fence of `code`; what it defines stands on the screen as one word."""
    return f"def linea_{number:03d}(n: int = {number}) -> str:  return f'{{n}} ñ'  # comentario\n"


def _code() -> list[bytes]:
    """The chunks of a reply with a block of code, a line in each."""
    texts = ["Así se hace:\n\n```python\n", *map(code_line, range(CODE_LINES)), "```\n"]
    ending = (
        events.block_stop() + events.message_delta("end_turn", {"output_tokens": 9}) + events.message_stop()
    )
    return [
        *_beginning(),
        *(_chunk(events.text_delta(text)) for text in texts),
        _chunk(ending),
        _chunk(b""),
    ]


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        _say("opened")
        while (mode := self._request()) is not None:
            try:
                getattr(self, f"_{mode}")()
            except _HungUp:
                _say(f"closed {mode} {time.monotonic()!r}")
                return

    def _request(self) -> str | None:
        """Read a request and give its mode; None when the client has gone."""
        length, mode = 0, None
        try:
            for line in iter(self.rfile.readline, b"\r\n"):
                if not line:
                    return None
                if mode is None:
                    mode = line.split(b"/")[1].decode()
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.rfile.read(length)
        except ConnectionError:
            return None
        return mode

    def _send(self, data: bytes) -> None:
        try:
            self.connection.sendall(data)
        except ConnectionError:
            raise _HungUp from None

    def _listen(self, seconds: float | None) -> None:
        """Wait, and raise at once when the client hangs up."""
        if select.select([self.connection], [], [], seconds)[0]:
            raise _HungUp  # it has nothing more to say: this is the end of the connection, or its reset

    def _paced(self) -> None:
        self._send(_HEAD)
        for chunk in LONG:
            self._send(chunk)
            time.sleep(PACE)

    def _fast(self) -> None:
        self._send(_HEAD + b"".join(LONG))

    def _short(self) -> None:
        self._send(_HEAD + b"".join(_reply(SHORT)))

    def _spoken(self) -> None:
        self._send(_HEAD)
        start = time.monotonic()
        for number, chunk in enumerate(_reply(SPOKEN)):
            time.sleep(max(0.0, start + number * SPEED - time.monotonic()))
            self._send(chunk)

    def _timed(self) -> None:
        _say(f"asked {time.monotonic()!r}")
        self._send(_HEAD + b"".join(_reply(SHORT)))
        _say(f"sent {time.monotonic()!r}")

    def _code(self) -> None:
        _say(f"asked {time.monotonic()!r}")
        self._send(_HEAD)
        for chunk in _code():
            time.sleep(CODE_PACE)
            self._send(chunk)
            _say(f"sent {time.monotonic()!r}")

    def _headers(self) -> None:
        self._listen(None)

    def _flowing(self) -> None:
        self._send(_HEAD + b"".join(_beginning()))
        while True:
            for chunk in LONG[2 : 2 + DELTAS]:
                self._send(chunk)
                self._listen(0.001)

    def _stalled(self) -> None:
        self._send(_HEAD + b"".join(LONG[:5]))
        self._listen(None)

    def _retry(self) -> None:
        self._send(_BUSY_HEAD % len(_BUSY) + _BUSY)


class _HungUp(Exception): ...


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


def _say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


class Wire:
    """A running server, seen from the benchmark: its URL, and what it has told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process, self._lines = process, process.stdout
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._port = int(self._lines.readline())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._lines:
            self._told.put(line.strip())

    def end(self) -> None:
        """End the server; its stdout may be closed only when nobody reads it any more."""
        self._process.kill()
        self._reader.join()

    def url(self, mode: str) -> str:
        """The base URL under which it answers like this."""
        return f"http://127.0.0.1:{self._port}/{mode}"

    def forget(self) -> None:
        """Drop the lines that it has told so far."""
        while not self._told.empty():
            self._told.get_nowait()

    def told(self, word: str, seconds: float) -> str | None:
        """The next line that begins with `word`, or None after so much silence; other lines are dropped."""
        try:
            while not (line := self._told.get(timeout=seconds)).startswith(word):
                pass
        except queue.Empty:
            return None
        return line


@contextmanager
def wire_server() -> Iterator[Wire]:
    """Run the server in another process."""
    command = [sys.executable, "-m", "benchmarks.wire_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        wire = Wire(process)
        try:
            yield wire
        finally:
            wire.end()


if __name__ == "__main__":
    LONG = _reply(DELTAS)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _say(str(server.server_address[1]))
        sys.stdin.read()
