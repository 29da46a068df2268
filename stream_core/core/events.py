"""SDK events -> deltas: pure, by the events' `type` and fields alone, so the SDK need not be loaded here.

The protocol is the event flow of https://platform.claude.com/docs/en/build-with-claude/streaming:
`message_start`, then per content block `content_block_start`, its `content_block_delta`s and
`content_block_stop`, then `message_delta` with the stop reason and `message_stop`. The SDK mixes in events it
derives from these (`text`, `input_json`, ...): they say the same once more and are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .deltas import (
    CUT_SHORT,
    BlockDone,
    Delta,
    Failed,
    Finished,
    Opened,
    Text,
    Thinking,
    ToolInput,
    Unknown,
    Usage,
)
from .errors import ProtocolError, Truncated
from .sanitize import repair_surrogates

_DERIVED = frozenset({"text", "input_json", "thinking", "citation", "signature"})
_TOOL_CALLS = ("tool_use", "server_tool_use")
_KNOWN_BLOCKS = ("text", "thinking", "redacted_thinking", *_TOOL_CALLS)


class _Block:
    """A content block that is open: how it started, and the pieces that came since."""

    __slots__ = ("citations", "high", "name", "pieces", "signature", "start", "tool_id", "type")

    def __init__(self, start: dict[str, Any]) -> None:
        self.start = start
        self.type = str(start.get("type", ""))
        self.pieces: list[str] = []
        self.citations: list[Any] = list(start.get("citations") or [])
        self.signature = str(start.get("signature") or "")
        self.tool_id, self.name = str(start.get("id", "")), str(start.get("name", ""))
        self.high = ""  # a high surrogate whose other half comes with the next piece

    def take(self, piece: str) -> str:
        """Keep a piece and give it back as text that can be encoded."""
        if self.high or not piece.isascii():
            piece = self.high + piece
            self.high = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
            piece = repair_surrogates(piece[: len(piece) - len(self.high)])
        self.pieces.append(piece)
        return piece

    def done(self) -> dict[str, Any]:
        """The whole block as plain JSON, in the form the API takes it back."""
        whole = "".join(self.pieces)
        block = dict(self.start)
        if self.type in _TOOL_CALLS:
            if whole:
                block["input"] = _tool_input(whole)
        elif self.type == "text":
            block["text"] = whole
            if self.citations:
                block["citations"] = self.citations
        elif self.type == "thinking":
            block["thinking"] = whole
            block["signature"] = self.signature
        return block


class Translator:
    """The events of one response, translated in their order.

    Attributes:
        ended: whether `message_stop` came; what follows says nothing more.
    """

    __slots__ = ("_broken", "_open", "_opened", "_stop_details", "_stop_reason", "_usage", "ended")

    def __init__(self) -> None:
        self._open: dict[int, _Block] = {}
        self._opened = False
        self._broken: ProtocolError | None = None  # a tool call whose input is not JSON
        self._stop_reason: str | None = None
        self._stop_details: dict[str, Any] | None = None
        self._usage = Usage()
        self.ended = False

    def translate(self, event: Any, at: float, request_id: str | None = None) -> Delta | None:
        """Give the delta of an event that was read at `at`, or None when it brings nothing to show.

        Raises:
            ProtocolError: the event cannot come at this place.
        """
        kind = event.type
        if kind == "content_block_delta":
            return self._content(event.index, event.delta, at)
        if kind in _DERIVED:
            return None
        if kind == "message_start":
            return self._start(event.message, at, request_id)
        if kind == "content_block_start":
            return self._begin(event.index, _json(event.content_block), at)
        if kind == "content_block_stop":
            return self._close(event.index, at)
        if kind == "message_delta":
            self._message_delta(event)
            return None
        if kind == "message_stop":
            return self._stop(at)
        return Unknown(str(kind), at)

    def end(self, at: float) -> Finished | Failed:
        """The body ended without `message_stop`: say what that makes of the reply."""
        if self._stop_reason is None or self._open:
            return Failed(Truncated(), at)
        try:
            return self._finished(at, clean=False)
        except ProtocolError as broken:
            return Failed(broken, at)

    def _start(self, message: Any, at: float, request_id: str | None) -> Opened:
        if self._opened:
            raise ProtocolError("a second message_start")
        self._opened = True
        self._usage = _merged(self._usage, getattr(message, "usage", None))
        return Opened(str(message.id), str(message.model), self._usage, request_id, at)

    def _begin(self, index: int, start: dict[str, Any], at: float) -> Delta | None:
        if not self._opened:
            raise ProtocolError("a content block before message_start")
        if index in self._open:
            raise ProtocolError(f"content block {index} started twice")
        block = self._open[index] = _Block(_encodable(start))
        if block.type in _TOOL_CALLS:
            return ToolInput("", index, block.tool_id, block.name, at)
        if block.type == "text" and start.get("text"):
            return Text(block.take(start["text"]), index, at)
        if block.type == "thinking" and start.get("thinking"):
            return Thinking(block.take(start["thinking"]), index, at)
        known = block.type in _KNOWN_BLOCKS or block.type.endswith("_tool_result")
        return None if known else Unknown(block.type, at)

    def _content(self, index: int, delta: Any, at: float) -> Delta | None:
        block = self._open.get(index)
        if block is None:
            raise ProtocolError(f"a delta for content block {index}, which is not open")
        kind = delta.type
        if kind == "text_delta" and block.type == "text":
            text = block.take(delta.text)
            return Text(text, index, at) if text else None
        if kind == "thinking_delta" and block.type == "thinking":
            text = block.take(delta.thinking)
            return Thinking(text, index, at) if text else None
        if kind == "input_json_delta" and block.type in _TOOL_CALLS:
            piece = block.take(
                delta.partial_json
            )  # the wire's own first piece is empty: the start said so already
            return ToolInput(piece, index, block.tool_id, block.name, at) if piece else None
        if kind == "signature_delta":
            block.signature = str(delta.signature)
            return None
        if kind == "citations_delta":
            block.citations.append(_encodable(_json(delta.citation)))
            return None
        return Unknown(str(kind), at)

    def _close(self, index: int, at: float) -> BlockDone | None:
        block = self._open.pop(index, None)
        if block is None:
            raise ProtocolError(f"the end of content block {index}, which is not open")
        try:
            return BlockDone(block.done(), index, at)
        except ProtocolError as broken:
            self._broken = broken  # whether that is a fault, only the stop reason tells
            return None

    def _message_delta(self, event: Any) -> None:
        if not self._opened:
            raise ProtocolError("message_delta before message_start")
        self._usage = _merged(self._usage, getattr(event, "usage", None))
        if event.delta.stop_reason is not None:
            self._stop_reason = str(event.delta.stop_reason)
            details = getattr(event.delta, "stop_details", None)
            self._stop_details = None if details is None else _encodable(_json(details))

    def _stop(self, at: float) -> Finished:
        if self._stop_reason is None or self._open:
            raise ProtocolError("message_stop before the reply was complete")
        return self._finished(at, clean=True)

    def _finished(self, at: float, *, clean: bool) -> Finished:
        if self._broken is not None and self._stop_reason not in CUT_SHORT:
            raise self._broken
        self.ended = True
        return Finished(self._stop_reason or "", self._usage, at, self._stop_details, clean)


def whole_message(message: Any, at: float) -> Iterator[Delta]:
    """The deltas of a message that was not streamed: everything at once, with the ending."""
    usage = _merged(Usage(), message.usage)
    yield Opened(str(message.id), str(message.model), usage, getattr(message, "_request_id", None), at)
    for index, content in enumerate(message.content):
        block = _encodable(_json(content))
        if block.get("type") == "text":
            yield Text(block["text"], index, at)
        elif block.get("type") == "thinking":
            yield Thinking(block["thinking"], index, at)
        yield BlockDone(block, index, at)
    details = getattr(message, "stop_details", None)
    plain = None if details is None else _encodable(_json(details))
    yield Finished(str(message.stop_reason), usage, at, plain)


def _tool_input(whole: str) -> Any:
    try:
        return _encodable(json.loads(whole, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as broken:
        raise ProtocolError("the input of a tool call is not JSON") from broken


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _encodable(value: Any) -> Any:
    """The same JSON value with no lone surrogate in it: escapes such as `\\ud800` bring them in."""
    if isinstance(value, str):
        return repair_surrogates(value)
    if isinstance(value, dict):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_encodable(inner) for inner in value]
    return value


def _merged(usage: Usage, news: Any) -> Usage:
    """Usage on the wire is cumulative, and what is not repeated stays as it was."""

    written, tools = getattr(news, "cache_creation", None), getattr(news, "server_tool_use", None)

    def pick(name: str, where: Any = news, theirs: str = "") -> int:
        value = getattr(where, theirs or name, None)
        return value if isinstance(value, int) else int(getattr(usage, name))

    return Usage(
        pick("input_tokens"),
        pick("output_tokens"),
        pick("cache_creation_input_tokens"),
        pick("cache_read_input_tokens"),
        pick("cache_creation_1h_input_tokens", written, "ephemeral_1h_input_tokens"),
        pick("web_search_requests", tools),
    )


def _json(value: Any) -> dict[str, Any]:
    """The plain JSON of an SDK object (they all have `to_dict`)."""
    plain: dict[str, Any] = value if isinstance(value, dict) else value.to_dict(mode="json")
    return plain
