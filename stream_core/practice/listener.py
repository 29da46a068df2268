"""The listening socket of a server, its event loop and thread, and a limit on its connections."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable

from .connection import Connection

_NO_DESCRIPTOR_SECONDS = 0.1  # until the next attempt to accept a connection
_GRACE_SECONDS = 0.25  # in which a connection's first request may arrive, however many others there are


class Listener:
    """Accepts and serves connections on a loopback port, from its construction until `stop`.

    Args:
        accepted: makes the connection for an accepted socket; called in the thread.
        ended: called in the thread with the task of each connection that has ended.
        most: connections that are served at once.
        port: the TCP port to bind; 0 for a free one.

    Raises:
        OSError: from the system, as when the port is taken.

    Attributes:
        port: the TCP port.
    """

    def __init__(
        self,
        accepted: Callable[[socket.socket, Listener], Connection],
        ended: Callable[[asyncio.Task[None]], None],
        most: int,
        *,
        port: int = 0,
    ) -> None:
        self._accepted, self._ended, self._most = accepted, ended, most
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.SelectorEventLoop()  # also on Windows: the proactor loop cannot watch sockets
        self._tasks: set[asyncio.Task[None]] = set()
        self._served: dict[asyncio.Task[None], Connection] = {}  # the oldest first
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="practice-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def resume(self) -> None:
        """Accept connections again, after a place or a descriptor has become free."""
        if not self._stopped.is_set():
            self._loop.add_reader(self._listener, self._accept)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self.resume()
        await self._stopped.wait()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self) -> None:
        if len(self._served) >= self._most and not self._make_room():
            self._pause(_GRACE_SECONDS)
            return
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):  # the client has gone again
            return
        except OSError:  # no descriptor is free; the listener stays readable, so do not spin on it
            self._pause(_NO_DESCRIPTOR_SECONDS)
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._accepted(sock, self)
        task = self._loop.create_task(connection.serve())
        self._tasks.add(task)
        self._served[task] = connection
        task.add_done_callback(self._done)
        task.add_done_callback(lambda _: sock.close())  # also when cancelled before its first step

    def _pause(self, seconds: float) -> None:
        """Accept no connection for that long, or until one ends or becomes idle."""
        self._loop.remove_reader(self._listener)
        self._loop.call_later(seconds, self.resume)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._served.pop(task, None)
        self._ended(task)
        self.resume()

    def _make_room(self) -> bool:
        """Close a connection that nobody needs; False if there is none."""
        before = self._loop.time() - _GRACE_SECONDS
        served = self._served.items()
        strangers = (task for task, each in served if not each.admitted and each.since < before)
        idle = (task for task, each in served if each.admitted and each.idle)
        found = next(strangers, None) or next(idle, None)
        if found is None:
            return False
        del self._served[found]
        found.cancel()
        return True
