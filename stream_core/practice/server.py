"""The practice server: a loopback socket and an event loop in a thread of its own.

    with PracticeServer(pace=0) as server:
        client = AsyncAnthropic(base_url=server.base_url, api_key="practice")

It binds 127.0.0.1 only, asks for no credential and writes no log.
"""

from __future__ import annotations

import asyncio
import itertools
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
from .lab import Lab
from .request import Request
from .scenarios import Scenario, load
from .script import Script

_REMEMBERED = 1000  # requests; in a long chat each one holds the whole conversation


class PracticeServer:
    """A loopback Messages server that runs in a `with`, or between `start` and `stop`.

    Args:
        scenarios: asked in order, and the first that matches answers; None for the prepared ones. They
            are called in the server's thread and must not block.
        pace: the tempo: 1 is lifelike, 2 is twice as slow, 0 is without waits (but for fixed ones).
        lab: the faults to play instead of replies; None for a lab of its own.
        clock: seconds, by which the prompt cache forgets.

    Attributes:
        lab: to arm faults, at any time.

    An exception in a scenario is its author's mistake: the connection drops, and `stop` raises it.
    """

    def __init__(
        self,
        *,
        scenarios: Sequence[Scenario] | None = None,
        pace: float = 1.0,
        lab: Lab | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lab = Lab() if lab is None else lab
        self._scenarios = load() if scenarios is None else tuple(scenarios)
        self._pace = pace
        self._cache = Cache(clock)
        self._ids = itertools.count(1)
        self._changed = threading.Condition()
        self._connections = 0
        self._hangups = 0
        self._requests: deque[Request] = deque(maxlen=_REMEMBERED)
        self._mistakes: list[BaseException] = []
        self._open = 0
        self._running: _Running | None = None

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Bind a free port and serve from a thread of its own."""
        if self._running is None:
            self._running = _Running(self._accepted)

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
        """What a client takes as its base URL: `http://127.0.0.1:PORT`."""
        if self._running is None:
            raise RuntimeError("the practice server is not running")
        return f"http://127.0.0.1:{self._running.port}"

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
        """How often a client closed its connection after a request and before the end of the answer."""
        with self._changed:
            return self._hangups

    @property
    def requests(self) -> list[Request]:
        """The requests that came whole, oldest first: the last 1,000."""
        with self._changed:
            return list(self._requests)

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 5.0) -> bool:
        """Wait until `predicate()` holds, asked again at each change of the records; False if it never did.

        It blocks its thread: from a coroutine call it with `asyncio.to_thread`.
        """
        with self._changed:
            return self._changed.wait_for(predicate, timeout)

    # -- in the server's thread ----------------------------------------------------------------

    def _accepted(self, sock: socket.socket) -> asyncio.Task[None]:
        connection = Connection(
            sock, answer=self._answer, request_id=self._request_id, pace=self._pace, hung_up=self._hung_up
        )
        task = asyncio.get_running_loop().create_task(connection.serve())
        task.add_done_callback(self._ended)
        with self._changed:
            self._connections += 1
            self._open += 1
            self._changed.notify_all()
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        with self._changed:
            self._open -= 1
            if not task.cancelled() and (mistake := task.exception()) is not None:
                self._mistakes.append(mistake)
            self._changed.notify_all()

    def _answer(self, request: Request, request_id: str) -> Script:
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()
        return respond(request, self._scenarios, self.lab, self._cache, request_id)

    def _request_id(self) -> str:
        return f"req_practice_{next(self._ids):06d}"

    def _hung_up(self) -> None:
        with self._changed:
            self._hangups += 1
            self._changed.notify_all()


class _Running:
    """The listening socket, the loop and the thread, from the first moment to the last."""

    def __init__(self, accepted: Callable[[socket.socket], asyncio.Task[None]]) -> None:
        self._accepted = accepted
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.SelectorEventLoop()  # on Windows too: the other one cannot watch sockets
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="practice-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._loop.add_reader(self._listener, self._accept)
        await self._stopped.wait()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:  # the client has gone again, or no descriptor is free: the next one may do better
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._accepted(sock)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: sock.close())  # also when cancelled before its first step


@contextmanager
def practice_server(*, scenarios: Sequence[Scenario] | None = None, pace: float = 1.0) -> Iterator[str]:
    """Run a practice server and give its base URL."""
    with PracticeServer(scenarios=scenarios, pace=pace) as server:
        yield server.base_url
