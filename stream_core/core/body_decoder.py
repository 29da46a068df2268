"""The bytes of a response's body -> events as plain dicts, whatever form the body has. Pure, fed and asked.

The usual form is an event stream (`sse`). Also taken: the frames of an AWS event stream, a whole message as
JSON in answer to a request that asked for a stream, and events as lines of JSON. What form it is, the first
bytes decide, not the content type: that is wrong on some servers.

What an event is, the `type` in its data decides; where that says nothing, the name of the event. Pings and
comments bring nothing. What is no event and no JSON is passed over with a note, unless content may be in it.
"""
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .aws_events import AwsDecoder
from .deviations import Notes
from .errors import ProtocolError
from .sse import SseDecoder, is_whole_object

Event: TypeAlias = dict[str, Any]
"""An event of the Messages API as plain JSON; its `type` is a text."""

AWS_EVENT_STREAM = "application/vnd.amazon.eventstream"

_CARRIES: Mapping[str, str] = {
    "message_start": "message",
    "content_block_start": "content_block",
    "content_block_delta": "delta",
    "content_block_stop": "",
    "message_delta": "delta",
    "message_stop": "",
}
"""The events of a reply, each with the field that makes it what it is."""

_PIECES = ("text", "thinking", "partial_json")

_DONE = "[DONE]"
_BOM = b"\xef\xbb\xbf"
_SSE_STARTS = b"deir:"  # data, event, id, retry, a comment


