"""The byte tap: what is done with each chunk of a response before it is decoded."""
# See docs/adr/0003-tap-on-decoded-bytes.md
# See docs/adr/0004-finish-generators-on-their-loop.md

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator


class RecordFailed(Exception):
    """The caller's `record` raised; `error` is what."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Tap:
    """The one place where the bytes of a response pass by, as they are once `content-encoding` is undone.

    It stamps each chunk with the clock, and gives a copy to whoever records, after an empty one, which begins
    the response.

    Attributes:
        at: when the newest chunk was read, in seconds on the monotonic clock.
    """

    __slots__ = ("_record", "at")

    def __init__(self, record: Callable[[bytes, float], None] | None = None) -> None:
        self.at = time.monotonic()
        self._record = record

    def note(self, chunk: bytes) -> None:
        """A chunk has been read; an empty one: the response has begun.

        Raises:
            RecordFailed: who records could not take it.
        """
        self.at = time.monotonic()
        if self._record is not None:
            try:
                self._record(chunk, self.at)
            except Exception as error:
                raise RecordFailed(error) from error


def clear_frames(error: BaseException) -> None:
    """Empty the frames that an exception came through, on which the transport's generators hang."""
    for cause in causes_of(error):
        traceback.clear_frames(cause.__traceback__)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and those behind it: the SDK names the cause of a connection error only there."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
