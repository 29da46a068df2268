"""Opened requests of the SDK: one that streams, and one that comes whole."""
# See docs/adr/0004-finish-generators-on-their-loop.md
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import Any

from anthropic import AsyncAnthropic

from stream_core.core import errors as e
from stream_core.core.blocks import used_tool_ids
from stream_core.core.body_decoder import EventReader
from stream_core.core.deltas import Delta, Failed, Unknown, Usage
from stream_core.core.deviations import Notes
from stream_core.core.error_frames import error_from_frame
from stream_core.core.event_translator import ErrorEvent, Translator
from stream_core.core.wire_json import WireJson

from .body_limit import is_limited, limit, limit_of
from .error_map import failure_in_stream, failure_to_open
from .platforms import explaining_needs, open_response
from .redaction import redactor_of

_LIMITS = "ratelimit"  # `anthropic-ratelimit-…`; other servers say `x-ratelimit-…`


class OpenedStream:
    """A response whose headers are there: its bytes, and what makes deltas of them.

    The SDK built and sent the request; its own decoder and snapshot are not used.

    Args:
        response: the SDK's.
        request: what was asked for.
        whole: whether the answer was asked for whole.

    Attributes:
        response: the SDK's.
        chunks: the body's bytes, decoded as HTTP.
        translator: what makes deltas of its events.
        broken: why the reply cannot go on, or None: the server reports an error, the bytes cannot be those
            of a reply, or it is not the Messages API that answered. What came before has been returned.
    """

    def __init__(self, response: Any, request: Mapping[str, Any], *, whole: bool = False) -> None:
        self.response, self._model = response, str(request.get("model", ""))
        headers, used_ids = response.headers, used_tool_ids(request.get("messages", ()))
        self._request_id = headers.get("request-id")
        limits = {name.lower(): value for name, value in headers.items() if _LIMITS in name.lower()}
        notes = Notes()
        if not is_limited(response):  # the client is none of `open_client`
            limit(response)
        wire_json = WireJson(limit_of(response))
        self._reader = EventReader(headers.get("content-type", ""), notes, whole=whole, wire_json=wire_json)
        self.translator = Translator(self._request_id, limits, used_ids, notes, wire_json)
        self.broken: e.StreamCoreError | None = None
        self.chunks: AsyncGenerator[bytes, None] = response.aiter_bytes()

    def feed(self, chunk: bytes, at: float) -> list[Delta]:
        """Take the next bytes, which were read at `at`; return what they bring, up to the ending."""
        return self._translated(self._reader.feed(chunk), at)

    def end(self, at: float) -> list[Delta]:
        """The body has ended, and the ending has not come: return what is left, and how that ends."""
        deltas = self._translated(self._reader.close(), at)
        if self.broken is None and not self.translator.ended:
            try:
                last = self.translator.end(at, done=self._reader.sorter.done)
            except e.ProtocolError as error:  # the input of a call that nothing closed is too large
                self.broken, last = error, ()
            for delta in last:
                if isinstance(delta, Failed):
                    self.broken = self._something_else() or delta.error
                else:
                    deltas.append(delta)
        return deltas

    def _something_else(self) -> e.StreamCoreError | None:
        """The error of a response that is not the Messages API, or that broke off after an error message."""
        if self._reader.sorter.said is not None:
            return self._error(self._reader.sorter.said)
        if self._reader.sorter.foreign and not self.translator.opened:
            return e.NotTheApi(status=self.response.status_code, request_id=self._request_id)
        return self._error(self._reader.sorter.words) if self._reader.sorter.words else None

    def _translated(self, events: list[dict[str, Any]], at: float) -> list[Delta]:
        deltas: list[Delta] = []
        translator = self.translator
        try:
            for event in events:
                new = translator.translate(event, at)
                if new and type(new[0]) is Unknown and deltas[-1:] == [*new]:
                    continue  # a flood of them would fill the mailbox, and tells nothing more
                deltas += new
                if translator.ended:
                    return deltas
        except ErrorEvent as error:
            self.broken = self._error(error.body)
        except e.ProtocolError as error:
            self.broken = error
        self.broken = self.broken or self._reader.broken
        return deltas

    @property
    def usage(self) -> Usage | None:
        """Tokens as far as the API has reported them, or None."""
        return self.translator.usage if self.translator.opened else None

    def _error(self, body: Any) -> e.StreamCoreError:
        return error_from_frame(
            body,
            self.response.status_code,
            model=self._model,
            request_id=self._request_id,
            redact=redactor_of(self.response.request),
        )


@asynccontextmanager
async def open_stream(client: AsyncAnthropic, request: Mapping[str, Any]) -> AsyncIterator[OpenedStream]:
    """Send a request; the stream is there once its headers are.

    Raises:
        UsageError: as `open_response`.
    """
    async with open_response(client, request) as response:
        opened = OpenedStream(response, request)
        try:
            yield opened
        finally:
            # Here, on their own loop: left in the middle, the transport's generators would wait for the
            # garbage collection, which may run on another thread. What closing raises is of no interest.
            with suppress(Exception):
                await opened.chunks.aclose()


async def fetch(client: AsyncAnthropic, request: Mapping[str, Any]) -> list[Delta]:
    """Ask without streaming, and give the whole answer as deltas that all arrive at the same moment.

    Whatever comes back is read as a stream is: a message, events after all, an error, or nothing of the API.
    """
    model, deltas = str(request.get("model", "")), list[Delta]()
    opened: OpenedStream | None = None
    try:
        async with AsyncExitStack() as stack:
            with explaining_needs(client):
                create = client.messages.with_streaming_response.create
                answer = await stack.enter_async_context(create(**request))
            # In pieces: the SDK would hold the body twice before it is decoded.
            opened = OpenedStream(answer.http_response, request, whole=True)
            chunks = await stack.enter_async_context(aclosing(opened.chunks))
            async for chunk in chunks:
                deltas += opened.feed(chunk, time.monotonic())
                if opened.broken is not None or opened.translator.ended:
                    break
    except Exception as error:
        found = failure_to_open(error, model) if opened is None else failure_in_stream(error, model)
        if found is None or isinstance(found, e.UsageError):
            raise
        return [*deltas, Failed(found, time.monotonic(), None if opened is None else opened.usage)]
    at = time.monotonic()
    if opened.broken is None and not opened.translator.ended:
        deltas += opened.end(at)
    if opened.broken is not None:
        deltas.append(Failed(opened.broken, at, opened.usage))
    return deltas
