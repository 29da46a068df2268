"""Signatures of thinking, as newer models give them: bound to model, text and all that came before.

Nothing is remembered: a signature holds short digests, and whoever knows the same conversation comes to the
same ones.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from .request import Body, blocks_in
from .script import to_json

_KEY = b"practice"  # it keeps nobody out: a mistake is to be noticed, not an attack
_OWN, _PART = 12, 6  # bytes
_THOUGHT = ("thinking", "redacted_thinking")


class Conversation:
    """What comes before a thinking block, blockwise. Other thinking and cache marks are no part of it."""

    def __init__(self, body: Body) -> None:
        self._model = str(body["model"])
        self._system = _digest(to_json(plain(_as_blocks(body.get("system")))))
        self._tools = _digest(to_json(plain(body.get("tools") or [])))
        self._said = sha256()

    def add(self, role: str, block: Mapping[str, Any]) -> None:
        if block.get("type") not in _THOUGHT:
            self._said.update(to_json([role, plain(block)]))

    def sign(self, thought: str) -> str:
        """The signature of this thought, had after all that was added."""
        parts = (self._own(thought), self._system, self._tools, self._said.digest()[:_PART])
        return b64encode(b"".join(parts)).decode()

    def is_own(self, signature: str, thought: str) -> bool:
        """Whether this server signed that, for this model, whatever came before."""
        return hmac.compare_digest(_raw(signature)[:_OWN], self._own(thought))

    def changed(self, signature: str) -> str | None:
        """What is not as it was when that was signed: `system`, `tools` or `messages`; None if all is."""
        was = _raw(signature)[_OWN:]
        now = {"system": self._system, "tools": self._tools, "messages": self._said.digest()[:_PART]}
        for number, (name, part) in enumerate(now.items()):
            if was[number * _PART : (number + 1) * _PART] != part:
                return name
        return None

    def _own(self, thought: str) -> bytes:
        text = f"{self._model}\n{thought}".encode("utf-8", "surrogatepass")
        return hmac.new(_KEY, text, sha256).digest()[:_OWN]


def before_reply(body: Body) -> Conversation:
    """The conversation that the reply to this request comes after."""
    conversation = Conversation(body)
    for message in body["messages"]:
        for block in blocks_in(message):
            conversation.add(message["role"], block)
    return conversation


def _as_blocks(system: object) -> object:
    return [{"type": "text", "text": system}] if isinstance(system, str) else system or []


def plain(value: object) -> object:
    """A JSON value in one form: keys in order, without cache marks and what is null."""
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
    """The thinking blocks of a request: where each is, itself, and what comes before it."""
    conversation = Conversation(body)
    for number, message in enumerate(body["messages"]):
        for index, block in enumerate(blocks_in(message)):
            if block.get("type") in _THOUGHT:
                yield f"messages.{number}.content.{index}", block, conversation
            conversation.add(message["role"], block)
