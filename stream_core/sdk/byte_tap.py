"""The byte tap, and an orderly end for what stands above it: what is done to one response, below the decoder.

It knows the SDK's stream by its methods alone, so the SDK need not be loaded here.
"""
# See docs/adr/0003-tap-on-decoded-bytes.md
# See docs/adr/0004-finish-generators-on-their-loop.md

from __future__ import annotations

import codecs
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, suppress
from typing import Any


class RecordFailed(Exception):
    """The caller's `record` raised; `error` is what."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Tap:
    """The one place where the bytes of a response pass by, below the SDK's decoder.

    It stamps each chunk with the clock, gives a copy to whoever records (after an empty one, which begins the
    response), and repairs what breaks the SDK's
    decoder: invalid UTF-8 (becomes U+FFFD) and a leading byte order mark (dropped).

    Attributes:
        at: when the newest chunk was read, in seconds on the monotonic clock.
        shut: whether the bytes end here, whatever the server still has to send.
    """

    __slots__ = ("_decoder", "_record", "at", "shut")

    def __init__(self, record: Callable[[bytes, float], None] | None = None) -> None:
        self.at = time.monotonic()
        self.shut = False
        self._record = record
        # "utf-8-sig" is "utf-8" less a leading byte order mark.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")

    async def over(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Pass the chunks through."""
        async with aclosing(chunks):
            self._note(b"")
            async for chunk in chunks:
                self._note(chunk)
                yield self._decoder.decode(chunk).encode()
                if self.shut:
                    return
            yield self._decoder.decode(b"", final=True).encode()

    def _note(self, chunk: bytes) -> None:
        self.at = time.monotonic()
        if self._record is not None:
            try:
                self._record(chunk, self.at)
            except Exception as error:
                raise RecordFailed(error) from error


async def finish_generators(stream: Any, tap: Tap, tapped: AsyncGenerator[bytes, None]) -> None:
    """Bring the generators of the SDK and of its transport to their end here, on their own loop.

    Left in the middle they would wait for the garbage collection. When that runs on another thread it can
    find one that is just being closed, and Python complains of that on stderr. What is raised on the way says
    nothing: what becomes of the reply was decided before.
    """
    tap.shut = True
    with suppress(Exception):
        await stream.until_done()  # at once: no more bytes come
    with suppress(Exception):
        await tapped.aclose()  # where those above it had broken, nothing of that came down here


def clear_frames(error: BaseException) -> None:
    """Empty the frames that an exception came through, on which the SDK's generators hang."""
    for cause in causes_of(error):
        traceback.clear_frames(cause.__traceback__)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and those behind it: the SDK names the cause of a connection error only there."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
