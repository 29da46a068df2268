"""The deltas of one reply or turn -> pieces of content, safe to show: both views of a reply are made of them.

Pure. Each block of content has a sanitiser of its own. The numbers of sources are part of the text; a call is
one piece once it is complete; how long the model thought comes with the end of thinking.
"""

from __future__ import annotations

import json
import re
from typing import Literal, NamedTuple, TypeAlias

from stream_core.core.citations import Source
from stream_core.core.deltas import (
    Block,
    BlockDone,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolDone,
    ToolInput,
    TurnDelta,
    Waiting,
)
from stream_core.core.sanitize import Sanitizer
from stream_core.terminal.rows.tool_results import is_tool_result, result_words

from .citation_marks import CitationMarks
from .thinking_summary import Thought, is_thinking

Kind: TypeAlias = Literal["text", "thinking", "call"]

_CALL_READ = 1_000  # characters of a call that is streaming; more is not shown anyway
_CONTROLS = re.compile("[\x7f-\x9f]")  # JSON itself escapes the others


class Begun(NamedTuple):
    """A block of content begins. Text after text is one block: citations cut sentences."""

    kind: Kind


class Words(NamedTuple):
    """More of the open block of text or thinking, sanitised."""

    kind: Kind
    text: str


class TextOver(NamedTuple):
    """The open block of text has ended.

    Attributes:
        rest: its last text, sanitised.
        breaks: line breaks after it that were held back for the number of a source.
    """

    rest: str
    breaks: str


class ThinkingOver(NamedTuple):
    """The open block of thinking has ended.

    Attributes:
        rest: its last text, sanitised.
        thought: how long it took, and whether any of it could be read.
    """

    rest: str
    thought: Thought


class Calling(NamedTuple):
    """The call of a tool, untrusted, as far as it has come."""

    name: str
    input: str


class Called(NamedTuple):
    """The call of a tool, untrusted.

    Attributes:
        name: the tool.
        input: its input as JSON on one line, or the beginning of it; "" for none.
        id: its id; "" for a call that was cut.
        complete: whether it was not cut.
    """

    name: str
    input: str
    id: str
    complete: bool


class Result(NamedTuple):
    """The result of a tool, untrusted.

    Attributes:
        id: the id of its call.
        words: its text.
        is_error: whether the tool failed.
        name: the tool; "" for one that the API runs itself.
        seconds: how long it ran; 0.0 for one that the API runs itself.
    """

    id: str
    words: str
    is_error: bool
    name: str = ""
    seconds: float = 0.0


Piece: TypeAlias = Begun | Words | TextOver | ThinkingOver | Calling | Called | Result


class ContentReader:
    """Takes in deltas; returns the pieces that they bring, which are none for many."""

    def __init__(self) -> None:
        self._block: tuple[Kind, int] | None = None  # the block of content that is open
        self._sanitizer = Sanitizer()
        self._call: Calling | None = None
        self._thought: Thought | None = None  # the block that is open is thinking
        self._before: float | None = None  # when the last delta that brought something came
        self._marks = CitationMarks()

    @property
    def thinking_since(self) -> float | None:
        """Start of the open block of thinking, on the deltas' clock; None if none is open."""
        return self._thought.since if self._thought is not None else None

    @property
    def sources(self) -> list[Source]:
        """The sources that are cited so far."""
        return self._marks.sources

    def feed(self, delta: TurnDelta) -> list[Piece]:
        """Take in a delta."""
        pieces = self._pieces(delta)
        if not isinstance(delta, Waiting):
            self._before = delta.at
        return pieces

    def finish(self) -> list[Piece]:
        """End the block that is open."""
        return self._leave()

    def _pieces(self, delta: TurnDelta) -> list[Piece]:
        match delta:
            case Text(text=text):
                pieces = self._enter("text", delta.index)
                pieces.append(Words("text", self._read(text)))
                return pieces
            case Thinking(text=text):
                pieces = self._think(delta.index, delta.at, delta.at)
                pieces.append(Words("thinking", self._read(text)))
                return pieces
            case ToolInput():
                pieces = self._enter("call", delta.index)
                before = self._call.input if self._call else ""
                self._call = Calling(delta.name, (before + delta.partial_json)[:_CALL_READ])
                pieces.append(self._call)
                return pieces
            case BlockDone(block=block):
                return self._done(block, delta.index, delta.at)
            case ToolDone():
                result = Result(delta.tool_id, delta.content, delta.is_error, delta.name, delta.seconds)
                return [*self._leave(), result]
            case RoundDone() | Opened() | Waiting(reason="retry"):
                return self._leave()
            case _:
                return []

    def _done(self, block: Block, index: int, at: float) -> list[Piece]:
        """The pieces of a block of content that is complete."""
        kind = str(block.get("type"))
        if kind == "text":
            return self._cite(block)
        if is_tool_result(block):
            pieces = self._leave()
            self._marks.expect()
            words, failed = result_words(block)
            return [*pieces, Result(str(block.get("tool_use_id")), words, failed)]
        if kind.endswith("tool_use"):
            pieces = self._enter("call", index)
            self._call = None
            called = Called(
                str(block.get("name") or ""), compact(block.get("input")), str(block.get("id", "")), True
            )
            return [*pieces, called, *self._leave()]
        if is_thinking(block) and self._thought is None:  # nothing is shown of it
            return [*self._think(index, self._before, at), *self._leave()]
        return self._leave()

    def _cite(self, block: Block) -> list[Piece]:
        """End a block of text, with the numbers of its sources; the text goes on with the next one."""
        rest, opened = "", self._block
        if opened is not None and opened[0] == "text":
            rest, self._sanitizer = self._marks.text(self._sanitizer.flush()), Sanitizer()
        mark = self._marks.end(block)
        return [Words(opened[0], rest + mark)] if opened is not None and rest + mark else []

    def _think(self, index: int, since: float | None, at: float) -> list[Piece]:
        """Begin a block of thinking, or go on with it."""
        pieces = self._enter("thinking", index)
        self._thought = self._thought or Thought(since, at)
        self._thought.until = at
        return pieces

    def _read(self, text: str) -> str:
        """A piece of the open block, as it can be shown."""
        safe = self._sanitizer.feed(text)
        if self._thought is None:
            return self._marks.text(safe)
        self._thought.seen |= bool(safe.strip())
        return safe

    def _enter(self, kind: Kind, index: int) -> list[Piece]:
        """Begin a block of content, if it is another than the one that is open."""
        if self._block == (kind, index):
            return []
        if kind == "text" and self._block is not None and self._block[0] == "text":
            self._block = (kind, index)
            return []
        pieces = self._leave()
        self._block, self._sanitizer = (kind, index), Sanitizer()
        return [*pieces, Begun(kind)]

    def _leave(self) -> list[Piece]:
        """End the block of content that is open."""
        block, call, thought = self._block, self._call, self._thought
        self._block = self._call = self._thought = None
        if call is not None:
            return [Called(call.name, call.input, "", False)]
        if thought is not None:
            return [ThinkingOver(self._sanitizer.flush(), thought)]
        if block is None or block[0] != "text":
            return []
        return [TextOver(self._marks.text(self._sanitizer.flush()), self._marks.release())]


def compact(value: object) -> str:
    """A tool's input as one short line, in which nothing hides what comes after it."""
    written = json.dumps(value, ensure_ascii=False) if value else ""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
