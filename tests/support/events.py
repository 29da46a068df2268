"""Events of a stream as dictionaries, right or wrong ones."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]


def piece(index: Any = 0, **delta: Any) -> Event:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def text(words: Any, index: Any = 0) -> Event:
    return piece(index, type="text_delta", text=words)


def thought(words: Any, index: Any = 0) -> Event:
    return piece(index, type="thinking_delta", thinking=words)


def tool_json(partial: Any, index: Any = 0) -> Event:
    return piece(index, type="input_json_delta", partial_json=partial)


def close(index: Any = 0) -> Event:
    return {"type": "content_block_stop", "index": index}
