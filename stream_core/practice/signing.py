"""Signatures of thinking blocks, bound to model, text and conversation as those of newer models are.

Stateless: a signature is a set of short digests that can be computed again from the same conversation.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from .events import to_json
from .request import Body, blocks_in

_KEY = b"practice"  # not a secret: detects accidental edits, not forgery
_OWN, _PART = 12, 6  # bytes
_THOUGHT = ("thinking", "redacted_thinking")


class Conversation:
    """Digest of the blocks before a thinking block, without thinking and cache marks."""

    def __init__(self, body: Body) -> None:
        self._model = str(body["model"])
        self._system = _digest(to_json(plain(_as_blocks(body.get("system")))))
        self._tools = _digest(to_json(plain(body.get("tools") or [])))
        self._messages = sha256()

    def add(self, role: str, block: Mapping[str, Any]) -> None:
        if block.get("type") not in _THOUGHT:
            self._messages.update(to_json([role, plain(block)]))

    def sign(self, thought: str) -> str:
        """Sign a thinking text that follows the blocks added so far."""
        parts = (self._own(thought), self._system, self._tools, self._messages.digest()[:_PART])
        return b64encode(b"".join(parts)).decode()

    def is_own(self, signature: str, thought: str) -> bool:
        """Whether the signature is for this text and model, regardless of the conversation."""
        return hmac.compare_digest(_raw(signature)[:_OWN], self._own(thought))

    def changed(self, signature: str) -> str | None:
        """The changed part (`system`, `tools` or `messages`); None if nothing changed."""
        was = _raw(signature)[_OWN:]
        now = {"system": self._system, "tools": self._tools, "messages": self._messages.digest()[:_PART]}
        for number, (name, part) in enumerate(now.items()):
            if was[number * _PART : (number + 1) * _PART] != part:
                return name
        return None

    def _own(self, thought: str) -> bytes:
        text = f"{self._model}\n{thought}".encode("utf-8", "surrogatepass")
        return hmac.new(_KEY, text, sha256).digest()[:_OWN]


def before_reply(body: Body) -> Conversation:
    """The conversation up to the reply to this request."""
    conversation = Conversation(body)
    for message in body["messages"]:
        for block in blocks_in(message):
            conversation.add(message["role"], block)
    return conversation


def _as_blocks(system: object) -> object:
    return [{"type": "text", "text": system}] if isinstance(system, str) else system or []


def plain(value: object) -> object:
    """A JSON value in canonical form: sorted keys, without cache marks and nulls."""
    if isinstance(value, Mapping):
        kept = ((key, value[key]) for key in sorted(value) if key != "cache_control")
        return {key: plain(item) for key, item in kept if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _digest(data: bytes) -> bytes:
    return sha256(data).digest()[:_PART]


def _raw(signature: str) -> bytes:
    try:
        return b64decode(signature, validate=True)
    except ValueError:
        return b""


def thoughts(body: Body) -> Iterator[tuple[str, Mapping[str, Any], Conversation]]:
    """The thinking blocks of a request: path, block, and the conversation before it."""
    conversation = Conversation(body)
    for number, message in enumerate(body["messages"]):
        for index, block in enumerate(blocks_in(message)):
            if block.get("type") in _THOUGHT:
                yield f"messages.{number}.content.{index}", block, conversation
            conversation.add(message["role"], block)
