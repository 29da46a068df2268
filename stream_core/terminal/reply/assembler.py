"""The deltas of one reply or turn -> parts to lay out: the answer, the thinking before it, the tools called.

Pure. Of each block of thinking, parts with `is_thinking` come first, shown only until its `thought` comes,
which replaces them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from stream_core.core.deltas import TurnDelta
from stream_core.core.sanitize import one_line
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.markdown.splitter import Splitter
from stream_core.terminal.rows.figures import took
from stream_core.texts.sources_es import SOURCES, source_words

from .content import Begun, Called, Calling, ContentReader, Kind, Piece, Result, TextOver, ThinkingOver, Words

_TOOL_SHOWN = 240  # characters of a call or a result
CALL_LEAD, RESULT_LEAD, HANG = "⚙ ", "→ ", "  "


class Assembler:
    """Takes in deltas; returns the parts they make final, and the open ones.

    Args:
        asks: whether a tool is asked for; the question has its arguments then, and its row only the name.
    """

    def __init__(self, asks: Callable[[str], bool] = lambda name: False) -> None:
        self._asks = asks
        self._content = ContentReader()
        self._splitter = Splitter()
        self._call: Calling | None = None
        self._thinks = False  # the block that is open is thinking
        self._last: Kind | Literal["result"] | None = None  # the block before the open one, or a result
        self._newest = ""  # the id of the last call, until something comes between it and its result
        self._any = False  # there was a part
        self._apart = False  # the next part is the first of its block, with others before it

    @property
    def thinking_since(self) -> float | None:
        """Start of the open block of thinking, on the deltas' clock; None if none is open."""
        return self._content.thinking_since

    def feed(self, delta: TurnDelta) -> list[Part]:
        """Take in a delta; one that shows nothing gives nothing."""
        return self._assemble(self._content.feed(delta))

    def open(self) -> list[Part]:
        """The parts that are open, as they stand."""
        if self._call is not None:
            return self._marked([self._call_part(self._call.name, self._call.input)])
        return self._marked(self._splitter.open())

    def finish(self) -> list[Part]:
        """End the reply: what is still open is final, and the sources of its citations are listed."""
        return self._assemble(self._content.finish()) + self._source_parts()

    def _assemble(self, pieces: Sequence[Piece]) -> list[Part]:
        if len(pieces) == 1:  # nearly always, and a reply has thousands of them
            return self._parts(pieces[0])
        return [part for piece in pieces for part in self._parts(piece)]

    def _parts(self, piece: Piece) -> list[Part]:
        match piece:
            case Words(text=text):
                return self._noted(self._splitter.feed(text))
            case Begun(kind=kind):
                return self._begin(kind)
            case TextOver():
                rest = self._splitter.feed(piece.rest + piece.breaks)
                return self._noted([*rest, *self._splitter.finish()])
            case ThinkingOver(thought=thought):
                self._any, self._thinks, self._splitter = True, False, Splitter()
                return [Part("thought", thought.words(), is_thinking=True)]
            case Calling():
                self._call = piece
                return []
            case Called():
                self._call, self._newest = None, piece.id
                return self._noted([self._call_part(piece.name, piece.input)])
            case Result():
                return self._noted([self._result(piece)])

    def _begin(self, kind: Kind) -> list[Part]:
        together = kind == self._last == "call"  # calls made together stand together
        self._apart, self._last = self._any and not together, kind
        self._newest, self._splitter, self._thinks = "", Splitter(), kind == "thinking"
        if not (self._thinks and self._apart):
            return []
        self._apart = False  # now, and not with what is left of it: that takes the place of what is shown
        return [Part("label", "")]

    def _call_part(self, name: str, given: str) -> Part:
        shown = one_line(name, 80)
        words = shown if self._asks(name) else f"{shown} {one_line(given, _TOOL_SHOWN)}"
        return Part("tool", words.rstrip(), CALL_LEAD, HANG)

    def _result(self, result: Result) -> Part:
        follows, self._newest, self._last = result.id == self._newest, "", "result"
        shown = one_line(result.words, _TOOL_SHOWN)
        if result.name:
            label, shown = f"{one_line(result.name, 80)}: ", f"{shown} ({took(result.seconds)})"
        else:
            label, shown = "resultado: ", shown or "sin texto"
        words = f"{'' if follows else label}{'no se pudo: ' * result.is_error}{shown}"
        return Part("tool", words, RESULT_LEAD, HANG)

    def _source_parts(self) -> list[Part]:
        """The list of the sources, below the answer."""
        found = self._content.sources
        if not found or not self._any:
            return []
        listed = [
            Part("label", f"[{source.number}] {source_words(source)}", target=source.url) for source in found
        ]
        return [Part("label", f"{SOURCES}:", gap=True), *listed]

    def _noted(self, parts: Sequence[Part]) -> list[Part]:
        if not parts:
            return []
        marked = self._marked(parts)
        self._any, self._apart = True, False
        return marked

    def _marked(self, parts: Sequence[Part]) -> list[Part]:
        """Parts as they stand in the whole: apart from another block, and marked where they are thinking."""
        marked = [part._replace(is_thinking=True) for part in parts] if self._thinks else list(parts)
        if self._apart and marked:
            marked[0] = marked[0]._replace(gap=True)
        return marked
