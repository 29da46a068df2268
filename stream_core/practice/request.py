"""A request as it came, and what can be read from the body of one to `/v1/messages`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .pieces import estimate_tokens

A_MESSAGE = 4
"""Tokens of a message beside its text."""

Body = Mapping[str, Any]
"""The parsed JSON of a request that was found valid."""


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
    """The texts the person wrote, oldest first: one a user turn that has any."""
    turns = (text_of(message) for message in body["messages"] if message.get("role") == "user")
    return [text for text in turns if text]


def question(body: Body) -> str:
    """The text of the last message, or "" if there is none in it (a picture, a tool's result)."""
    return text_of(body["messages"][-1])


def text_of(message: Mapping[str, Any]) -> str:
    """The text of one message, whose content is a string or a list of blocks."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, Sequence) else ()
    texts = (block.get("text") for block in blocks if isinstance(block, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def blocks_of(message: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """The content blocks of this type in one message."""
    content = message.get("content")
    blocks = content if isinstance(content, list) else ()
    return [block for block in blocks if isinstance(block, Mapping) and block.get("type") == kind]


def blocks_in(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The content of one message as blocks: a string is one block of text."""
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or () if isinstance(block, Mapping)]


def is_paused(message: Mapping[str, Any]) -> bool:
    """Whether this is a reply that stopped with `pause_turn`: a server's own tool has not answered yet."""
    return message.get("role") == "assistant" and bool(unanswered(blocks_in(message)))


def unanswered(blocks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The calls of a server's own tools that have no result among these blocks."""
    answered = {
        block.get("tool_use_id") for block in blocks if str(block.get("type")).endswith("_tool_result")
    }
    calls = [block for block in blocks if block.get("type") == "server_tool_use"]
    return [call for call in calls if call.get("id") not in answered]


def tool_names(body: Body) -> list[str]:
    """The names of the tools a request offers."""
    tools = body.get("tools")
    offered = tools if isinstance(tools, list) else ()
    names = (tool.get("name") for tool in offered if isinstance(tool, Mapping))
    return [name for name in names if isinstance(name, str)]


def input_tokens(body: Body) -> int:
    """A sensible guess at the tokens of a request: all its text, and a few for each message."""
    counted = (body.get("system"), body.get("tools"), body["messages"])
    return A_MESSAGE * len(body["messages"]) + tokens_of(counted)


def tokens_of(value: object) -> int:
    """The tokens of a part of a body; those of the parts add up to those of the whole."""
    return sum(estimate_tokens(text) for text in _strings(value))


def same_words(one: str, other: str) -> bool:
    """Whether two texts have the same words, whatever their case, accents, punctuation and spaces."""
    return words(one) == words(other)


def words(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation."""
    bare = (char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in bare).casefold().split()


def _strings(value: object) -> Iterator[str]:
    """Every string in a JSON value but the names and types that are part of its form."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in ("type", "role", "data", "signature", "cache_control"):
                yield from _strings(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _strings(item)
