"""A limit on the body of a response, after content decoding: what a server may make this program hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from stream_core.core.errors import ReplyTooLarge

MAX_REPLY_BYTES = 32 * 1024 * 1024
"""The default limit of a reply in bytes."""
_MAX_ERROR_BYTES = 128 * 1024  # of an error response, which the SDK parses; the rest is not read
_PIECE = 16 * 1024  # bytes that are worked on before the event loop runs again


class BodyLimit:
    """A response hook for an `httpx2` client.

    Args:
        most: bytes of a successful response, after which reading it raises `ReplyTooLarge`.
    """

    def __init__(self, most: int = MAX_REPLY_BYTES) -> None:
        self._most = most

    async def __call__(self, response: Any) -> None:
        """Limit a response whose body has not been read."""
        limit(response, self._most)


def limit(response: Any, most: int = MAX_REPLY_BYTES) -> None:
    """Limit the body of an `httpx2` response that has not been read; of an error, the beginning is enough."""
    read = response.aiter_bytes
    response.max_reply_bytes = most
    response.aiter_bytes = lambda chunk_size=None: _pieces(response, read(chunk_size), most)


async def _pieces(
    response: Any, chunks: AsyncGenerator[bytes, None], most: int
) -> AsyncGenerator[bytes, None]:
    left = min(_MAX_ERROR_BYTES, most // 8) if response.is_error else most
    async with aclosing(chunks):
        async for chunk in chunks:
            for start in range(0, len(chunk), _PIECE):
                piece = chunk[start : start + _PIECE]
                left -= len(piece)
                if left < 0 and response.is_error:
                    return
                if left < 0:
                    raise ReplyTooLarge
                yield piece
                if len(chunk) > _PIECE:
                    await asyncio.sleep(0)


def is_limited(response: Any) -> bool:
    """Whether the hook has seen this response."""
    return "aiter_bytes" in vars(response)


def limit_of(response: Any) -> int:
    """The limit of a response that `is_limited`, in bytes."""
    return int(response.max_reply_bytes)
