"""A large request goes out: how far it is, and a cancel in the middle of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from support.wire import read_async, read_sync

from stream_core import Cancelled, Failed, Finished, Timeouts, Waiting
from stream_core.core.deltas import Delta
from stream_core.core.errors import IdleTimeout
from stream_core.practice.server import PracticeServer

LARGE: dict[str, Any] = {"messages": [{"role": "user", "content": "Hola. " * 2_000_000}]}  # 12 MB
SOON = Timeouts(idle=60.0, notice=0.02)


class Reader(threading.Thread):
    """A server that takes the beginning of a request and no more of it until it is let."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.goes_on = threading.Event()
        self.read = 0
        self.start()

    def run(self) -> None:
        with self._listening:
            accepted = self._listening.accept()[0]
        with accepted, suppress(OSError):  # reset by the client
            while data := accepted.recv(65536):
                self.read += len(data)
                self.goes_on.wait(20)


@pytest.fixture
def reader() -> Iterator[Reader]:
    server = Reader()
    yield server
    server.goes_on.set()
    server.join(20)


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Any:
    """Both shells."""
    return request.param


def assert_upload(deltas: list[Delta]) -> None:
    """Once it goes out (the body is made first), an unfinished upload is no wait for an answer."""
    reasons = [delta.reason for delta in deltas if isinstance(delta, Waiting)]
    assert set(reasons[reasons.index("upload") :]) == {"upload"} and len(reasons) == len(deltas)
    sent = [(delta.sent, delta.size) for delta in deltas if isinstance(delta, Waiting) and delta.size]
    assert sent == sorted(sent) and 12_000_000 < sent[-1][1] < 12_100_000


def test_an_upload_is_told_and_a_cancel_hangs_up_in_the_middle(reader: Reader, read: Any) -> None:
    def cancel(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Waiting) and 0 < delta.sent < delta.size:
            stream.cancel()

    *before, last = read(reader.url, cancel, timeouts=SOON, **LARGE).deltas
    assert isinstance(last, Cancelled)
    assert_upload(before)
    reader.goes_on.set()
    reader.join(20)
    assert not reader.is_alive() and reader.read < 12_000_000, "the server saw the end before the whole"


def test_an_upload_that_does_not_move_is_a_silence(reader: Reader) -> None:
    """Each piece that the network takes begins the wait for the first byte anew; when none moves, it ends."""
    waits = Timeouts(idle=60.0, first_byte=0.3, notice=0.02)
    *before, last = read_sync(reader.url, timeouts=waits, **LARGE).deltas
    assert isinstance(last, Failed) and isinstance(last.error, IdleTimeout)
    assert_upload(before)


def test_a_small_request_tells_nothing_of_its_upload() -> None:
    with PracticeServer(pace=0) as server:
        deltas = read_sync(server.base_url).deltas
    assert isinstance(deltas[-1], Finished) and not any(isinstance(each, Waiting) for each in deltas)
