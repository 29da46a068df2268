"""Server-sent events from the bytes of a response: pure, fed with chunks and asked for events.

By https://html.spec.whatwg.org/multipage/server-sent-events.html, sections 9.2.5 and 9.2.6: UTF-8 with one
leading byte order mark dropped and what is no UTF-8 replaced; lines that end in CR, LF or CRLF, wherever the
chunks are cut; `event`, `data`, `id` and `retry`; a comment begins with a colon; a blank line ends an event.

Time and memory are linear in what is fed, whatever the size of a chunk, a line or an event.
"""
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .text_size import PIECE, TextSize, decoded_size
from .wire_json import WireJson

_BOM = b"\xef\xbb\xbf"
_FIELDS = (b"data", b"event", b"id", b"retry")

_LARGE = 1 << 16  # bytes of a line that is not worth a copy
_NAMED = (b"event:", b"id:", b"retry:")
_WITHIN = 100  # bytes of a line in which the name of a field is looked for

NO_FIELD = "\n"
"""The name given to a line that is no field: no name of an event can hold a line feed."""


class SseEvent(NamedTuple):
    """One event.

    Attributes:
        name: its `event` field, or "" where it has none (the standard then says "message").
        data: its `data` lines, joined by line feeds.
    """

    name: str
    data: str


class SseDecoder:
    """The events of one response.

    Args:
        eager: whether a `data` or `event` line after data that is a whole JSON object begins another event.
            The standard says no; there are servers that leave out the blank lines, and no JSON object is
            still one when something follows it. Nor does the standard know fields in capitals or after white
            space, and it drops a line that is no field; here that comes out under the name `NO_FIELD`: it may
            be an error page, or an event that lacks its `data:`.
        wire_json: what parses the data for that.

    Attributes:
        last_event_id: the `id` in force at the newest event.
        retry: the newest `retry` in milliseconds, or None.
        bad_utf8: whether bytes came that are no UTF-8.
        joined: whether `eager` had to part events that stood together.
    """

    __slots__ = (
        "_after_cr",
        "_begun",
        "_data",
        "_eager",
        "_id",
        "_json",
        "_line",
        "_name",
        "_size",
        "bad_utf8",
        "joined",
        "last_event_id",
        "retry",
    )

    def __init__(self, *, eager: bool = False, wire_json: WireJson | None = None) -> None:
        self._eager = eager
        self._json = wire_json or WireJson()
        self._line = bytearray()  # what there is of a line that has not ended
        self._after_cr = False  # a LF at the beginning of the next chunk belongs to the line that ended
        self._begun = False  # the first line has been seen, and with it the place of a byte order mark
        self._name = ""
        self._data: list[str] = []
        self._size = TextSize()  # of the data joined
        self._id = ""
        self.last_event_id = ""
        self.retry: int | None = None
        self.bad_utf8 = False
        self.joined = False

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Take the next bytes; return the events that they complete."""
        events: list[SseEvent] = []
        self._take(self._lines(chunk), events)
        return events

    def _take(self, lines: Sequence[bytes | bytearray], events: list[SseEvent]) -> None:
        for line in lines:
            if not line:
                if self._data:
                    events.append(self._dispatch())
                self._name, self.last_event_id = "", self._id
            elif line.startswith(b"data:"):
                begin = 6 if line[5:6] == b" " else 5
                piece = self._text(line[begin:] if len(line) < _LARGE else memoryview(line)[begin:])
                if len(self._data) == 1 and self._eager and piece:
                    self._part(events)
                self._data.append(piece)
                self._size.add(piece)
                if len(self._data) > 1:
                    self._json.expect(self._size.characters * self._size.width + PIECE * len(self._data))
            else:
                self._field(line, events)

    def _lines(self, chunk: bytes) -> Sequence[bytes | bytearray]:
        """The lines that end in a chunk."""
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        # Bytes are split at CR, LF and CRLF, and nowhere else.
        lines: list[bytes | bytearray] = [*chunk.splitlines()]
        rest = lines.pop() if chunk[-1] not in b"\r\n" else b""
        if lines and self._line:
            self._line += lines[0]
            lines[0], self._line = self._line, bytearray()
        self._line += rest
        if lines and not self._begun:
            self._begun = True
            lines[0] = lines[0].removeprefix(_BOM)
        return lines

    def finish(self) -> tuple[list[SseEvent], SseEvent | None]:
        """The body has ended: return the events that its last line completes, and one without its blank line.

        The standard drops that one: it may have been cut anywhere. Whoever takes it must find out that it is
        whole.
        """
        rest, self._line = bytes(self._line), bytearray()
        if not self._begun:
            rest = rest.removeprefix(_BOM)
        cut = any(field.startswith(rest) for field in _FIELDS)  # nothing that is worth a word
        events = [] if cut else self.feed(rest + b"\n")
        return events, self._dispatch() if self._data else None

    def _dispatch(self) -> SseEvent:
        data = self._data[0] if len(self._data) == 1 else "\n".join(self._data)
        event = SseEvent(self._name, data)
        self._data, self._size = [], TextSize()
        return event

    def _part(self, events: list[SseEvent]) -> None:
        """Emit the gathered data as an event if it is a complete JSON object."""
        if self._json.is_whole_object("\n".join(self._data)):
            self.joined = True
            events.append(self._dispatch())

    def _field(self, line: bytes | bytearray, events: list[SseEvent]) -> None:
        if len(line) > _LARGE and line.startswith(_NAMED):
            return  # no name or id is as long
        name, _, value = line.partition(b":") if len(line) <= _LARGE else (line[:1], b"", b"")
        value = value.removeprefix(b" ")
        if name == b"event":
            if self._data and self._eager:
                self._part(events)
            self._name = self._text(value)
        elif name == b"data":
            self._data.append("")  # a line without a colon: the field is there, and empty
        elif name == b"id":
            if b"\0" not in value:
                self._id = self._text(value)
        elif name == b"retry" and value.isdigit():  # of bytes, these are the ASCII digits
            self.retry = int(value[:9])
        elif name and name not in _FIELDS and self._eager:
            self._no_field(line, events)

    def _no_field(self, line: bytes | bytearray, events: list[SseEvent]) -> None:
        """A line that the standard drops: a field in another spelling, or something else altogether."""
        colon = line.find(b":", 0, _WITHIN)
        name = line[: max(0, colon)].removeprefix(_BOM).strip().lower()
        if name in _FIELDS:
            known = bytearray(line) if isinstance(line, bytes) else line  # a large one is no copy
            known[:colon] = name
            self._take([known], events)
        elif line and not line.isspace():
            events.append(SseEvent(NO_FIELD, self._text(line)))

    def _text(self, value: bytes | bytearray | memoryview) -> str:
        if len(value) > _LARGE:
            self._json.expect(decoded_size(value))
        try:
            return str(value, "utf-8")
        except UnicodeDecodeError:
            self.bad_utf8 = True
            return str(value, "utf-8", "replace")
