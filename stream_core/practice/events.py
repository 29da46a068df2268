"""The events of a streamed response as bytes.

Source: https://platform.claude.com/docs/en/build-with-claude/streaming.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def event(type: str, payload: Mapping[str, Any]) -> bytes:
    """One server-sent event. A lone surrogate in the payload is escaped (`\\ud8xx`)."""
    return b"event: %s\ndata: %s\n\n" % (type.encode(), to_json(payload))


def to_json(payload: object) -> bytes:
    """Compact JSON in UTF-8; lone surrogates, which UTF-8 cannot hold, are escaped."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def message_start(model: str, input_tokens: int, message_id: str = "msg_practice") -> bytes:
    message: dict[str, Any] = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            "input_tokens": input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1,
        },
    }
    return event("message_start", {"type": "message_start", "message": message})


def block_start(index: int = 0, block: Mapping[str, Any] | None = None) -> bytes:
    """The start of a content block: `block` (such as `{"type": "tool_use", ...}`), or empty text."""
    content = {"type": "text", "text": ""} if block is None else block
    payload = {"type": "content_block_start", "index": index, "content_block": content}
    return event("content_block_start", payload)


def block_delta(delta: Mapping[str, Any], index: int = 0) -> bytes:
    """A delta of any kind, such as `{"type": "thinking_delta", "thinking": "Mmm"}`."""
    return event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})


def text_delta(text: str, index: int = 0) -> bytes:
    return block_delta({"type": "text_delta", "text": text}, index)


def input_delta(partial_json: str, index: int = 0) -> bytes:
    """A piece of the JSON input of a tool call."""
    return block_delta({"type": "input_json_delta", "partial_json": partial_json}, index)


def block_stop(index: int = 0) -> bytes:
    return event("content_block_stop", {"type": "content_block_stop", "index": index})


def message_delta(stop_reason: str | None, usage: Mapping[str, Any], **delta: Any) -> bytes:
    """The stop reason and usage; `delta` adds rare fields, such as the `stop_details` of a refusal."""
    change = {"stop_reason": stop_reason, "stop_sequence": None, "stop_details": None, **delta}
    return event("message_delta", {"type": "message_delta", "delta": change, "usage": usage})


def message_stop() -> bytes:
    return event("message_stop", {"type": "message_stop"})


def ping() -> bytes:
    return event("ping", {"type": "ping"})


def error(api_type: str, message: str) -> bytes:
    """The `error` event of a response that began with status 200."""
    return event("error", {"type": "error", "error": {"type": api_type, "message": message}})
