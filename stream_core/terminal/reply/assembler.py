"""The deltas of one reply or turn -> parts to lay out: the answer, the thinking before it, the tools called.

Pure. What comes from outside is sanitised here, each block of content by a sanitiser of its own, before
anything looks for Markdown in it. Of each block of thinking, parts with `is_thinking` come first, shown only
until its `thought` comes, which replaces them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from copy import copy

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
from stream_core.core.sanitize import Sanitizer, one_line
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.markdown.splitter import Splitter
from stream_core.terminal.rows.figures import took
from stream_core.terminal.rows.tool_results import is_tool_result, result_words
from stream_core.texts.sources_es import SOURCES, source_words

from .citation_marks import CitationMarks
from .thinking_summary import Thought, is_thinking

_TOOL_SHOWN = 240  # characters of a call or a result
_TOOL_READ = 1_000  # of a call that is streaming; more is not shown anyway
_CONTROLS = re.compile("[\x7f-\x9f]")  # JSON itself escapes the others
CALL_LEAD, RESULT_LEAD, HANG = "⚙ ", "→ ", "  "


class Assembler:
    """Takes in deltas; returns the parts they make final, and the open ones.

    Args:
        asks: whether a tool is asked for; the question has its arguments then, and its row only the name.
    """

    def __init__(self, asks: Callable[[str], bool] = lambda name: False) -> None:
        self._asks = asks
        self._block: tuple[type, int] | None = None  # the block of content that is open
        self._sanitizer = Sanitizer()
        self._splitter = Splitter()
        self._call: tuple[str, str] | None = None  # a tool's name and its input so far
        self._thought: Thought | None = None  # the block that is open is thinking
        self._before: float | None = None  # when the last delta that brought something came
        self._last: type | None = None  # what the block before the open one was, or the result of a tool
        self._marks = CitationMarks()
        self._newest = ""  # the id of the last call, until something comes between it and its result
        self._any = False  # there was a part
        self._apart = False  # the next part is the first of its block, with others before it

    @property
    def thinking_since(self) -> float | None:
        """When the thinking that is open began, on the deltas' clock; None when none is."""
        return self._thought.since if self._thought is not None else None

    def feed(self, delta: TurnDelta) -> list[Part]:
        """Take in a delta; one that shows nothing gives nothing."""
        parts = self._parts(delta)
        if not isinstance(delta, Waiting):
            self._before = delta.at
        return parts

    def open(self) -> list[Part]:
        """The parts that are open, as they stand."""
        if self._call is not None:
            return copy(self)._leave()
        return self._marked(self._splitter.open())

    def finish(self) -> list[Part]:
        """End the reply: what is still open is final, and the sources of its citations are listed."""
        return self._leave() + self._source_parts()

    def _parts(self, delta: TurnDelta) -> list[Part]:
        match delta:
            case Text(text=text):
                return self._enter(Text, delta.index) + self._noted(self._read(text))
            case Thinking(text=text):
                return self._think(delta.index, delta.at, delta.at) + self._noted(self._read(text))
            case ToolInput():
                parts = self._enter(ToolInput, delta.index)
                before = self._call[1] if self._call else ""
                self._call = (delta.name, (before + delta.partial_json)[:_TOOL_READ])
                return parts
            case BlockDone(block=block) if block.get("type") == "text":
                return self._cite(block)
            case BlockDone(block=block) if is_tool_result(block):
                return self._leave() + self._noted([self._server_result(block)])
            case BlockDone(block=block) if str(block.get("type")).endswith("tool_use"):
                parts = self._enter(ToolInput, delta.index)
                self._call = (str(block.get("name", "")), compact(block.get("input")))
                self._newest = str(block.get("id", ""))
                return parts + self._leave()
            case BlockDone(block=block) if (
                is_thinking(block) and self._thought is None
            ):  # nothing is shown of it
                return self._think(delta.index, self._before, delta.at) + self._leave()
            case ToolDone():
                return self._leave() + self._noted([self._result(delta)])
            case BlockDone() | RoundDone() | Opened() | Waiting(reason="retry"):
                return self._leave()
            case _:
                return []

    def _result(self, done: ToolDone) -> Part:
        follows, self._newest, self._last = done.tool_id == self._newest, "", ToolDone
        name = "" if follows else f"{one_line(done.name, 80)}: "
        failed = "no se pudo: " if done.is_error else ""
        words = f"{name}{failed}{one_line(done.content, _TOOL_SHOWN)} ({took(done.seconds)})"
        return Part("tool", words, RESULT_LEAD, HANG)

    def _server_result(self, block: Block) -> Part:
        follows, self._newest, self._last = block.get("tool_use_id") == self._newest, "", ToolDone
        self._marks.expect()
        words, failed = result_words(block)
        shown = one_line(words, _TOOL_SHOWN) or "sin texto"
        return Part(
            "tool", f"{'' if follows else 'resultado: '}{'no se pudo: ' * failed}{shown}", RESULT_LEAD, HANG
        )

    def _cite(self, block: Block) -> list[Part]:
        """End a block of text, with the numbers of its sources; the text goes on with the next one."""
        rest = ""
        if self._block is not None and self._block[0] is Text:
            rest, self._sanitizer = self._marks.text(self._sanitizer.flush()), Sanitizer()
        mark = self._marks.end(block)
        return self._noted(self._splitter.feed(rest + mark)) if self._block is not None else []

    def _source_parts(self) -> list[Part]:
        """The list of the sources, below the answer."""
        found = self._marks.sources
        if not found or not self._any:
            return []
        listed = [
            Part("label", f"[{source.number}] {source_words(source)}", target=source.url) for source in found
        ]
        return [Part("label", f"{SOURCES}:", gap=True), *listed]

    def _think(self, index: int, since: float | None, at: float) -> list[Part]:
        """Begin a block of thinking, or go on with it."""
        parts = self._enter(Thinking, index)
        if self._thought is None:
            self._thought = Thought(since, at)
            if self._apart:  # now, and not with what is left of it: that takes the place of what is shown
                self._apart = False
                parts.append(Part("label", ""))
        self._thought.until = at
        return parts

    def _read(self, text: str) -> list[Part]:
        """The parts that a piece of the open block makes final."""
        safe = self._sanitizer.feed(text)
        if self._thought is not None and safe.strip():
            self._thought.seen = True
        return self._splitter.feed(safe if self._thought is not None else self._marks.text(safe))

    def _enter(self, kind: type, index: int) -> list[Part]:
        """Begin a block of content, if it is another than the one that is open."""
        if self._block == (kind, index):
            return []
        if kind is Text and self._block is not None and self._block[0] is Text:
            self._block = (kind, index)  # text after text is one text: citations cut sentences
            return []
        parts = self._leave()
        together = kind is self._last is ToolInput  # calls made together stand together
        self._block, self._apart, self._last = (kind, index), self._any and not together, kind
        self._newest = ""
        self._sanitizer, self._splitter = Sanitizer(), Splitter()
        return parts

    def _leave(self) -> list[Part]:
        """End the block of content that is open."""
        if self._call is not None:
            name, given = self._call
            words = (
                one_line(name, 80)
                if self._asks(name)
                else f"{one_line(name, 80)} {one_line(given, _TOOL_SHOWN)}"
            )
            parts = self._noted([Part("tool", words.rstrip(), CALL_LEAD, HANG)])
        elif self._thought is not None:
            parts = [Part("thought", self._thought.words(), is_thinking=True)]
            self._any = True
        else:
            rest = self._marks.text(self._sanitizer.flush()) + self._marks.release()
            parts = self._noted([*self._splitter.feed(rest), *self._splitter.finish()])
        self._block, self._call, self._thought, self._splitter = None, None, None, Splitter()
        return parts

    def _noted(self, parts: Sequence[Part]) -> list[Part]:
        marked = self._marked(parts)
        if marked:
            self._any, self._apart = True, False
        return marked

    def _marked(self, parts: Sequence[Part]) -> list[Part]:
        """Parts as they stand in the whole: apart from another block, and marked where they are thinking."""
        thinks = self._thought is not None
        marked = [part._replace(is_thinking=True) for part in parts] if thinks else list(parts)
        if self._apart and marked:
            marked[0] = marked[0]._replace(gap=True)
        return marked


def compact(value: object) -> str:
    """A tool's input as one short line, in which nothing hides what comes after it."""
    written = json.dumps(value, ensure_ascii=False) if value else ""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
