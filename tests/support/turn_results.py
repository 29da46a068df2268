"""Checks of the messages that a turn with tools leaves for the next request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stream_core.core.api_messages import Message
from stream_core.core.deltas import (
    TurnDelta,
)
from stream_core.core.turn_result import TurnResult

QUESTION: Message = {"role": "user", "content": "¿Cuánto es?"}


NEXT: Message = {"role": "user", "content": "¿Y ahora?"}


def blocks_of(message: Message) -> Sequence[Mapping[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def ids_of(message: Message, kind: str, key: str) -> list[str]:
    return [block[key] for block in blocks_of(message) if block["type"] == kind]


def check_conversation(messages: Sequence[Message]) -> None:
    """Hold messages to what the API asks of a request: the rules a tool loop can break."""
    assert [message["role"] for message in messages] == [
        ("user", "assistant")[number % 2] for number in range(len(messages))
    ]
    assert messages[-1]["role"] == "user"
    expected: list[str] = []  # calls of the message before
    seen: set[str] = set()
    for message in messages:
        assert blocks_of(message), "a message without content"
        for block in blocks_of(message):
            assert block["type"] != "text" or block["text"].strip(), "an empty text"
        calls, results = (
            ids_of(message, "tool_use", "id"),
            ids_of(message, "tool_result", "tool_use_id"),
        )
        if message["role"] == "user":
            assert results == expected, "every call has its result in the next message, in the same order"
            assert not calls
        else:
            assert not results
            assert not seen.intersection(calls) and len(set(calls)) == len(calls)
            expected = calls
            seen.update(calls)


def fed(deltas: Sequence[TurnDelta]) -> TurnResult:
    result = TurnResult(0.0)
    for delta in deltas:
        result.feed(delta)
    return result
