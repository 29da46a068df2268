"""Replies that call tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stream_core.practice.events import (
    block_start,
    block_stop,
    input_delta,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Head, Send, Step
from stream_core.practice.server import PracticeServer


def calling(*calls: tuple[str, str], text: str = "Voy.", ids: Sequence[str] = ()) -> list[Step]:
    """A reply that says something and calls tools, each with its input as JSON."""
    sent = message_start("claude-sonnet-5-5", 5) + block_start() + text_delta(text) + block_stop()
    for number, (name, given) in enumerate(calls, 1):
        call_id = ids[number - 1] if ids else f"toolu_{number}"
        block = {"type": "tool_use", "id": call_id, "name": name, "input": {}}
        sent += block_start(number, block) + input_delta(given, number) + block_stop(number)
    return [Head(), Send(sent + message_delta("tool_use", {"output_tokens": 9}) + message_stop())]


def sent(server: PracticeServer, number: int) -> dict[str, Any]:
    body: dict[str, Any] = server.requests[number].json()
    return body
