"""Servers of a few lines: what comes on a socket, and what is answered, plain or over TLS."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CERTIFICATE = Path(__file__).parents[1] / "fixtures" / "tls" / "localhost.pem"
"""A certificate that signs itself, for localhost and 127.0.0.1, with its key; it holds until 2125."""

Handler = Callable[[socket.socket, bytes], None]
"""Is given each connection and what was read from it first."""


class SocketServer:
    """A server on loopback.

    Attributes:
        port: where it listens.
        heard: what was read first from each connection, after TLS was taken off.
        connections: how many there were.
    """

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None) -> None:
        self._handler, self._tls = handler, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.heard: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Refuse connections from here on."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # else the thread that waits there keeps it open
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, plain: socket.socket) -> None:
        connection = plain
        with contextlib.suppress(OSError):
            plain.settimeout(20)
            if self._tls is not None:
                below = plain.dup()
                try:
                    connection = self._tls.wrap_socket(plain, server_side=True)
                except ssl.SSLError:
                    _drain(below)
                    raise
                finally:
                    below.close()
            said = _request(connection)
            self.heard.append(said)
            self._handler(connection, said)
        connection.close()


def _request(connection: socket.socket) -> bytes:
    """A whole request of HTTP, or what comes first: whoever hangs up on the rest resets the connection."""
    said = connection.recv(65536)
    while said.startswith(b"POST ") and (more := _missing(said)) and (piece := connection.recv(more)):
        said += piece
    return said


def _missing(said: bytes) -> int:
    head, ended, body = said.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: *([0-9]+)", head)
    return (int(found[1]) - len(body) if found else 0) if ended else 1


def _drain(connection: socket.socket) -> None:
    connection.settimeout(1)
    while connection.recv(65536):
        pass


def server_context() -> ssl.SSLContext:
    """TLS as a server with the certificate of the fixtures."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@contextmanager
def answering(handler: Handler, tls: ssl.SSLContext | None = None) -> Iterator[SocketServer]:
    """A server that treats each connection so."""
    server = SocketServer(handler, tls)
    try:
        yield server
    finally:
        server.close()


def saying(data: bytes) -> Handler:
    """Answer with these bytes, and hang up."""
    return lambda connection, said: connection.sendall(data)


def hang_up(connection: socket.socket, said: bytes) -> None:
    """Hang up in good order."""
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket, said: bytes) -> None:
    """Break the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def http(
    body: bytes, status: str = "200 OK", *headers: str, content_type: str = "text/event-stream"
) -> bytes:
    """An HTTP answer that ends with the connection."""
    head = [f"HTTP/1.1 {status}", f"content-type: {content_type}", "connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
