"""An HTTP request, and readers for the body of `POST /v1/messages`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .pieces import estimate_tokens

_MOST_AROUND = 8  # times as long as another a text may be, with spaces and punctuation, and say the same
_A_FILE = 1_500  # tokens of an image or a PDF, roughly
A_MESSAGE = 4
"""Tokens that a message costs beyond its text."""

Body = Mapping[str, Any]
"""The parsed JSON of a valid request."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower-case; `path` keeps its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The parsed body; raises `ValueError` if it is not JSON."""
        return json.loads(self.body)


def questions(body: Body) -> list[str]:
    """The texts of the user turns, oldest first, without empty ones."""
    turns = (text_of(message) for message in body["messages"] if message.get("role") == "user")
    return [text for text in turns if text]


def question(body: Body) -> str:
    """The text of the last message, or "" if it has none (an image, a tool result)."""
    return text_of(body["messages"][-1])


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message; its content is a string or a list of blocks."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, Sequence) else ()
    texts = (block.get("text") for block in blocks if isinstance(block, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def blocks_of(message: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """The content blocks of one type in a message."""
    content = message.get("content")
    blocks = content if isinstance(content, list) else ()
    return [block for block in blocks if isinstance(block, Mapping) and block.get("type") == kind]


def blocks_in(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The content of a message as blocks; a string becomes one text block."""
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or () if isinstance(block, Mapping)]


def is_paused(message: Mapping[str, Any]) -> bool:
    """Whether this is a reply that ended with `pause_turn`: a server tool has no result yet."""
    return message.get("role") == "assistant" and bool(unanswered(blocks_in(message)))


def unanswered(blocks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The server tool calls without a result among these blocks."""
    answered = {
        block.get("tool_use_id") for block in blocks if str(block.get("type")).endswith("_tool_result")
    }
    calls = [block for block in blocks if block.get("type") == "server_tool_use"]
    return [call for call in calls if call.get("id") not in answered]


def tool_names(body: Body) -> list[str]:
    """The names of the tools that a request offers."""
    tools = body.get("tools")
    offered = tools if isinstance(tools, list) else ()
    names = (tool.get("name") for tool in offered if isinstance(tool, Mapping))
    return [name for name in names if isinstance(name, str)]


def input_tokens(body: Body) -> int:
    """An estimate of the tokens of a request."""
    counted = (body.get("system"), body.get("tools"), body["messages"])
    return A_MESSAGE * len(body["messages"]) + tokens_of(counted)


def tokens_of(value: object) -> int:
    """An estimate of the tokens of a part of a body; additive over its parts."""
    return sum(estimate_tokens(text) for text in _strings(value)) + _A_FILE * _encoded(value)


def _encoded(value: object) -> int:
    """Count the images and PDF of a JSON value."""
    if isinstance(value, Mapping):
        return (value.get("type") in ("base64", "file")) + sum(map(_encoded, value.values()))
    return sum(map(_encoded, value)) if isinstance(value, (list, tuple)) else 0


def same_words(one: str, other: str) -> bool:
    """Whether two texts are equal apart from case, accents, punctuation and spaces."""
    short, long = sorted((one.strip(), other.strip()), key=len)
    if len(long) > _MOST_AROUND * (len(short) + 1):  # spares reading a text of megabytes
        return False
    return words(one) == words(other)


def words(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation."""
    bare = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in bare).casefold().split()


def _strings(value: object) -> Iterator[str]:
    """Every string of a JSON value except those under structural keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if value.get("media_type") == "text/plain":  # the text of a document
            yield str(value.get("data") or "")
        for key, item in value.items():
            if key not in ("type", "role", "data", "signature", "cache_control", "media_type"):
                yield from _strings(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _strings(item)
