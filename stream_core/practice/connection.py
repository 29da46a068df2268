"""One connection: h11 parses HTTP/1.1, a script says which bytes are sent and when.

The socket is watched as long as the connection lives, so that a client that hangs up is noticed at once:
between requests, while a script waits, and while it sends.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress

import h11

from .api import MAX_BODY, most_bytes, too_large
from .refusal import Refused
from .request import Request
from .script import At, Cut, Gate, Hang, Head, Reset, Script, Send, Wait, error_reply

HEAD_SECONDS = 10.0
"""From the connection to the end of its first request's head: who has no key holds a place no longer."""
IDLE_SECONDS = 120.0
"""Between two requests, or between two pieces of a request."""
_LINGER_SECONDS = 0.5  # for the client to read the answer to a request whose body was not read
_MOST_DISCARDED = 4 * MAX_BODY  # bytes of a body beyond which its end is not waited for

# Lingering for 0 seconds makes a close a reset: https://man7.org/linux/man-pages/man7/socket.7.html
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

Admit = Callable[[str, Mapping[str, str]], str]
"""Returns the path of a request from its target and headers; raises `Refused` before the body is read."""
Answer = Callable[[Request, str], Script]
"""Returns the script to play for a request and the id of its answer."""


class _Gone(Exception):
    """The client has closed the connection, or has kept it idle for too long."""


class _TooLarge(Exception):
    """The body is larger than the API takes. What came of it was discarded."""


