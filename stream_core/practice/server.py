"""The practice server: a loopback socket and an event loop in a thread of its own.

    with PracticeServer(pace=0) as server:
        client = AsyncAnthropic(base_url=server.base_url, api_key="practice")

It binds 127.0.0.1 only and writes no log. It answers only who knows its base URL, which holds a random key:
other programs of the machine, and pages in its browsers, get 401 or 403.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

from .api import respond
from .caching import Cache
from .connection import Connection
from .gate import Gate
from .lab import Lab
from .listener import Listener
from .proxy import Proxy
from .replay import Answers, Replay
from .request import Request
from .scenarios import PROGRAM, Place, Scenario, load
from .script import Script
from .uploads import Files

_MOST_CONNECTIONS = 32
_REMEMBERED = 1000  # requests
_REMEMBERED_BYTES = 256 * 1024 * 1024  # of their bodies


class PracticeServer:
    """A loopback Messages server that runs in a `with`, or between `start` and `stop`.

    Args:
        scenarios: the first that matches answers; None for the prepared ones. They are called in the
            server's thread and must not block.
        place: where the person is, for what the prepared answers suggest.
        program: how the person calls the program there.
        pace: factor of all waits that are not fixed: 1 is lifelike, 2 is twice as slow, 0 is without waits.
        lab: the faults to play instead of replies; None for a lab of its own.
        clock: monotonic seconds, by which the prompt cache expires.
        remember: whether `requests` keeps the requests, with their bodies.
        replay: answers the questions instead of the scenarios; None for the scenarios.
        proxy: forwards every request to another server instead; None for none.
        port: the TCP port to bind; 0 for a free one.
        most_connections: served at once. For one more the oldest connection that has sent no admitted
            request is closed, or else an idle one; if all are busy, it waits.

    Attributes:
        lab: to arm faults, at any time.

    An exception of a scenario drops the connection, and `stop` raises it.
    """

    def __init__(
        self,
        *,
        scenarios: Sequence[Scenario] | None = None,
        place: Place = "library",
        program: str = PROGRAM,
        pace: float = 1.0,
        lab: Lab | None = None,
        clock: Callable[[], float] = time.monotonic,
        remember: bool = False,
        replay: Answers | None = None,
        proxy: Proxy | None = None,
        port: int = 0,
        most_connections: int = _MOST_CONNECTIONS,
    ) -> None:
        self.lab = Lab() if lab is None else lab
        self._scenarios = load(place, program) if scenarios is None else tuple(scenarios)
        self._pace, self._replay, self._proxy, self._asked_port = pace, replay, proxy, port
        self._cache = Cache(clock)
        self._files = Files()
        self._gate = Gate()
        self._remember = remember
        self._most_connections = most_connections
        self._ids = itertools.count(1)
        self._changed = threading.Condition()
        self._connections = 0
        self._hangups = 0
        self._requests: deque[Request] = deque(maxlen=_REMEMBERED)
        self._remembered_bytes = 0
        self._mistakes: list[BaseException] = []
        self._open = 0
        self._running: Listener | None = None

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Bind a free port and serve from a thread of its own."""
        if self._running is None:
            self._running = Listener(
                self._accepted, self._ended, self._most_connections, port=self._asked_port
            )

    def stop(self) -> None:
        """End every open connection and the thread; raises what a scenario raised, if one did."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()
        if self._mistakes:
            raise self._mistakes.pop(0)

    def __enter__(self) -> PracticeServer:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The base URL for a client, `http://127.0.0.1:PORT/KEY`. Whoever has it can use the server."""
        return f"http://127.0.0.1:{self.port}{self._gate.prefix}"

    @property
    def port(self) -> int:
        """The TCP port; raises `RuntimeError` if the server is not running."""
        if self._running is None:
            raise RuntimeError("the practice server is not running")
        return self._running.port

    # -- what has happened ---------------------------------------------------------------------

    @property
    def connections(self) -> int:
        """TCP connections accepted so far."""
        with self._changed:
            return self._connections

    @property
    def open_connections(self) -> int:
        """TCP connections open now."""
        with self._changed:
            return self._open

    @property
    def hangups(self) -> int:
        """Number of times a client closed its connection after a request and before the end of the answer."""
        with self._changed:
            return self._hangups

    @property
    def requests(self) -> list[Request]:
        """The complete requests, oldest first: the last 1,000, or fewer if they are large.

        Raises:
            RuntimeError: the server was made without `remember`.
        """
        if not self._remember:
            raise RuntimeError("this server does not remember requests: PracticeServer(remember=True)")
        with self._changed:
            return list(self._requests)

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 20.0) -> bool:
        """Wait until `predicate()` holds, checked at each change of the records; False if it never did.

        Blocks its thread: call it with `asyncio.to_thread` from a coroutine.
        """
        with self._changed:
            return self._changed.wait_for(predicate, timeout)

    # -- in the server's thread ----------------------------------------------------------------

    def _accepted(self, sock: socket.socket, running: Listener) -> Connection:
        with self._changed:
            self._connections += 1
            self._open += 1
            self._changed.notify_all()
        return Connection(
            sock,
            admit=lambda target, headers: self._gate.admit(target, headers, running.port),
            answer=self._answer,
            request_id=self._request_id,
            pace=self._pace,
            hung_up=self._hung_up,
            between=running.resume,
        )

    def _ended(self, task: asyncio.Task[None]) -> None:
        with self._changed:
            self._open -= 1
            if not task.cancelled() and (mistake := task.exception()) is not None:
                self._mistakes.append(mistake)
            self._changed.notify_all()

    def _answer(self, request: Request, request_id: str) -> Script:
        with self._changed:
            if self._remember:
                self._keep(request)
            self._changed.notify_all()
        return respond(
            request,
            self._scenarios,
            self.lab,
            self._cache,
            request_id,
            self._replay or self._proxy,
            self._files,
        )

    def _keep(self, request: Request) -> None:
        if len(self._requests) == _REMEMBERED:
            self._remembered_bytes -= len(self._requests.popleft().body)
        self._requests.append(request)
        self._remembered_bytes += len(request.body)
        while self._remembered_bytes > _REMEMBERED_BYTES and len(self._requests) > 1:
            self._remembered_bytes -= len(self._requests.popleft().body)

    def _request_id(self) -> str:
        return f"req_practice_{next(self._ids):06d}"

    def _hung_up(self) -> None:
        with self._changed:
            self._hangups += 1
            self._changed.notify_all()


@contextmanager
def practice_server(
    *,
    scenarios: Sequence[Scenario] | None = None,
    pace: float = 1.0,
    replay: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    place: Place = "library",
) -> Iterator[str]:
    """Run a practice server; the value is its base URL, which holds the key to it.

    Args:
        scenarios: the first that matches answers; None for the prepared ones.
        pace: factor of all waits: 1 is lifelike, 0 is without waits.
        replay: recordings that answer instead, in turn; one path or several.
        place: where the person is ("chat", "one_shot", "demos" or "library"): the prepared answers suggest
            what can be tried there.

    Raises:
        BadRecording: a file of `replay` is no recording; the message is a Spanish sentence.
        OSError: it cannot be read.
    """
    found = None
    if replay is not None:
        one = isinstance(replay, (str, os.PathLike))
        found = Replay([replay] if one else list(replay))  # type: ignore[arg-type,list-item]
    with PracticeServer(scenarios=scenarios, place=place, pace=pace, replay=found) as server:
        yield server.base_url
