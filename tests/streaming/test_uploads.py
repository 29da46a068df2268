"""A large request goes out: how far it is, and a cancel in the middle; and files uploaded by themselves."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from support.wire import REQUEST, playing, read_async, read_sync

from stream_core import Cancelled, Failed, Finished, Timeouts, Waiting, explain, open_client, stream_turn
from stream_core.core.attachments import question_blocks, resolved
from stream_core.core.deltas import Delta
from stream_core.core.errors import ConnectionLost, FileGone, IdleTimeout, InputNotSupported, NoFiles
from stream_core.files.attaching import take_in_bytes
from stream_core.files.blobs import Blobs
from stream_core.files.uploads import UploadRecord
from stream_core.practice.server import PracticeServer
from stream_core.sdk.uploads import Uploads, delete_file, list_files
from stream_core.streaming import event_loop
from stream_core.streaming.reply import close_client

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

    def hang_up(self) -> None:
        """Reset the connection."""
        with suppress(OSError):  # it was reset already; whoever sends may hear of it later
            self._accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._accepted.close()
        self.goes_on.set()

    def run(self) -> None:
        with self._listening:
            accepted = self._accepted = self._listening.accept()[0]
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


def test_a_connection_that_breaks_in_the_middle_of_an_upload_is_told_so(reader: Reader) -> None:
    def hang_up(_: Any, delta: Delta) -> None:
        if isinstance(delta, Waiting) and 0 < delta.sent < delta.size:
            reader.hang_up()

    last = read_sync(reader.url, hang_up, timeouts=SOON, **LARGE).deltas[-1]
    assert isinstance(last, Failed) and isinstance(last.error, ConnectionLost) and last.error.sending
    assert "mientras se enviaba" in explain(last.error)


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


# -- files that are uploaded by themselves --------------------------------------------------------


class Bytes:
    """The bytes of two attached files, and the messages that refer to them."""

    def __init__(self) -> None:
        self.blobs = Blobs()
        pdf, _ = take_in_bytes(b"%PDF-1.7 /Type/Page " + b"x" * 500, 'a "b".pdf', self.blobs)
        text, _ = take_in_bytes("Año\x1b[31m".encode("latin-1"), "nota.txt", self.blobs)
        self.attached = [pdf, text]
        self.record = UploadRecord(None, "x")
        self.uploads = Uploads(self.record, self.blobs.open)

    def request(self) -> dict[str, Any]:
        message = {"role": "user", "content": question_blocks("¿Qué?", self.attached)}
        sent = resolved([message], self.blobs.read, uploaded=lambda _: True)
        return {**REQUEST, "messages": sent}


def turn(url: str, files: Bytes) -> list[Any]:
    client = open_client(base_url=url)
    try:
        with stream_turn(client, tools=[], uploads=files.uploads, **files.request()) as stream:
            return list(stream)
    finally:
        close_client(client)


def paths(server: PracticeServer) -> list[str]:
    return [f"{request.method} {request.path.partition('?')[0]}" for request in server.requests]


UPLOAD, ASK = "POST /v1/files", "POST /v1/messages"


def test_a_file_is_uploaded_once_and_again_when_the_server_has_it_no_longer() -> None:
    files = Bytes()
    with PracticeServer(pace=0, remember=True) as server:
        assert isinstance(turn(server.base_url, files)[-1], Finished)
        assert isinstance(turn(server.base_url, files)[-1], Finished)
        assert paths(server) == [UPLOAD, UPLOAD, ASK, ASK]
        sent = server.requests[-1].json()["messages"][0]["content"]
        assert [(block["type"], block.get("title")) for block in sent[:2]] == [
            ("document", 'a "b".pdf'),
            ("document", "nota.txt"),
        ]
        assert b'filename="a _b_.pdf"' in server.requests[0].body
        assert "Año\r\n".encode() in server.requests[1].body and b"\x1b" not in server.requests[1].body
        assert server.requests[2].headers["anthropic-beta"] == "files-api-2025-04-14"
    with PracticeServer(pace=0, remember=True) as another:  # it has none of them, and no policy retries
        *before, last = turn(another.base_url, files)
        assert paths(another) == [ASK, UPLOAD, UPLOAD, ASK]
    assert isinstance(last, Finished)
    assert any(isinstance(each, Waiting) and isinstance(each.cause, FileGone) for each in before)


def test_a_server_that_keeps_no_files_says_so() -> None:
    with playing([]) as server:
        last = turn(server.base_url + "/otro", Bytes())[-1]
    assert isinstance(last, Failed) and isinstance(last.error, NoFiles)


def test_a_file_that_is_too_large_for_the_server_is_no_conversation_that_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stream_core.practice.api.MOST_BYTES", 100)
    with PracticeServer(pace=0) as server:
        last = turn(server.base_url, Bytes())[-1]
    assert isinstance(last, Failed) and isinstance(last.error, InputNotSupported)


def test_a_file_whose_bytes_are_gone_is_named_in_its_place() -> None:
    files = Bytes()
    files.uploads = Uploads(files.record, lambda _: None)
    with PracticeServer(pace=0, remember=True) as server:
        turn(server.base_url, files)
        (request,) = server.requests
    assert "ya no está" in request.json()["messages"][0]["content"][0]["text"]


def test_the_list_of_the_server_and_deleting_from_it() -> None:
    files = Bytes()
    with PracticeServer(pace=0) as server:
        turn(server.base_url, files)
        client = open_client(base_url=server.base_url)
        try:
            found = event_loop.submit(list_files(client)).result()
            assert {each.file_id for each in found} == {each.file_id for each in files.record.files()}
            for _ in range(2):  # what is not there is deleted
                event_loop.submit(delete_file(client, found[0].file_id)).result()
            (left,) = event_loop.submit(list_files(client)).result()
            assert left == found[1] and left.expires is not None
        finally:
            close_client(client)
