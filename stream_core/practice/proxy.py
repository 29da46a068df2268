"""A fault proxy: forwards requests to a real server and its answers back, with faults in between if wanted.

The upstream connection is read by a thread of its own, whose chunks a script sends on as they come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from .request import Request
from .script import Cut, Head, Script, Send, Step, Wait

_PIECE = 64 * 1024
_POLL_SECONDS = 0.003
_TIMEOUT_SECONDS = 600.0
_NOT_FORWARDED = (
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "transfer-encoding",
)
_NOT_RETURNED = ("connection", "content-length", "keep-alive", "set-cookie", "transfer-encoding", "upgrade")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Told: TypeAlias = tuple[str, Any, float]
"""`sent` with the request, `answered` with status and headers, `received` with bytes, `ended` with how; and
when, in seconds on the monotonic clock."""

Listen: TypeAlias = Callable[[list[Told]], None]
"""Is given all that passed for one request, once it is over; called on the server's thread."""


class Proxy:
    """Forwards requests to a server.

    Args:
        url: its base URL, as a client would have it.
        listen: gets what passed; None for nobody.
        say: gets a Spanish sentence about a server that cannot be reached, once; from any thread.

    Raises:
        ValueError: the URL cannot be used; the message is a Spanish sentence.
    """

    def __init__(
        self, url: str, listen: Listen | None = None, say: Callable[[str], object] = lambda sentence: None
    ) -> None:
        self._say: Callable[[str], object] | None = say
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.username:
            raise ValueError("--proxy necesita una dirección http:// o https://, sin clave dentro.")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("--proxy con http:// solo vale para este equipo: la clave viajaría sin cifrar.")
        self._https, self._host, self._port = parts.scheme == "https", parts.hostname, port
        self._path = parts.path.rstrip("/")
        self._listen = listen

    def forward(self, request: Request) -> Script:
        """The answer of the server, as a script that passes it on as it comes."""
        connection = (HTTPSConnection if self._https else HTTPConnection)(
            self._host, self._port, timeout=_TIMEOUT_SECONDS
        )
        items: SimpleQueue[Told] = SimpleQueue()
        worker = threading.Thread(
            target=self._read, args=(connection, request, items), name="proxy", daemon=True
        )
        worker.start()
        return self._script(request, connection, items)

    def _read(self, connection: HTTPConnection, request: Request, items: SimpleQueue[Told]) -> None:
        """Send the request upstream and put what comes into the queue; on a thread of its own."""
        headers = {name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED}
        headers["accept-encoding"] = "identity"
        how, path = "cut", f"{self._path}{request.path}"
        try:
            try:
                connection.request(request.method, path, request.body or None, headers)
            except OSError:
                self._tell_unreachable()
                raise
            response = connection.getresponse()
            answered = {name.lower(): value for name, value in response.getheaders()}
            items.put(("answered", (response.status, answered), time.monotonic()))
            while data := response.read1(_PIECE):
                items.put(("received", data, time.monotonic()))
            how = "end" if response.length in (None, 0) else "cut"
        except (OSError, HTTPException, ValueError, AttributeError):  # the last when the script closed it
            pass
        finally:
            items.put(("ended", how, time.monotonic()))
            with suppress(OSError):
                connection.close()

    def _tell_unreachable(self) -> None:
        say, self._say = self._say, None
        if say is not None:
            at = self._host if self._port is None else f"{self._host}:{self._port}"
            say(f"{at} no contesta: quien pregunte verá que la conexión se corta.")

    def _script(
        self, request: Request, connection: HTTPConnection, items: SimpleQueue[Told]
    ) -> Iterator[Step]:
        passed: list[Told] = [("sent", request, time.monotonic())]
        try:
            while True:
                try:
                    item = items.get_nowait()
                except Empty:
                    yield Wait(_POLL_SECONDS, fixed=True)
                    continue
                if self._listen is not None:
                    passed.append(item)
                kind, value, _ = item
                if kind == "answered":
                    status, headers = value
                    yield Head(status, _returned(headers))
                elif kind == "received":
                    yield Send(value)
                else:
                    if value != "end":
                        yield Cut()
                    return
        finally:
            with suppress(OSError):
                connection.close()
            if self._listen is not None:
                if passed[-1][0] != "ended":
                    passed.append(("ended", "cancel", time.monotonic()))
                self._listen(passed)


def _returned(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name not in _NOT_RETURNED]
