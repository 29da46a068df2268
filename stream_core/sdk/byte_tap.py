"""The tap: reports each attempt, and each chunk of its response before it is decoded."""
# See docs/adr/0003-tap-on-decoded-bytes.md
# See docs/adr/0004-finish-generators-on-their-loop.md

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from stream_core.core.wire import Answered, Ended, How, Received, Sent, WireEvent, WireRecorder

from .redaction import redactor_of, redactor_of_client


class RecordFailed(Exception):
    """The caller's `record` raised; `error` is what."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Tap:
    """The one place where what goes over the wire passes by; the bytes as they are once decoded as HTTP.

    It stamps each event with the clock and passes it to the recorder. The end of an attempt is reported once.

    Attributes:
        at: when the newest chunk was read, in seconds on the monotonic clock.
    """

    __slots__ = ("_ended", "_record", "at")

    def __init__(self, record: WireRecorder | None = None) -> None:
        self.at = time.monotonic()
        self._record = record
        self._ended = True

    def sent(self, client: Any, request: Mapping[str, Any], attempt: int) -> None:
        """A request is sent now. Raises `RecordFailed`, as all below."""
        self.at, self._ended = time.monotonic(), False
        if self._record is not None:
            self._tell(Sent(request, attempt, self.at, redactor_of_client(client)))

    def answered(self, response: Any) -> None:
        """The headers of an `httpx2` response are there."""
        self.at = time.monotonic()
        if self._record is not None:
            headers = {name.lower(): value for name, value in response.headers.items()}
            redact = redactor_of(response.request)
            self._tell(Answered(response.status_code, headers, self.at, redact))

    def note(self, chunk: bytes) -> None:
        """A chunk has been read."""
        self.at = time.monotonic()
        if self._record is not None:
            self._tell(Received(chunk, self.at))

    def refused(self, error: Exception) -> None:
        """The request was answered by an error status, whose response has been read."""
        response = getattr(error, "response", None)
        if self._record is None or response is None:
            return
        self.answered(response)
        content = b""
        with suppress(Exception):  # it was not read after all
            content = response.content
        if content:
            self._tell(Received(content, self.at))
        self.end("end")

    def end(self, how: How) -> None:
        """Report the end of the attempt; further calls do nothing."""
        if not self._ended:
            self._ended = True
            self._tell(Ended(how, time.monotonic()))

    def _tell(self, event: WireEvent) -> None:
        """Tell who records.

        Raises:
            RecordFailed: who records could not take it.
        """
        if self._record is not None:
            try:
                self._record(event)
            except Exception as error:
                self._record = None
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
