"""Events of content blocks -> deltas: which block a piece belongs to, whatever the wire says of it. Pure.

Blocks are numbered as they begin. A piece goes into the block of its index; where that does not suit it, into
one beside it of the right kind, so that words are never lost and never end up in another kind of block.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from .blocks import WORDS, OpenBlock, ToolIds, encodable
from .deltas import BlockDone, Citation, Delta, Text, Thinking, ToolInput, Unknown
from .deviations import Notes
from .errors import ProtocolError
from .event_shapes import PIECES, block_type, delta_type
from .repeated_blocks import RepeatedBlocks
from .tool_call import is_tool_call
from .wire_json import WireJson

Deltas: TypeAlias = Sequence[Delta]
Event: TypeAlias = Mapping[str, Any]

_KNOWN_BLOCKS = (*WORDS, "redacted_thinking")
_MARKS = {"signature_delta": ("thinking", "signature"), "citations_delta": ("text", "citation")}


class BlockTranslator:
    """The blocks of one response.

    Args:
        used_ids: ids of the tool calls that the request holds.
        notes: where deviations are noted.
        wire_json: what parses the inputs of calls within a bound.

    Attributes:
        open: the blocks that are open, in their order: by the wire's index; those beside one, by it and their
            type.
        begun: how many blocks have begun.
        called: whether one of them calls a tool of ours.
    """

    __slots__ = ("_ids", "_json", "_notes", "_repeated", "begun", "called", "open")

    def __init__(self, used_ids: Iterable[str], notes: Notes, wire_json: WireJson) -> None:
        self._ids, self._notes, self._json = ToolIds(used_ids), notes, wire_json
        self._repeated = RepeatedBlocks()
        self.open: dict[Any, OpenBlock] = {}
        self.begun = 0
        self.called = False

    # -- beginnings and ends -----------------------------------------------------------------------

    def begin(self, event: Event, at: float) -> Deltas:
        """Translate a `content_block_start`."""
        key, content = self._key(event, self.begun), event.get("content_block")
        if self._repeated.begin(key, content):
            self._notes.add("block_again")
            return ()
        return self._begin(key, content, at)

    def close(self, event: Event, at: float) -> Deltas:
        """Translate a `content_block_stop`."""
        key = self._key(event, next(reversed(self.open), None))
        return () if self._repeated.close(key) else self._close(key, at)

    def whole(self, content: object, at: float) -> Deltas:
        """The blocks of a message that holds its content already, as if they had been streamed."""
        if isinstance(content, Mapping) or (isinstance(content, str) and content):
            content = [content]
        deltas: list[Delta] = []
        for entry in content if isinstance(content, list) else ():
            key = self.begun
            if isinstance(entry, str):
                entry = {"type": "text", "text": entry}
            deltas += self._begin(key, entry, at)
            block = self.open.get(key)
            if block is None:
                continue
            given = block.start.get("input")
            if is_tool_call(block.type) and given:
                text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
                deltas.append(ToolInput(text, block.index, block.tool_id, block.name, at))
            deltas += self._close(key, at)
            self._repeated.hold(key, entry)
        return deltas

    def close_all(self, at: float) -> list[BlockDone]:
        """Close what is still open."""
        closed = [self._done(block, at) for block in self.open.values()]
        self.open.clear()
        return closed

    def _begin(self, key: Any, content: object, at: float) -> Deltas:
        if not isinstance(content, Mapping):
            self._notes.add("value")
            content = {}
        start = encodable(dict(content))
        kind = block_type(start)
        closed: Deltas = ()
        before = self.open.get(key)
        if before is not None:
            self._notes.add("no_block_stop")
            if before.goes_on(kind, start.get("id")):
                return self._say(before, self._text(content.get(kind, "")), at) if kind in WORDS else ()
            closed = self._close(key, at)
        if not kind:  # what it is, its first delta tells
            self._notes.add("value")
            return closed
        if key != self.begun:
            self._notes.add("index")
        block = self._new(key, {**start, "type": kind})
        return (*closed, *self._first(block, content, at))

    @property
    def unclosed(self) -> bool:
        """Whether a block that the server began is open."""
        return any(not block.implied for block in self.open.values())

    def _new(self, key: Any, start: dict[str, Any], *, implied: bool = False) -> OpenBlock:
        wire_id = start.get("id")
        self._json.keep({**start, start["type"]: None} if start["type"] in WORDS else start)
        if is_tool_call(start["type"]):
            self.called = self.called or start["type"] == "tool_use"
            start["id"] = self._ids.of(wire_id, self._notes)
            if not (isinstance(start.get("name"), str) and start["name"]):
                self._notes.add("tool_name")
                start["name"] = "unnamed"
        elif "tool_use_id" in start:
            start["tool_use_id"] = self._ids.answered(start["tool_use_id"])
        block = self.open[key] = OpenBlock(self.begun, start, wire_id, implied=implied)
        self.begun += 1
        return block

    def _first(self, block: OpenBlock, content: Mapping[str, Any], at: float) -> Deltas:
        """The deltas at the start of a block: text that is there already, a call, or nothing."""
        if is_tool_call(block.type):
            return (ToolInput("", block.index, block.tool_id, block.name, at),)
        if block.type in WORDS:
            return self._say(block, self._text(content.get(block.type, "")), at)
        if block.type in _KNOWN_BLOCKS or block.type.endswith("_tool_result"):
            return ()
        text = block.start.get("text")  # it keeps its text, which is part of the reply, too
        more = (Text(text, block.index, at),) if isinstance(text, str) and text else ()
        return (Unknown(block.type, at), *more)

    def _close(self, key: Any, at: float) -> Deltas:
        keys = [each for each in (key, *((key, words) for words in WORDS)) if each in self.open]
        if not keys:
            self._notes.add("extra_block_stop")
        return [self._done(self.open.pop(each), at) for each in keys]

    def _done(self, block: OpenBlock, at: float) -> BlockDone:
        return BlockDone(block.done(self._notes, self._json), block.index, at)

    # -- pieces ------------------------------------------------------------------------------------

    def content(self, event: Event, at: float) -> Deltas:
        """Translate a `content_block_delta`.

        Raises:
            ProtocolError: something that is no text stands in the place of one, and would be lost.
        """
        index, delta = event.get("index"), event.get("delta")
        if type(delta) is list:
            return [one for each in delta for one in self.content({**event, "delta": each}, at)]
        if type(index) is int and type(delta) is dict:
            block = self.open.get(index)
            if block is not None and delta.get("type") == block.fits:  # the way of nearly every event
                piece = delta.get(block.field)
                if type(piece) is str:
                    return self._say(block, piece, at)
        return self._odd(event, delta, at)

    def _odd(self, event: Event, delta: object, at: float) -> Deltas:
        key = self._key(event, next(reversed(self.open), self.begun))
        block = self.open.get(key)
        if isinstance(delta, str):
            self._notes.add("value")
            delta = {block.field if block is not None and block.field else "text": delta}
        elif delta is None and delta_type(event):
            self._notes.add("bare_delta")
            delta = {name: value for name, value in event.items() if name not in ("type", "index")}
        elif not isinstance(delta, Mapping):
            self._notes.add("value")
            return ()
        delta = self._repeated.new_of(key, delta)
        if delta is None:
            return ()
        kind = delta.get("type")
        kind = kind if isinstance(kind, str) and kind else delta_type(delta)
        if block is None:
            self._notes.add("index" if self.open else "no_block_start")
            block = next(reversed(self.open.values()), None)
        if kind in _MARKS:
            return self._mark(kind, delta, block, at)
        if kind == "input_json_delta":
            return self._input(delta, block, at)
        if kind not in PIECES and not isinstance(delta.get("text"), str):
            if block is not None and block.foreign:
                self._gather(delta, block)
            return (Unknown(encodable(kind), at),)
        return self._words(kind, delta, block, key, at)

    def _words(
        self, kind: str, delta: Mapping[str, Any], block: OpenBlock | None, key: Any, at: float
    ) -> Deltas:
        """A piece of text or thinking, in whatever block it came."""
        if kind not in PIECES:
            self._notes.add("delta_kind")
        words = "thinking" if kind == "thinking_delta" else "text"
        piece = self._text(delta.get(words, delta.get("text")))
        if block is not None and block.foreign:  # it keeps its own text, which is part of the reply, too
            self._gather(delta, block)
            piece = encodable(piece)
            made = Text if words == "text" else Thinking
            return (made(piece, block.index, at),) if piece else ()
        if block is None or block.type != words:
            if block is not None:
                self._notes.add("delta_kind")
            beside = (key, words) if key in self.open else key
            found = self.open.get((key, words))
            block = self._new(beside, {"type": words, words: ""}, implied=True) if found is None else found
        return self._say(block, piece, at)

    def _say(self, block: OpenBlock, piece: str, at: float) -> Deltas:
        piece = block.take(piece)
        if not piece:
            return ()
        self._json.keep_text(piece)
        if block.type == "text":
            return (Text(piece, block.index, at),)
        if block.type == "thinking":
            return (Thinking(piece, block.index, at),)
        return (ToolInput(piece, block.index, block.tool_id, block.name, at),)

    def _gather(self, delta: Mapping[str, Any], block: OpenBlock) -> None:
        for value in delta.values():
            if isinstance(value, str):
                self._json.keep_text(value)
            else:
                self._json.keep(value)
        block.gather(delta)

    def _mark(self, kind: str, delta: Mapping[str, Any], block: OpenBlock | None, at: float) -> Deltas:
        """A signature or a citation, for the block of its index or the newest that can have one."""
        wanted, field = _MARKS[kind]
        if block is None or (block.type != wanted and not block.foreign):
            block = next((one for one in reversed(self.open.values()) if one.type == wanted), None)
        value = delta.get(field)
        if block is None or value is None:
            self._notes.add("value")
        elif kind == "citations_delta":
            self._json.keep(value)
            citation = block.cite(value)
            return (Citation(citation, block.index, at),) if isinstance(citation, dict) else ()
        else:
            self._json.keep(str(value))
            block.sign(str(value))
        return ()

    def _input(self, delta: Mapping[str, Any], block: OpenBlock | None, at: float) -> Deltas:
        """A piece of a call's input, for the block of its index or the newest that can have one."""
        if block is None or block.type in WORDS:
            self._notes.add("delta_kind")
            block = next((one for one in reversed(self.open.values()) if one.type not in WORDS), None)
        if block is None:
            self._notes.add("lost_input")
            return (Unknown("input_json_delta", at),)
        given = delta.get("partial_json")
        piece = (
            json.dumps(given, ensure_ascii=False) if isinstance(given, (dict, list)) else self._text(given)
        )
        return self._say(block, piece, at)

    # -- values ------------------------------------------------------------------------------------

    def _key(self, event: Event, otherwise: Any) -> Any:
        """The index of an event; where it has none, another one."""
        index = event.get("index")
        if isinstance(index, str) and index.isdecimal():
            self._notes.add("index")
            return int(index[:9])
        if isinstance(index, int) and not isinstance(index, bool):
            return index
        self._notes.add("index")
        return otherwise

    def _text(self, value: object) -> str:
        if isinstance(value, str):
            return value
        if value is not None and not isinstance(value, (int, float)):
            raise ProtocolError("a text is no text")
        self._notes.add("value")
        return "" if value is None or isinstance(value, bool) else str(value)