class Connection:
    """Serves one accepted socket until either side closes it.

    Args:
        sock: non-blocking; closed when `serve` returns.
        admit: called with the head of each request.
        answer: called with each request that is complete.
        request_id: makes an id for each answer.
        pace: factor of every wait that is not fixed.
        hung_up: called when the client closes before its answer is complete.
        between: called when an answer is complete and the next request is awaited.

    Attributes:
        admitted: whether a request was admitted.
        idle: whether it waits for a request.
        since: when it was accepted, in the time of the loop.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        admit: Admit,
        answer: Answer,
        request_id: Callable[[], str],
        pace: float,
        hung_up: Callable[[], None],
        between: Callable[[], None],
    ) -> None:
        self.admitted = False
        self.idle = True
        self._socket = sock
        self._admit = admit
        self._answer = answer
        self._new_request_id = request_id
        self._pace = pace
        self._hung_up = hung_up
        self._between = between
        self._loop = asyncio.get_running_loop()
        self.since = self._loop.time()
        self._http = h11.Connection(h11.SERVER)
        self._arrived = asyncio.Event()
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._discards = False
        self._only_head = False  # the request wants the headers of an answer and nothing else
        self._request_id = ""

    async def serve(self) -> None:
        self._loop.add_reader(self._socket, self._readable)
        try:
            while (script := await self._next_script()) is not None:
                if not await self._play_or_notice(script):
                    return
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    await self._linger()
                    return
                self._http.start_next_cycle()
                self.idle = True
                self._between()
        finally:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    async def _linger(self) -> None:
        """Let the client read the answer: closing with unread data resets the connection."""
        self._discards = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            await asyncio.wait([self._gone], timeout=_LINGER_SECONDS)

    # -- reading -------------------------------------------------------------------------------

    def _readable(self) -> None:
        try:
            data = self._socket.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # reset by the client
            data = b""
        if not data:
            self._loop.remove_reader(self._socket)  # the end stays readable and would be reported for ever
            self._gone.set_result(None)
        elif not self._discards:
            self._http.receive_data(data)
        self._arrived.set()

    async def _next_script(self) -> Script | None:
        """The answer to the next request, or None if the client closes without another one."""
        self._request_id = self._new_request_id()
        try:
            return self._answer(await self._next_request(), self._request_id)
        except Refused as refused:
            return error_reply(
                refused.status,
                refused.api_type,
                refused.message,
                [("connection", "close")],
                request_id=self._request_id,
            )
        except _TooLarge:
            return too_large(self._request_id)
        except h11.RemoteProtocolError as problem:
            return error_reply(400, "invalid_request_error", str(problem), request_id=self._request_id)
        except _Gone:
            return None

    async def _next_request(self) -> Request:
        head = await self._next_event()
        if not isinstance(head, h11.Request):
            raise _Gone
        headers = _headers(head)
        self._only_head = head.method == b"HEAD"
        path = self._admit(head.target.decode("ascii"), headers)
        self.admitted, self.idle = True, False
        if self._http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        body = await self._body(most_bytes(path))
        return Request(head.method.decode("ascii"), path, headers, body)

    async def _body(self, most: int) -> bytes:
        body, size = [], 0
        while isinstance(event := await self._next_event(), h11.Data):
            size += len(event.data)
            if size <= most:
                body.append(bytes(event.data))
            elif size > _MOST_DISCARDED:
                raise _TooLarge
            else:
                body.clear()
        if size > most:
            raise _TooLarge
        return b"".join(body)

    async def _next_event(self) -> h11.Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._gone.done():
                raise _Gone
            await self._next_data()
        if not isinstance(event, (h11.Request, h11.Data, h11.EndOfMessage)):
            raise _Gone
        return event

    async def _next_data(self) -> None:
        waited = self._loop.time() - self.since
        limit = IDLE_SECONDS if self.admitted else HEAD_SECONDS - waited
        self._arrived.clear()
        try:
            await asyncio.wait_for(self._arrived.wait(), max(limit, 0))
        except asyncio.TimeoutError:
            raise _Gone from None

    # -- playing -------------------------------------------------------------------------------

    async def _play_or_notice(self, script: Script) -> bool:
        """Play the script; False if the script or the client has ended the connection."""
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
        began = self._loop.time()
        for step in script:
            match step:
                case Gate():
                    began = await self._pass_gate(step, began)
                case Wait() | At() | Hang():
                    await self._wait(step, began)
                case Head():
                    await self._write(self._response(step))
                case Send() if self._only_head:
                    pass  # RFC 9110, 9.3.2: an answer to HEAD has no body
                case Send(data=data):
                    await self._write(h11.Data(data=data))
                case Cut(within=data):
                    if data and self._http.our_state is h11.SEND_BODY:
                        await self._write(h11.Data(data=data), half=True)
                    return False
                case Reset():
                    self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    return False
        await self._write(h11.EndOfMessage())
        return True

    async def _wait(self, step: Wait | At | Hang, began: float) -> None:
        match step:
            case Wait(seconds=seconds, fixed=fixed):
                await self._silence(seconds if fixed else seconds * self._pace)
            case At(seconds=seconds):
                await self._silence(max(0.0, began + seconds * self._pace - self._loop.time()))
            case Hang():
                await self._silence(None)

    async def _pass_gate(self, gate: Gate, began: float) -> float:
        """Wait until the gate is open; return when the script began, without the time that a person took."""
        due, stepper = gate.seconds * self._pace, gate.stepper
        if stepper.open:
            await self._silence(max(0.0, began + due - self._loop.time()))
            return began
        passed: asyncio.Future[None] = self._loop.create_future()

        def wake() -> None:
            self._loop.call_soon_threadsafe(passed.cancel)

        if not stepper.ask(wake):
            await asyncio.wait([passed, self._gone], return_when=asyncio.FIRST_COMPLETED)
            stepper.forget()
        await self._silence(0)
        return self._loop.time() - due

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
        await asyncio.sleep(0)  # let others run, and a hang-up be noticed, also in a script without waits

    async def _silence(self, seconds: float | None) -> None:
        if not self._gone.done() and seconds != 0:
            await asyncio.wait([self._gone], timeout=seconds)
        if self._gone.done():
            raise _Gone


def _headers(head: h11.Request) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in head.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
