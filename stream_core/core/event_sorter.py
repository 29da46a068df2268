"""The name and the data of an event -> the event as the API would have sent it. Pure.

What an event is, the `type` in its data decides; where that says nothing, the name of the event. Pings and
comments bring nothing. What is no event and no JSON is passed over with a note, unless content may be in it.
"""
# See docs/adr/0018-own-decoder.md

from __future__ import annotations

from typing import Any

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
from .sse import NO_FIELD
from .wire_json import WireJson

DONE = "[DONE]"
"""The data of the event that ends the streams of other APIs."""

_MOST_LINES = 200  # of what is no event and is kept: a page of HTML begins with its title
_MOST_HEARD = 1 << 16  # characters of what is no object
_LONGEST_WORDS = 2_000  # characters of such a line


class EventSorter:
    """Tells events of a reply, errors, and what is nothing of the Messages API apart.

    Args:
        notes: where deviations are noted.
        wire_json: what parses the reply's JSON within a bound.
        whole: whether the answer was asked for whole, so that a whole message is as it should be.

    Attributes:
        foreign: whether something came that is nothing of the Messages API.
        done: whether `[DONE]` came, which ends the streams of other APIs.
        said: the last thing that looked like words about an error without being an error event, or None.
    """

    __slots__ = ("_asked_whole", "_json", "_notes", "_words", "_words_after", "done", "foreign", "said")

    def __init__(self, notes: Notes, wire_json: WireJson, *, whole: bool) -> None:
        self._notes, self._json, self._asked_whole = notes, wire_json, whole
        self.foreign = self.done = False
        self.said: Any = None
        self._words: list[str] = []
        self._words_after = 0  # how many events of a chunk came before them

    @property
    def words(self) -> str:
        """The text that came last where an event should be, or "": what a proxy says, most of the time."""
        return "\n".join(self._words)

    def end_chunk(self, events: int) -> None:
        """Forget such words if any of these events of the same chunk came after them."""
        if self._words:
            if events > self._words_after:
                self._words.clear()
            self._words_after = 0

    def take_whole(self, text: str, events: list[Event]) -> None:
        """Take a body that is no stream: a message, an error, or nothing of the Messages API."""
        value = self._json.value(text)
        if is_list_of_objects(value):
            self._notes.add("json_lines")
            for event in value:
                self._object(None, event, events)
        elif not isinstance(value, dict):
            self.foreign = True
        else:
            if value.get("type") in CARRIES:
                self._notes.add("json_lines")
            self._object(None, value, events)

    def take(self, name: str | None, data: str, events: list[Event]) -> None:
        """Take the name and the data of an event; what it is goes to `events`.

        Raises:
            ProtocolError: content of the reply may be in it, and it cannot be read.
        """
        try:
            event = self._json.load(data)
        except ValueError:  # a byte order mark before it, or control characters in it?
            event = self._json.value(data.lstrip("\ufeff"), strict=False)
            if type(event) is dict:
                self._notes.add("loose_json")
        if type(event) is not dict:
            self.not_an_object(name, data, event, events)
        elif event.get("type") == name and name in CARRIES:
            events.append(event)
        elif name == NO_FIELD:
            self._notes.add("json_lines")
            self._object(None, event, events)
        else:
            self._object(name, event, events)

    def _object(self, name: str | None, event: Event, events: list[Event]) -> None:
        """An object that is no event as it should be: another name, no type, an error, something unknown."""
        wire_type = event.get("type")
        kind = wire_type if isinstance(wire_type, str) else ""
        whole = whole_message(event) if kind == "message" or (not kind and name not in CARRIES) else None
        if whole is not None:
            self._message(whole, events)
            return
        if kind not in (*CARRIES, "ping", "error"):
            named = name is not None and CARRIES.get(name, "?") in ("", *event)
            kind = (name if named else by_shape(kind, event)) or kind
        if kind in CARRIES:
            if name is not None and kind != name:
                self._notes.add("event_name")
            events.append({**event, "type": kind})
        elif kind == "ping" or (not kind and name == "ping"):
            pass
        elif is_error(name, kind, event):
            events.append({"type": "error", "body": event})
        elif is_bare_delta(kind or name or "", event):
            self._notes.add("bare_delta")
            events.append({"type": "content_block_delta", "delta": {**event, "type": kind or name}})
        else:
            self._unknown(name, kind, event, events)

    def _message(self, message: Event, events: list[Event]) -> None:
        if not self._asked_whole:
            self._notes.add("whole_message")
        events.append({"type": "message", "message": message})

    def _unknown(self, name: str | None, kind: str, event: Event, events: list[Event]) -> None:
        self.foreign = True
        if any(isinstance(event.get(word), str) for word in ("detail", "message", "msg")) and not kind:
            self._notes.add("stray_error")
            self.said = event
        elif kind or name:
            events.append({**event, "type": kind or name})
        else:
            self._notes.add("value")

    def not_an_object(self, name: str | None, data: str, value: Any, events: list[Event]) -> None:
        """Take an event whose data is no JSON object: passed over where nothing of a reply can be in it.

        Args:
            value: that of the data; None where it is no JSON.
        """
        text = data.lstrip()[:_MOST_HEARD].rstrip()
        if text == "null" and name != NO_FIELD:
            text = ""
        if text.strip('"') == DONE:
            self.done = True
            self._notes.add("done_marker")
            text = ""
        if name == "error":
            events.append({"type": "error", "body": text if value is None else value})
        elif is_list_of_objects(value):
            self._notes.add("joined_events")
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
        """Note words that came in place of an event, behind `after` events of this chunk."""
        self.foreign = True
        self._notes.add("not_json")
        if name in ("", NO_FIELD) and len(self._words) < _MOST_LINES:
            self._words.append(words[:_LONGEST_WORDS])
            self._words_after = after
