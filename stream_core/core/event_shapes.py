"""Recognition of a JSON object on the wire by its type or its shape. Pure.

Servers leave out the type of an event, or send a whole message or an error in place of the events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]
"""An event of the Messages API as plain JSON; its `type` is a text."""

CARRIES: Mapping[str, str] = {
    "message_start": "message",
    "content_block_start": "content_block",
    "content_block_delta": "delta",
    "content_block_stop": "",
    "message_delta": "delta",
    "message_stop": "",
}
"""The events of a reply, each with the field that makes it what it is."""

PIECES: Mapping[str, str] = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}
"""The kinds of deltas that bring content, each with its field."""

_PIECES = tuple(PIECES.values())


def is_list_of_objects(value: object) -> bool:
    """Whether a JSON value is a list of objects, and of one at least."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _is_message(value: Event) -> bool:
    """Whether a JSON object is a message of the Messages API, as far as it must be one."""
    if value.get("type") == "message" and "content" in value:
        return bool(value["content"]) or not value.get("error")
    return isinstance(value.get("content"), list) and "type" not in value and not value.get("error")


def whole_message(value: Event) -> Event | None:
    """The message that a JSON object is, or holds as an event does; else None."""
    if _is_message(value):
        return value
    inner = value.get("message")
    return (
        inner if value.get("type") == "message" and isinstance(inner, dict) and _is_message(inner) else None
    )


def is_error(name: str | None, kind: str, event: Event) -> bool:
    """Whether an event reports an error; `name` is the one beside its data, `kind` the type within."""
    if kind == "error" or name == "error":
        return True
    return bool(event.get("error")) or event.get("object") == "error"


def by_shape(kind: str, event: Event) -> str:
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


def is_bare_delta(kind: str, event: Event) -> bool:
    """Whether an event is a delta of this kind without the event around it."""
    if kind == "citations_delta":
        return "citation" in event
    return kind.endswith("_delta") and any(isinstance(event.get(key), str) for key in (*_PIECES, "signature"))


def block_type(start: Mapping[str, Any]) -> str:
    """The type of a content block; where its start names none, the one that its fields suggest, or ""."""
    kind = start.get("type")
    if isinstance(kind, str) and kind:
        return kind
    if "name" in start or "input" in start:
        return "tool_use"
    return next((words for words in ("text", "thinking") if words in start), "")


def delta_type(delta: Mapping[str, Any]) -> str:
    """The type that the fields of a delta suggest, or ""."""
    if "signature" in delta and not any(piece in delta for piece in _PIECES):
        return "signature_delta"
    return next((kind for kind, piece in PIECES.items() if piece in delta), "")