class EventReader:
    """The events of one body.

    Args:
        content_type: what the response says that its body is.
        notes: where deviations are noted.
        whole: whether the answer was asked for whole, so that a whole message is as it should be.

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
        "_sse",
        "_sse_announced",
        "_start",
        "_whole",
        "broken",
        "done",
        "foreign",
        "notes",
        "said",
    )

    def __init__(
        self, content_type: str = "text/event-stream", notes: Notes | None = None, *, whole: bool = False
    ) -> None:
        kind = content_type.partition(";")[0].strip().lower()
        self.notes = Notes() if notes is None else notes
        self.foreign = False
        self.done = False
        self.said: Any = None
        self.broken: ProtocolError | None = None
        self._asked_whole = whole
        self._sse_announced = kind in ("text/event-stream", "")
        self._sse = SseDecoder(eager=True)
        self._start = b""  # white space before the first byte that decides
        self._whole: list[bytes] = []  # a body that is no stream
        self._decode: Callable[[bytes, list[Event]], None] = self._first
        if kind == AWS_EVENT_STREAM:
            self._aws = AwsDecoder()
            self._decode = self._frames

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes; return the events that they complete, up to one that cannot be read."""
        events: list[Event] = []
        if self.broken is None:
            try:
                self._decode(chunk, events)
            except ProtocolError as error:
                self.broken = error
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
            whole, self._whole = b"".join(self._whole), []
            self._take_whole(whole.decode("utf-8", "replace"), events)
        elif self._decode == self._events and (rest := self._sse.unfinished()) is not None:
            if is_whole_object(rest.data):
                self.notes.add("unfinished_event")
                self._take(rest.name, rest.data, events)
            elif rest.data.strip() == _DONE:
                self._not_an_object(rest.name, rest.data, events)
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
        self._whole.append(chunk)
        if b"\n" not in chunk:
            return
        whole = b"".join(self._whole)
        event = _object(whole.partition(b"\n")[0].decode("utf-8", "replace"))
        if event is None or event.get("type") not in (*_CARRIES, "ping", "error"):
            self._decode = self._gather_rest
            return
        self.notes.add("json_lines")
        self._whole = []
        self._decode = self._lines
        self._lines(whole, events)

    def _gather_rest(self, chunk: bytes, events: list[Event]) -> None:
        self._whole.append(chunk)

    def _lines(self, chunk: bytes, events: list[Event]) -> None:
        """Lines of JSON are an event stream whose lines lack their `data:` and their blank lines."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line = b"".join([*self._whole, piece]).strip()
            self._whole = []
            if line:
                self._take(None, line.decode("utf-8", "replace"), events)
        if rest:
            self._whole.append(rest)

    def _take_whole(self, text: str, events: list[Event]) -> None:
        """A body that is no stream: a message, an error, or nothing of the Messages API."""
        value = _parsed(text)
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            self.notes.add("json_lines")
            for event in value:
                self._object(None, event, events)
        elif not isinstance(value, dict):
            self.foreign = True
        elif _is_message(value):
            if not self._asked_whole:
                self.notes.add("whole_message")
            events.append({"type": "message", "message": value})
        else:
            if value.get("type") in _CARRIES:
                self.notes.add("json_lines")
            self._object(None, value, events)

    # -- one event ---------------------------------------------------------------------------------

    def _take(self, name: str | None, data: str, events: list[Event]) -> None:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            self._not_an_object(name, data, events)
            return
        if type(event) is not dict:
            self._not_an_object(name, data, events)
        elif event.get("type") == name and name in _CARRIES:
            events.append(event)
        else:
            self._object(name, event, events)

    def _object(self, name: str | None, event: Event, events: list[Event]) -> None:
        """An object that is no event as it should be: another name, no type, an error, something unknown."""
        told = event.get("type")
        kind = told if isinstance(told, str) else ""
        if kind not in (*_CARRIES, "ping", "error"):
            named = name is not None and _CARRIES.get(name, "?") in ("", *event)
            kind = (name if named else _by_shape(kind, event)) or kind
        if kind in _CARRIES:
            if name is not None and kind != name:
                self.notes.add("event_name")
            events.append({**event, "type": kind})
        elif kind == "ping" or (not kind and name == "ping"):
            pass
        elif _is_error(name, kind, event):
            events.append({"type": "error", "body": event})
        elif _is_bare_delta(kind, event):
            self.notes.add("bare_delta")
            events.append({"type": "content_block_delta", "delta": event})
        else:
            self._unknown(name, kind, event, events)

    def _unknown(self, name: str | None, kind: str, event: Event, events: list[Event]) -> None:
        self.foreign = True
        if any(isinstance(event.get(word), str) for word in ("detail", "message", "msg")) and not kind:
            self.notes.add("stray_error")
            self.said = event
        elif kind or name:
            events.append({**event, "type": kind or name})
        else:
            self.notes.add("value")

    def _not_an_object(self, name: str | None, data: str, events: list[Event]) -> None:
        """An event whose data is no JSON object: passed over where nothing of a reply can be in it."""
        said = data.strip()
        if said == _DONE:
            self.done = True
            self.notes.add("done_marker")
            said = ""
        if name == "error":
            value = _parsed(data)
            events.append({"type": "error", "body": data if value is None else value})
        elif not said:
            if name in ("message_stop", "content_block_stop"):
                events.append({"type": name})
        elif name in _CARRIES or said.startswith("{"):
            raise ProtocolError("an event of the reply is not JSON")
        elif name != "ping":
            self.foreign = True
            self.notes.add("not_json")


def _parsed(text: str) -> Any:
    """The JSON value of a text; None when it is none, or null."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(text: str) -> Event | None:
    value = _parsed(text)
    return value if isinstance(value, dict) else None


def _is_message(value: Event) -> bool:
    """Whether a JSON object is a message of the Messages API, as far as it must be one."""
    if value.get("type") == "message" and "content" in value:
        return True
    return isinstance(value.get("content"), list) and "type" not in value and not value.get("error")


def _is_error(name: str | None, kind: str, event: Event) -> bool:
    if kind == "error" or name == "error":
        return True
    return bool(event.get("error")) or event.get("object") == "error"


def _by_shape(kind: str, event: Event) -> str:
    """The type of an event that names none or a new one, inferred from its content; "" if impossible."""
    delta, message = event.get("delta"), event.get("message")
    if isinstance(delta, dict):
        if any(isinstance(delta.get(piece), str) for piece in _PIECES):
            return "content_block_delta"
        return "" if kind or "stop_reason" not in delta else "message_delta"
    if kind:
        return ""
    if isinstance(event.get("content_block"), dict):
        return "content_block_start"
    return "message_start" if isinstance(message, dict) and message.get("type") == "message" else ""


def _is_bare_delta(kind: str, event: Event) -> bool:
    if kind == "citations_delta":
        return "citation" in event
    return kind.endswith("_delta") and any(isinstance(event.get(key), str) for key in (*_PIECES, "signature"))
