"""`StreamRequest`: what a reply is asked for with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream_core.core.wire import WireRecorder

from .retry import RetryPolicy
from .timeouts import Timeouts

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.sdk.uploads import Uploads


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """The request of a stream."""

    client: AsyncAnthropic
    request: Mapping[str, Any]
    retry: RetryPolicy | None
    timeouts: Timeouts
    record: WireRecorder | None
    uploads: Uploads | None = None

    @classmethod
    def create(
        cls,
        client: AsyncAnthropic,
        request: Mapping[str, Any],
        retry: RetryPolicy | None,
        timeouts: Timeouts | None,
        record: WireRecorder | None,
        uploads: Uploads | None = None,
    ) -> StreamRequest:
        """Take an order so that it can be sent more than once: an iterator would be empty the second time."""
        again = {
            name: list(value) if isinstance(value, Iterator) else value for name, value in request.items()
        }
        return cls(client, again, retry, timeouts or Timeouts(), record, uploads)
