"""The bytes of a response's body -> events as plain dicts, whatever form the body has. Pure, fed and asked.

The usual form is an event stream (`sse`). Also taken: the frames of an AWS event stream, a whole message as
JSON in answer to a request that asked for a stream, and events as lines of JSON. What form it is, the first
bytes decide, not the content type: that is wrong on some servers.

What an event is, the `type` in its data decides; where that says nothing, the name of the event. Pings and
comments bring nothing. What is no event and no JSON is passed over with a note, unless content may be in it.
"""
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .aws_events import AwsDecoder
from .deviations import Notes
from .errors import ProtocolError
from .event_shapes import (
    CARRIES,
    Event,
    by_shape,
    is_bare_delta,
    is_error,
    is_list_of_objects,
    whole_message,
)
from .sse import NO_FIELD, SseDecoder
from .text_size import decoded_size
from .wire_json import WireJson

AWS_EVENT_STREAM = "application/vnd.amazon.eventstream"

_DONE = "[DONE]"
_MOST_LINES = 200  # of what is no event and is kept: a page of HTML begins with its title
_LONGEST_FIRST = 1 << 17  # bytes of an event that is the first; a longer line is a whole message
_MOST_HEARD = 1 << 16  # characters of what is no object
_LONGEST_WORDS = 2_000  # characters of such a line
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
        foreign: whether something came that is nothing of the Messages API.
        done: whether `[DONE]` came, which ends the streams of other APIs.
        said: the last thing that looked like words about an error without being an error event, or None.
        broken: why nothing more can be read, or None. What came before it has been returned.
    """

    __slots__ = (
        "_asked_whole",
        "_aws",
        "_decode",
        "_json",
        "_sse",
        "_sse_announced",
        "_start",
        "_whole",
        "_words",
        "_words_after",
        "broken",
        "done",
        "foreign",
        "notes",
        "said",
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
        self.foreign = False
        self.done = False
        self.said: Any = None
        self.broken: ProtocolError | None = None
        self._asked_whole = whole
        self._words: list[str] = []
        self._words_after = 0  # how many events of a chunk came before them
        self._sse_announced = kind in ("text/event-stream", "")
        self._json = wire_json or WireJson()
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
        if self._words:
            if len(events) > self._words_after:
                self._words.clear()
            self._words_after = 0
        return events

    @property
    def words(self) -> str:
        """The text that came last where an event should be, or "": what a proxy says, most of the time."""
        return "\n".join(self._words)

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
            self._take_whole(text, events)
        elif self._decode == self._events:
            completed, rest = self._sse.finish()
            for name, data in completed:
                self._take(name, data, events)
            if rest is not None:
                self._unfinished(rest.name, rest.data, events)

    def _unfinished(self, name: str, data: str, events: list[Event]) -> None:
        """Take an event that has no blank line after it if it is whole."""
        if self._json.is_whole_object(data):
            self.notes.add("unfinished_event")
            self._take(name, data, events)
        elif data.strip() == _DONE:
            self._not_an_object(name, data, None, events)
        else:
            self.notes.add("cut_event")

    # -- the form of the body ----------------------------------------------------------------------

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
            self._take(name, data, events)
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
            self._take(name, data, events)

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
                self._take(None, text, events)
        self._whole += rest

    def _text(self, data: bytearray) -> str:
        self._json.expect(decoded_size(data))
        return data.decode("utf-8", "replace")

    def _take_whole(self, text: str, events: list[Event]) -> None:
        """A body that is no stream: a message, an error, or nothing of the Messages API."""
        value = self._json.value(text)
        if is_list_of_objects(value):
            self.notes.add("json_lines")
            for event in value:
                self._object(None, event, events)
        elif not isinstance(value, dict):
            self.foreign = True
        else:
            if value.get("type") in CARRIES:
                self.notes.add("json_lines")
            self._object(None, value, events)

    # -- one event ---------------------------------------------------------------------------------

    def _take(self, name: str | None, data: str, events: list[Event]) -> None:
        try:
            event = self._json.load(data)
        except ValueError:  # a byte order mark before it, or control characters in it?
            event = self._json.value(data.lstrip("\ufeff"), strict=False)
            if type(event) is dict:
                self.notes.add("loose_json")
        if type(event) is not dict:
            self._not_an_object(name, data, event, events)
        elif event.get("type") == name and name in CARRIES:
            events.append(event)
        elif name == NO_FIELD:
            self.notes.add("json_lines")
            self._object(None, event, events)
        else:
            self._object(name, event, events)

    def _object(self, name: str | None, event: Event, events: list[Event]) -> None:
        """An object that is no event as it should be: another name, no type, an error, something unknown."""
        named = event.get("type")
        kind = named if isinstance(named, str) else ""
        whole = whole_message(event) if kind == "message" or (not kind and name not in CARRIES) else None
        if whole is not None:
            self._message(whole, events)
            return
        if kind not in (*CARRIES, "ping", "error"):
            named = name is not None and CARRIES.get(name, "?") in ("", *event)
            kind = (name if named else by_shape(kind, event)) or kind
        if kind in CARRIES:
            if name is not None and kind != name:
                self.notes.add("event_name")
            events.append({**event, "type": kind})
        elif kind == "ping" or (not kind and name == "ping"):
            pass
        elif is_error(name, kind, event):
            events.append({"type": "error", "body": event})
        elif is_bare_delta(kind or name or "", event):
            self.notes.add("bare_delta")
            events.append({"type": "content_block_delta", "delta": {**event, "type": kind or name}})
        else:
            self._unknown(name, kind, event, events)

    def _message(self, message: Event, events: list[Event]) -> None:
        if not self._asked_whole:
            self.notes.add("whole_message")
        events.append({"type": "message", "message": message})

    def _unknown(self, name: str | None, kind: str, event: Event, events: list[Event]) -> None:
        self.foreign = True
        if any(isinstance(event.get(word), str) for word in ("detail", "message", "msg")) and not kind:
            self.notes.add("stray_error")
            self.said = event
        elif kind or name:
            events.append({**event, "type": kind or name})
        else:
            self.notes.add("value")

    def _not_an_object(self, name: str | None, data: str, value: Any, events: list[Event]) -> None:
        """An event whose data is no JSON object: passed over where nothing of a reply can be in it.

        Args:
            value: that of the data; None where it is no JSON.
        """
        text = data.lstrip()[:_MOST_HEARD].rstrip()
        if text == "null" and name != NO_FIELD:
            text = ""
        if text.strip('"') == _DONE:
            self.done = True
            self.notes.add("done_marker")
            text = ""
        if name == "error":
            events.append({"type": "error", "body": text if value is None else value})
        elif is_list_of_objects(value):
            self.notes.add("joined_events")
            for event in value:
                self._object(None, event, events)
        elif not text:
            if name in ("message_stop", "content_block_stop"):
                events.append({"type": name})
        elif name in CARRIES or (text.startswith("{") and name != NO_FIELD):
            raise ProtocolError("an event of the reply is not JSON")
        elif name != "ping":
            self._heard(name, value if isinstance(value, str) else text, len(events))

    def _heard(self, name: str | None, words: str, after: int) -> None:
        """Words came where an event should be, `after` so many events of this chunk."""
        self.foreign = True
        self.notes.add("not_json")
        if name in ("", NO_FIELD) and len(self._words) < _MOST_LINES:
            self._words.append(words[:_LONGEST_WORDS])
            self._words_after = after
