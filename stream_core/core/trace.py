"""The trace of a reply: its events as they came over the wire, in bounded memory. Pure, fed and asked.

Bytes are cut into events and kept; what an event says is read only when somebody looks at it.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeAlias

from .errors import ReplyTooLarge
from .wire import Answered, Ended, Received, Sent, WireEvent
from .wire_json import WireJson

Kind: TypeAlias = Literal["sent", "answered", "event", "rest", "ended"]
"""A request, its headers, an event, bytes that were no whole event, the end of an attempt."""

_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LONGEST_END = 4
_MOST_ENTRIES = 8000
_MOST_BYTES = 4 * 1024 * 1024
_MOST_KEPT = 64 * 1024  # bytes of one event; the rest is counted

_PIECES = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
    "signature_delta": "signature",
}


class Entry(NamedTuple):
    """Something that came over the wire, or went.

    Attributes:
        number: of the event, from 1; 0 for what is none.
        kind: what it is.
        at: seconds since the first request of the reply.
        data: the bytes of an event, the first 64 KiB at most.
        size: how many it had.
        facts: the attempt of a request, the status and headers of an answer, how an attempt ended.
    """

    number: int
    kind: Kind
    at: float
    data: bytes = b""
    size: int = 0
    facts: tuple[str, ...] = ()


_entry: Callable[[tuple[int, Kind, float, bytes, int, tuple[str, ...]]], Entry] = partial(
    tuple.__new__, Entry
)
"""An entry; its own constructor takes twice as long, and there is one for each event."""


class Trace:
    """The wire of the last reply: a `WireRecorder`. Fed on one thread and read on others.

    Attributes:
        events: events so far.
        size: bytes of bodies so far.
        attempts: requests so far, attempts included.
        dropped: entries that are not kept any more: the oldest go first.
        started: the monotonic time of the first request, or None.
    """

    def __init__(self, most_entries: int = _MOST_ENTRIES, most_bytes: int = _MOST_BYTES) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """Forget everything: another reply begins."""
        with self._lock:
            self._entries: deque[Entry] = deque()
            self._kept = 0
            self._open = bytearray()
            self.events = self.size = self.attempts = self.dropped = 0
            self.started: float | None = None

    def __call__(self, event: WireEvent) -> None:
        """Take the next wire event."""
        with self._lock:
            if self.started is None:
                self.started = event.at
            at = event.at - self.started
            if type(event) is Received:
                data = event.data
                self.size += len(data)
                if not self._open and 0 < data.find(b"\n\n") == len(data) - 2 and b"\r" not in data:
                    self._whole(data, "event", at)  # most chunks are one event
                else:
                    self._cut(data, at)
                return
            match event:
                case Sent(request, attempt):
                    self.attempts += 1
                    self._add(Entry(0, "sent", at, facts=(str(attempt), str(request.get("model", "")))))
                case Answered(status, headers):
                    kind = headers.get("content-type", "").partition(";")[0]
                    self._add(Entry(0, "answered", at, facts=(str(status), kind)))
                case Ended(how):
                    if self._open:
                        self._whole(bytes(self._open), "rest", at)
                        self._open.clear()
                    self._add(Entry(0, "ended", at, facts=(how,)))

    def snapshot(self) -> list[Entry]:
        """The entries that are kept, oldest first."""
        with self._lock:
            return list(self._entries)

    def newest(self, count: int) -> list[Entry]:
        """The newest entries, the oldest of them first."""
        with self._lock:
            found = list(islice(reversed(self._entries), count))
        return found[::-1]

    def since(self, seen: int) -> tuple[list[Entry], int]:
        """The entries after the first `seen` of all, as far as they are kept, and how many there are now."""
        with self._lock:
            total = self.dropped + len(self._entries)
            found = list(islice(reversed(self._entries), max(0, total - seen)))
        return found[::-1], total

    def _cut(self, data: bytes, at: float) -> None:
        start = max(0, len(self._open) - _LONGEST_END + 1)
        self._open += data
        begun = 0
        for found in _EVENT_END.finditer(self._open, start):
            self._whole(bytes(self._open[begun : found.end()]), "event", at)
            begun = found.end()
        if begun:
            del self._open[:begun]

    def _whole(self, data: bytes, kind: Kind, at: float) -> None:
        self.events += 1
        self._add(_entry((self.events, kind, at, data[:_MOST_KEPT], len(data), ())))

    def _add(self, entry: Entry) -> None:
        entries = self._entries
        entries.append(entry)
        self._kept += len(entry.data)
        while len(entries) > self._most_entries or self._kept > self._most_bytes:
            self._kept -= len(self._entries.popleft().data)
            self.dropped += 1


class Meaning(NamedTuple):
    """The meaning of an event.

    Attributes:
        name: its type, or its `event` field, or "".
        piece: the piece of content that it brings; None where it brings none.
        payload: its JSON; empty where it has none.
    """

    name: str
    piece: str | None
    payload: Mapping[str, Any]


@lru_cache(maxsize=32)
def _decoded(name: bytes) -> str:
    return name.strip().decode("utf-8", "replace")


def name_of(data: bytes) -> str:
    """The name of an event: its `event` field if that comes first, as it mostly does, else as `meaning`."""
    if data.startswith(b"event: "):
        end = data.find(b"\n")
        if end > 7:
            return _decoded(data[7:end])
    return meaning(data).name


def meaning(data: bytes) -> Meaning:
    """Read the bytes of one event."""
    name, lines = "", []
    for line in data.splitlines():
        field, _, value = line.partition(b":")
        if field == b"event":
            name = value.strip().decode("utf-8", "replace")
        elif field == b"data":
            lines.append(value)
    try:
        payload = WireJson().load((b"\n".join(lines) if lines else data).decode("utf-8-sig", "surrogatepass"))
    except (ValueError, ReplyTooLarge):  # no larger than what the reply itself is read from
        return Meaning(name, None, {})
    if not isinstance(payload, dict):
        return Meaning(name, None, {})
    delta, kind = payload.get("delta"), payload.get("type")
    found = delta.get(_PIECES.get(str(delta.get("type")), "")) if isinstance(delta, dict) else None
    piece = found if isinstance(found, str) else None
    return Meaning(kind if isinstance(kind, str) else name, piece, payload)
