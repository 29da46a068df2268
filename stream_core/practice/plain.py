"""Turns a streamed reply into one JSON message, for requests without `stream`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from .script import Head, Headers, Script, Send, Step, error_reply, json_reply

_STATUS = {"invalid_request_error": 400, "rate_limit_error": 429, "overloaded_error": 529}
_GROWS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


def plain_reply(script: Script) -> Iterator[Step]:
    """Collect a streamed reply and answer with one JSON message after all of its waits.

    A cut then happens before the headers, and an `error` event becomes an error status. A script that is not
    an event stream is left as it is.
    """
    steps = iter(script)
    body = bytearray()
    for step in steps:
        match step:
            case Head(status=200, headers=headers) if _is_stream(headers):
                pass
            case Head():
                yield from chain([step], steps)
                return
            case Send(data=data):
                body += data
            case _:
                yield step
    yield from _one_message(bytes(body))


def _is_stream(headers: Headers) -> bool:
    kinds = (value for name, value in headers if name.lower() == "content-type")
    return any(kind.startswith("text/event-stream") for kind in kinds)


def _one_message(body: bytes) -> Script:
    try:
        events = [json.loads(line[5:]) for line in body.split(b"\n") if line.startswith(b"data:")]
        for item in events:
            if item["type"] == "error":
                problem = item["error"]
                return error_reply(_STATUS.get(problem["type"], 500), problem["type"], problem["message"])
        return json_reply(_folded(events))
    except (ValueError, LookupError, TypeError):  # a fault: an event stream that is broken on purpose
        return [Head(), Send(body)]


def _folded(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    message: dict[str, Any] = {}
    inputs: dict[int, str] = {}
    for item in events:
        match item["type"]:
            case "message_start":
                message = dict(item["message"])
            case "content_block_start":
                block = dict(item["content_block"])
                message["content"].append({**block, "citations": []} if "citations" in block else block)
            case "content_block_delta" if (key := _GROWS.get(item["delta"]["type"])) is not None:
                block = message["content"][item["index"]]
                block[key] = block.get(key, "") + item["delta"][key]
            case "content_block_delta" if item["delta"]["type"] == "citations_delta":
                message["content"][item["index"]]["citations"].append(item["delta"]["citation"])
            case "content_block_delta":
                inputs[item["index"]] = inputs.get(item["index"], "") + item["delta"]["partial_json"]
            case "message_delta":
                message = {**message, **item["delta"], "usage": {**message["usage"], **item["usage"]}}
    for index, text in inputs.items():
        message["content"][index]["input"] = _input(text, message["stop_reason"])
    return message


def _input(text: str, stop_reason: str | None) -> Any:
    """The parsed input of a call; empty if `max_tokens` cut it."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        if stop_reason == "max_tokens":
            return {}
        raise
