"""One connection: h11 keeps the HTTP/1.1 state, the scripts say what is written and when.

The socket is watched for as long as the connection lives, so that a client that goes away is noticed at
once: between requests, while a script waits, and while it writes.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Generator

import h11

from .api import MAX_BODY, too_large
from .request import Request
from .script import Cut, Hang, Head, Reset, Script, Send, Wait, error_reply

# Lingering for 0 seconds makes a close a reset: https://man7.org/linux/man-pages/man7/socket.7.html
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

Answer = Callable[[Request, str], Script]
"""Given a request and the id of its answer, what is to be played."""


class _Gone(Exception):
    """The client has closed the connection."""


class _TooLarge(Exception):
    """The request's body is larger than the API takes; it was read to its end."""


class Connection:
    """Serves one accepted socket until either side closes it.

    Args:
        sock: non-blocking; closed when `serve` returns.
        answer: called once a request, at the end of its body.
        request_id: makes an id for each answer.
        pace: every wait that is not fixed is multiplied by it.
        hung_up: called when the client goes away before its answer is complete.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        answer: Answer,
        request_id: Callable[[], str],
        pace: float,
        hung_up: Callable[[], None],
    ) -> None:
        self._socket = sock
        self._answer = answer
        self._new_request_id = request_id
        self._pace = pace
        self._hung_up = hung_up
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.SERVER)
        self._arrived = asyncio.Event()
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._request_id = ""

    async def serve(self) -> None:
        self._loop.add_reader(self._socket, self._readable)
        try:
            while (script := await self._next_script()) is not None:
                if not await self._play_or_notice(script):
                    return
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return
                self._http.start_next_cycle()
        finally:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    # -- reading -------------------------------------------------------------------------------

    def _readable(self) -> None:
        try:
            data = self._socket.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # reset by the client
            data = b""
        if data:
            self._http.receive_data(data)
        else:
            self._loop.remove_reader(self._socket)  # the end is always readable: do not spin on it
            self._gone.set_result(None)
        self._arrived.set()

    async def _next_script(self) -> Script | None:
        """The answer to the next request, or None if the client goes away without another one."""
        self._request_id = self._new_request_id()
        try:
            return self._answer(await self._next_request(), self._request_id)
        except _TooLarge:
            return too_large(self._request_id)
        except h11.RemoteProtocolError as problem:
            return error_reply(400, "invalid_request_error", str(problem), request_id=self._request_id)
        except _Gone:
            return None

    async def _next_request(self) -> Request:
        head: h11.Request | None = None
        body, size = [], 0
        while True:
            event = await self._next_event()
            if isinstance(event, h11.Request):
                head = event
                if self._http.they_are_waiting_for_100_continue:
                    await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size <= MAX_BODY:
                    body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                if size > MAX_BODY:
                    raise _TooLarge
                return _request(head, b"".join(body))

    async def _next_event(self) -> h11.Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._gone.done():
                raise _Gone
            self._arrived.clear()
            await self._arrived.wait()
        if not isinstance(event, (h11.Request, h11.Data, h11.EndOfMessage)):
            raise _Gone
        return event

    # -- playing -------------------------------------------------------------------------------

    async def _play_or_notice(self, script: Script) -> bool:
        """Play the script to its end; False if the connection is over, by the script or by the client."""
        steps = iter(script)
        try:
            return await self._play(steps)
        except _Gone:
            self._hung_up()
            return False
        finally:
            if isinstance(steps, Generator):
                steps.close()

    async def _play(self, script: Script) -> bool:
        for step in script:
            match step:
                case Head():
                    await self._write(self._response(step))
                case Send(data=data):
                    await self._write(h11.Data(data=data))
                case Wait(seconds=seconds, fixed=fixed):
                    await self._silence(seconds if fixed else seconds * self._pace)
                case Hang():
                    await self._silence(None)
                case Cut(within=data):
                    if data and self._http.our_state is h11.SEND_BODY:
                        await self._write(h11.Data(data=data), half=True)
                    return False
                case Reset():
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    return False
        await self._write(h11.EndOfMessage())
        return True

    def _response(self, head: Head) -> h11.Response:
        headers = list(head.headers)
        if not any(name.lower() == "request-id" for name, _ in headers):
            headers.append(("request-id", self._request_id))
        if head.framing == "chunked":
            headers.append(("transfer-encoding", "chunked"))
        elif head.framing == "close":
            # To an HTTP/1.0 client h11 ends a body by closing; to a newer one it would always chunk.
            self._http.their_http_version = b"1.0"
        else:
            headers.append(("content-length", str(head.framing)))
        return h11.Response(status_code=head.status, headers=headers)

    async def _write(self, event: h11.Event, *, half: bool = False) -> None:
        data = self._http.send(event)
        if data and half:
            data = data[: len(data) // 2]
        if self._gone.done():
            raise _Gone
        if data:
            try:
                await self._loop.sock_sendall(self._socket, data)
            except OSError as reset:
                raise _Gone from reset
        await asyncio.sleep(0)  # a script without waits must not keep the others, or a hang-up, from the loop

    async def _silence(self, seconds: float | None) -> None:
        if not self._gone.done() and seconds != 0:
            await asyncio.wait([self._gone], timeout=seconds)
        if self._gone.done():
            raise _Gone


def _request(head: h11.Request, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(head.method.decode("ascii"), head.target.decode("ascii"), headers, body)
