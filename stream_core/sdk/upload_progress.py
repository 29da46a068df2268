"""The progress of sending the body of a request.

The body of a request with files takes minutes on a slow line. The transport of `open_client` cuts it into
pieces and tells of each one that the network took; whoever sends the request says where to (`reporting_to`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

import httpx2

LEAST = 256 * 1024
"""Bytes of a body: a smaller one is not worth telling about."""

_PIECE = 64 * 1024

Progress: TypeAlias = Callable[[int, int], None]
"""Takes the bytes of a body that were sent, and all its bytes."""

_progress: ContextVar[Progress | None] = ContextVar("progress", default=None)


@contextmanager
def reporting_to(progress: Progress) -> Iterator[None]:
    """Within it, the requests that this task sends tell `progress` how far their bodies are sent."""
    token = _progress.set(progress)
    try:
        yield
    finally:
        _progress.reset(token)


def watch(request: httpx2.Request) -> None:
    """Report how much of a request's body is sent, if somebody listens and the body is large."""
    progress, written = _progress.get(), request.headers.get("content-length", "")
    if progress is None or not written.isdigit() or int(written) < LEAST:
        return
    if isinstance(request.stream, httpx2.AsyncByteStream):
        request.stream = _Counted(request.stream, int(written), progress)


class _Counted(httpx2.AsyncByteStream):
    """A body in pieces; when one is asked for, the network has taken those before it."""

    def __init__(self, body: httpx2.AsyncByteStream, size: int, progress: Progress) -> None:
        self._body, self._size, self._progress = body, size, progress

    async def __aiter__(self) -> AsyncIterator[bytes]:
        sent = 0
        self._progress(sent, self._size)
        async for part in self._body:
            for begin in range(0, len(part), _PIECE):
                piece = part[begin : begin + _PIECE]
                yield piece
                sent += len(piece)
                self._progress(sent, self._size)

    async def aclose(self) -> None:
        await self._body.aclose()
