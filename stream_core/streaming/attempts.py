"""The task of one reply: attempts, read from the wire at the wire's own speed.

It tries again where the policy allows, watches over silence, and tells a complete reply from a cut one.
"""
# See docs/adr/0004-finish-generators-on-their-loop.md

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from stream_core.core.deltas import (
    Cancelled,
    Delta,
    Ending,
    Failed,
    Finished,
    Text,
    ToolInput,
    Unknown,
    Waiting,
)
from stream_core.core.errors import (
    ConnectionLost,
    FileGone,
    IdleTimeout,
    StreamCoreError,
    TotalTimeout,
    Truncated,
    UsageError,
)
from stream_core.core.wire import How
from stream_core.sdk.byte_tap import RecordFailed, Tap, clear_frames

from .stream_request import StreamRequest
from .task import StreamTask
from .timeouts import SilenceWatch
from .upload_watch import UploadWatch

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.sdk.streams import OpenedStream

# After message_stop the rest of the body is read, so that the connection can be used again; a server that
# does not end it has this many seconds.
_DRAIN_SECONDS = 0.5


class ReplyTask(StreamTask[Delta]):
    """Runs one reply on the loop: attempts, retries, watch over silence, exactly one ending."""

    def __init__(self, order: StreamRequest) -> None:
        super().__init__(order.client)
        self._order = order
        self._attempt = 1
        self._mended: set[type[StreamCoreError]] = set()  # errors after which it was sent once more at once
        self._empty = 0  # attempts that were answered by a success with nothing in it
        self._opened = False  # the headers of this attempt have come
        self._content = False  # text has been handed over: no retry any more
        self._waited = 0.0  # seconds between attempts so far
        self._limit: StreamCoreError | None = None  # what this attempt was ended for
        self._stream: OpenedStream | None = None  # of this attempt, once its headers have come
        self._watch = SilenceWatch(order.timeouts, self._wait, self._expire)
        self._upload = UploadWatch(self._tell_upload)

    async def _run(self) -> None:
        from stream_core.sdk.client import with_our_timeouts  # loads the SDK, on this thread

        order = self._order
        # Its retries are off: ours are visible, and there are none without a policy.
        client = with_our_timeouts(order.client, order.timeouts.connect, order.timeouts.longest)
        if order.timeouts.total is not None:
            self._watch.deadline = time.monotonic() + order.timeouts.total
        while True:
            ending = await self._try_once(client)
            if ending is None:
                return
            delay = self._delay(ending)
            if delay is None or not isinstance(ending, Failed):
                self._end(ending)
                return
            await self._count_down(delay, ending.error)

    def _delay(self, ending: Ending) -> float | None:
        """Seconds until the next attempt; None when there is none."""
        if (
            isinstance(ending, Failed)
            and type(ending.error) not in self._mended
            and self._mends(ending.error)
        ):
            self._mended.add(type(ending.error))
            return 0.0
        if not isinstance(ending, Failed) or self._order.retry is None or self._content:
            return None
        if isinstance(ending.error, Truncated) and not self._watch.begun:
            # Nobody is overloaded there: one more time may be luck, but waiting longer does not help.
            self._empty += 1
            if self._empty > 1:
                return None
        delay = self._order.retry.delay(self._attempt, ending.error, self._waited)
        return delay if delay is not None and time.monotonic() + delay < self._watch.deadline else None

    def _mends(self, error: StreamCoreError) -> bool:
        """Whether sending the request once more mends an error that is no failure of it."""
        # The server had given up a connection that was kept open, or a file that was uploaded before.
        gone = isinstance(error, FileGone) and self._order.uploads is not None
        return gone or getattr(error, "stale", False)

    async def _try_once(self, client: AsyncAnthropic) -> Ending | None:
        """One attempt. Gives how it ended, or None when the ending was handed over already."""
        from stream_core.sdk.error_map import failure_in_stream, failure_to_open
        from stream_core.sdk.streams import open_stream
        from stream_core.sdk.upload_progress import reporting_to

        tap, request = Tap(self._order.record), self._order.request
        self._opened = False
        self._limit = self._stream = None
        self._upload.start()
        self._watch.start()
        how: How = "cut"
        sent = False
        try:
            with reporting_to(self._sending):
                if self._order.uploads is not None:
                    request = await self._order.uploads.prepared(client, request)
                    self._watch.heard = time.monotonic()
                tap.sent(client, request, self._attempt)
                sent = True
                async with open_stream(client, request) as self._stream:
                    self._opened = True
                    await self._read(self._stream, tap)
                    return None
        except asyncio.CancelledError:
            how = "cancel" if self._cancelled or self._limit is None else "timeout"
            if self._cancelled or self._limit is None:
                raise
            _uncancel(self._task)
            return self._or_complete(self._limit)
        except Exception as error:
            if self.ended:
                return None  # the reply was complete; what closing it raised is of no interest
            if isinstance(error, RecordFailed):
                raise error.error from None  # the caller's own mistake, not the server's
            if sent and not self._opened:
                tap.refused(error)
            model = str(request.get("model", ""))
            found = (failure_in_stream if self._opened else failure_to_open)(error, model)
            if found is None or isinstance(found, UsageError):
                raise
            self._note_upload(found, request)
            clear_frames(error)
            return self._or_complete(found)
        finally:
            self._watch.stop()
            _end_tap(tap, "end" if self.ended else how)

    async def _read(self, stream: OpenedStream, tap: Tap) -> None:
        """Hand over the deltas of a stream that is open, to its ending."""
        tap.answered(stream.response)
        async for chunk in stream.chunks:
            tap.note(chunk)
            for delta in stream.feed(chunk, tap.at):
                self._hand_over(delta)
            if self.ended:
                await _drain(stream.chunks, tap)
                return
            if stream.broken is not None:
                break
        else:
            for delta in stream.end(time.monotonic()):
                self._hand_over(delta)
        tap.end("end")
        if stream.broken is not None:
            raise stream.broken

    def _note_upload(self, error: StreamCoreError, request: Mapping[str, Any]) -> None:
        """Note what an error has to do with files that were sent."""
        if isinstance(error, ConnectionLost):
            error.sending = self._upload.unfinished
        elif isinstance(error, FileGone) and self._order.uploads is not None:
            self._order.uploads.forget(request)

    def _or_complete(self, error: StreamCoreError) -> Ending | None:
        """Return the ending of a reply that an error cut; without message_stop alone nothing is lost."""
        at, stream = time.monotonic(), self._stream
        if stream is None:
            return Failed(error, at)
        if isinstance(error, (ConnectionLost, IdleTimeout, TotalTimeout)):
            for delta in stream.translator.end(at):
                if not isinstance(delta, Failed):
                    self._hand_over(delta)
            if self.ended:
                return None
        return Failed(error, at, stream.usage)

    def _cancelled_at(self, at: float) -> Cancelled:
        return Cancelled(at, self._stream.usage if self._stream is not None else None)

    def _hand_over(self, delta: Delta) -> None:
        watch, kind = self._watch, type(delta)
        watch.begun = True
        if kind is not Unknown:
            watch.heard = delta.at
        if kind is Text or kind is ToolInput:
            self._content = True
        elif kind is Finished:
            watch.stop()
            self._end(delta)
            return
        self._put(delta)

    # -- waiting ------------------------------------------------------------------------------

    def _sending(self, sent: int, size: int) -> None:
        self._watch.heard = time.monotonic()
        self._upload.note(sent, size, self._watch.heard)

    def _tell_upload(self, sent: int, size: int, waited: float, at: float) -> None:
        self._put(Waiting("upload", self._attempt, self._most_attempts, waited, at, sent=sent, size=size))

    def _expire(self, limit: StreamCoreError) -> None:
        if not self.ended and self._task is not None:
            self._limit = limit
            self._task.cancel()

    async def _count_down(self, delay: float, cause: StreamCoreError) -> None:
        self._attempt += 1
        self._waited += delay
        until, left = time.monotonic() + delay, delay
        while True:  # once also when there is nothing to wait for: no retry is silent
            self._wait("retry", left, cause)
            await asyncio.sleep(min(left, 1.0))
            if (left := until - time.monotonic()) <= 0:
                return

    def _wait(
        self,
        reason: Literal["retry", "first_byte", "idle"],
        seconds: float,
        cause: StreamCoreError | None = None,
    ) -> None:
        if reason == "first_byte" and self._upload.unfinished:
            self._upload.tell(time.monotonic())
        else:
            of = self._most_attempts
            self._put(Waiting(reason, self._attempt, of, seconds, time.monotonic(), cause))

    @property
    def _most_attempts(self) -> int:
        return max(self._attempt, self._order.retry.attempts if self._order.retry is not None else 1)


async def _drain(chunks: AsyncIterator[bytes], tap: Tap) -> None:
    async def exhaust() -> None:
        async for chunk in chunks:
            tap.note(chunk)

    try:
        await asyncio.wait_for(exhaust(), _DRAIN_SECONDS)
    except Exception:  # noqa: BLE001, S110 -- the reply is complete; only a connection is at stake
        pass


def _end_tap(tap: Tap, how: How) -> None:
    try:
        tap.end(how)
    except RecordFailed as failed:
        raise failed.error from None


def _uncancel(task: asyncio.Task[None] | None) -> None:
    """Take back a cancel that was our own (Python 3.11 counts them)."""
    uncancel = getattr(task, "uncancel", None)
    if uncancel is not None:
        uncancel()
