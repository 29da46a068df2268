"""The deltas of one reply or turn -> parts to lay out: the answer, the thinking before it, the tools called.

Pure. What comes from outside is sanitised here, each block of content by a sanitiser of its own, before
anything looks for Markdown in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from stream_core.deltas import BlockDone, RoundDone, Text, Thinking, ToolDone, ToolInput, TurnDelta
from stream_core.sanitize import Sanitizer, one_line

from .blocks import Part, Splitter

_TOOL_SHOWN = 240  # characters of a call or a result
_TOOL_READ = 1_000  # of a call that is streaming; more is not shown anyway
_CALL_LEAD, _RESULT_LEAD = "⚙ ", "→ "


class Composer:
    """Takes in deltas; gives the parts they make final, and the open ones."""

    def __init__(self) -> None:
        self._block: tuple[type, int] | None = None  # the block of content that is open
        self._sanitizer = Sanitizer()
        self._splitter = Splitter()
        self._call: tuple[str, str] | None = None  # a tool's name and its input so far
        self._any = False  # there was a part
        self._apart = False  # the next part is the first of its block, with others before it

    def feed(self, delta: TurnDelta) -> list[Part]:
        """Take in a delta; one that shows nothing gives nothing."""
        match delta:
            case Text(text=text) | Thinking(text=text):
                parts = self._enter(type(delta), delta.index)
                return parts + self._told(self._splitter.feed(self._sanitizer.feed(text)))
            case ToolInput():
                parts = self._enter(ToolInput, delta.index)
                before = self._call[1] if self._call else ""
                self._call = (delta.name, (before + delta.partial_json)[:_TOOL_READ])
                return parts
            case BlockDone(block=block) if block.get("type") in ("tool_use", "server_tool_use"):
                parts = self._enter(ToolInput, delta.index)
                self._call = (str(block.get("name", "")), _compact(block.get("input")))
                return parts + self._leave()
            case ToolDone():
                words = f"{'no se pudo: ' if delta.is_error else ''}{one_line(delta.content, _TOOL_SHOWN)}"
                return self._leave() + self._told([Part("tool", words, _RESULT_LEAD, "  ")])
            case BlockDone() | RoundDone():
                return self._leave()
            case _:
                return []

    def open(self) -> list[Part]:
        """The parts that are open, as they stand."""
        if self._call is not None:
            return copy(self)._leave()
        return self._marked(self._splitter.open())

    def finish(self) -> list[Part]:
        """End the reply: what is still open is final."""
        return self._leave()

    def _enter(self, kind: type, index: int) -> list[Part]:
        """Begin a block of content, if it is another than the one that is open."""
        if self._block == (kind, index):
            return []
        parts = self._leave()
        self._block, self._apart = (kind, index), self._any
        self._sanitizer, self._splitter = Sanitizer(), Splitter()
        return parts + (self._told([Part("label", "Claude piensa…")]) if kind is Thinking else [])

    def _leave(self) -> list[Part]:
        """End the block of content that is open."""
        if self._call is not None:
            words = f"{one_line(self._call[0], 80)} {one_line(self._call[1], _TOOL_SHOWN)}"
            parts = self._told([Part("tool", words.rstrip(), _CALL_LEAD, "  ")])
        else:
            parts = self._told([*self._splitter.feed(self._sanitizer.flush()), *self._splitter.finish()])
        self._block, self._call, self._splitter = None, None, Splitter()
        return parts

    def _told(self, parts: Sequence[Part]) -> list[Part]:
        marked = self._marked(parts)
        if marked:
            self._any, self._apart = True, False
        return marked

    def _marked(self, parts: Sequence[Part]) -> list[Part]:
        """Parts as they stand in the whole: apart from another block, and quiet where they are thinking."""
        quiet = self._block is not None and self._block[0] is Thinking
        marked = [replace(part, quiet=True) for part in parts] if quiet else list(parts)
        if self._apart and marked:
            marked[0] = replace(marked[0], gap=True)
        return marked


def _compact(value: object) -> str:
    """A tool's input as one short line."""
    return json.dumps(value, ensure_ascii=False) if value else ""
