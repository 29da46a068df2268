"""The bytes of a response's body -> events as plain dicts, whatever form the body has. Pure, fed and asked.

The usual form is an event stream (`sse`). Also taken: the frames of an AWS event stream, a whole message as
JSON in answer to a request that asked for a stream, and events as lines of JSON. What form it is, the first
bytes decide, not the content type: that is wrong on some servers.

`EventSorter` says what each event is.
"""
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

from collections.abc import Callable

from .aws_events import AwsDecoder
from .deviations import Notes
from .errors import ProtocolError
from .event_shapes import CARRIES, Event
from .event_sorter import DONE, EventSorter
from .sse import SseDecoder
from .text_size import decoded_size
from .wire_json import WireJson

AWS_EVENT_STREAM = "application/vnd.amazon.eventstream"

_LONGEST_FIRST = 1 << 17  # bytes of an event that is the first; a longer line is a whole message
_BOM = b"\xef\xbb\xbf"
_SSE_STARTS = b"deir:"  # data, event, id, retry, a comment


class EventReader:
    """The events of one body.

    Args:
        content_type: what the response says that its body is.
        notes: where deviations are noted.
        whole: whether the answer was asked for whole, so that a whole message is as it should be.
        wire_json: what parses the reply's JSON within a bound.

    Attributes:
        notes: the deviations so far.
        sorter: what came that is no event of a reply.
        broken: why nothing more can be read, or None. What came before it has been returned.
    """

    __slots__ = (
        "_aws",
        "_decode",
        "_json",
        "_sse",
        "_sse_announced",
        "_start",
        "_whole",
        "broken",
        "notes",
        "sorter",
    )

    def __init__(
        self,
        content_type: str = "text/event-stream",
        notes: Notes | None = None,
        *,
        whole: bool = False,
        wire_json: WireJson | None = None,
    ) -> None:
        kind = content_type.partition(";")[0].strip().lower()
        self.notes = Notes() if notes is None else notes
        self.broken: ProtocolError | None = None
        self._sse_announced = kind in ("text/event-stream", "")
        self._json = wire_json or WireJson()
        self.sorter = EventSorter(self.notes, self._json, whole=whole)
        self._sse = SseDecoder(eager=True, wire_json=self._json)
        self._start = b""  # white space before the first byte that decides
        self._whole = bytearray()  # a body that is no stream
        self._decode: Callable[[bytes, list[Event]], None] = self._first
        if kind == AWS_EVENT_STREAM:
            self._aws = AwsDecoder(self._json)
            self._decode = self._frames

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes; return the events that they complete, up to one that cannot be read."""
        events: list[Event] = []
        if self.broken is None:
            try:
                self._decode(chunk, events)
            except ProtocolError as error:
                self.broken = error
        self.sorter.end_chunk(len(events))
        return events

    def close(self) -> list[Event]:
        """The body has ended: return the events that were still to be completed."""
        events: list[Event] = []
        try:
            self._close(events)
        except ProtocolError as error:
            self.broken = error
        return events

    def _close(self, events: list[Event]) -> None:
        if self._whole:
            text, self._whole = self._text(self._whole), bytearray()
            self.sorter.take_whole(text, events)
        elif self._decode == self._events:
            completed, rest = self._sse.finish()
            for name, data in completed:
                self.sorter.take(name, data, events)
            if rest is not None:
                self._unfinished(rest.name, rest.data, events)

    def _unfinished(self, name: str, data: str, events: list[Event]) -> None:
        """Take an event that has no blank line after it if it is whole."""
        if self._json.is_whole_object(data):
            self.notes.add("unfinished_event")
            self.sorter.take(name, data, events)
        elif data.strip() == DONE:
            self.sorter.not_an_object(name, data, None, events)
        else:
            self.notes.add("cut_event")

    def _first(self, chunk: bytes, events: list[Event]) -> None:
        """Look for the first byte that says what the body is."""
        self._start += chunk
        if len(self._start) < len(_BOM) and _BOM.startswith(self._start):
            return
        plain = self._start.removeprefix(_BOM)
        begin = plain.lstrip()
        if not begin:
            self._start = plain[-1:]  # enough to tell whether a line begins here
            return
        if begin[0] in b'{["<' or not (self._sse_announced or begin[0] in _SSE_STARTS):
            self._decode, chunk = self._gather, begin
        else:
            if not self._sse_announced:
                self.notes.add("content_type")
            self._decode, chunk = self._events, self._start
        self._start = b""
        self._decode(chunk, events)

    def _events(self, chunk: bytes, events: list[Event]) -> None:
        for name, data in self._sse.feed(chunk):
            self.sorter.take(name, data, events)
            if events and events[-1]["type"] == "message_stop":
                self._decode = self._nothing
                break
        if self._sse.bad_utf8:
            self.notes.add("bad_utf8")
        if self._sse.joined:
            self.notes.add("joined_events")

    def _nothing(self, chunk: bytes, events: list[Event]) -> None:
        """After the end of the message nothing says anything more."""

    def _frames(self, chunk: bytes, events: list[Event]) -> None:
        for name, data in self._aws.feed(chunk):
            self.sorter.take(name, data, events)

    def _gather(self, chunk: bytes, events: list[Event]) -> None:
        """Keep a body that is no stream, unless its first line shows that each line is an event."""
        self._whole += chunk
        if b"\n" not in chunk:
            return
        first = self._whole[: min(self._whole.index(b"\n"), _LONGEST_FIRST)]
        event = self._json.object_in(self._text(first))
        if event is None or event.get("type") not in (*CARRIES, "ping", "error"):
            self._decode = self._gather_rest
            return
        self.notes.add("json_lines")
        whole, self._whole = bytes(self._whole), bytearray()
        self._decode = self._lines
        self._lines(whole, events)

    def _gather_rest(self, chunk: bytes, events: list[Event]) -> None:
        self._whole += chunk

    def _lines(self, chunk: bytes, events: list[Event]) -> None:
        """Lines of JSON are an event stream whose lines lack their `data:` and their blank lines."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            self._whole += piece
            text, self._whole = self._text(self._whole), bytearray()
            if text and not text.isspace():
                self.sorter.take(None, text, events)
        self._whole += rest

    def _text(self, data: bytearray) -> str:
        self._json.expect(decoded_size(data))
        return data.decode("utf-8", "replace")
