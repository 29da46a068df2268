"""Opened requests of the SDK: one that streams, and one that comes whole."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from anthropic import AsyncAnthropic

from stream_core.core import errors as e
from stream_core.core.deltas import Delta, Failed
from stream_core.core.events import whole_message

from .byte_tap import Tap, finish_generators
from .error_map import failure_to_open


@asynccontextmanager
async def open_stream(manager: Any, tap: Tap) -> AsyncIterator[Any]:
    """Send the request of a `messages.stream(...)` and give the SDK's stream once the headers are there.

    Raises:
        NotTheApi: the answer is a success, but not an event stream.
    """
    async with manager as stream:
        response = stream.response
        content_type = response.headers.get("content-type", "text/event-stream")
        if not content_type.lower().startswith("text/event-stream"):
            raise e.NotTheApi(status=response.status_code, request_id=stream.request_id)
        # On the decoded bytes of this one response: whatever client it came from, nothing else is touched.
        tapped = tap.over(type(response).aiter_bytes(response))
        response.aiter_bytes = lambda: tapped
        try:
            yield stream
        finally:
            await finish_generators(stream, tap, tapped)
            del response.aiter_bytes  # response and function would hold each other


async def fetch(client: AsyncAnthropic, request: Mapping[str, Any]) -> list[Delta]:
    """Ask without streaming, and give the whole answer as deltas that all arrive at the same moment."""
    try:
        message = await client.messages.create(**request)
    except Exception as error:
        found = failure_to_open(error, str(request.get("model", "")))
        if found is None:
            raise
        return [Failed(found, time.monotonic())]
    return list(whole_message(message, time.monotonic()))
