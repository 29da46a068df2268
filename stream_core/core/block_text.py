"""Joining of a reply's text blocks into one text. Pure.

Text after text is one text: the API cuts a sentence into blocks where it cites a source. Where anything else
stands between two text blocks (a tool call, its result, thinking), a blank line does in the joined text.
"""

from __future__ import annotations

from collections.abc import Iterable

from .deltas import BlockDone, RoundDone, Text, Thinking, ToolDone, ToolInput, TurnDelta

_BREAK = "\n\n"


class Separation:
    """Decides which text stands apart from the text before it.

    Text of the same block never does, whatever other blocks a server sends meanwhile.
    """

    __slots__ = ("_apart", "_index")

    def __init__(self) -> None:
        self._apart = False  # something else came after the last text
        self._index: int | None = None  # of the block of the last text

    def feed(self, delta: TurnDelta) -> bool:
        """Take the next delta; return whether it is text that stands apart."""
        if isinstance(delta, Text):
            apart = self._apart and delta.index != self._index
            self._apart, self._index = False, delta.index
            return apart
        if isinstance(delta, (ToolDone, RoundDone)):
            self._index = None  # the blocks of the next round are numbered anew
        self._apart |= (
            delta.block.get("type") != "text"
            if isinstance(delta, BlockDone)
            else isinstance(delta, (Thinking, ToolInput, ToolDone, RoundDone))
        )
        return False


def join_texts(texts: Iterable[str]) -> str:
    """Join texts that stand apart with one blank line between them, whatever line breaks they bring."""
    joiner = TextJoiner()
    return "".join(joiner.add(text, apart=True) for text in texts)


class TextJoiner:
    """Joins the text of a reply or turn while it arrives; the result does not depend on how it was cut."""

    __slots__ = ("_apart", "_separation", "_tail")

    def __init__(self) -> None:
        self._tail = ""  # last characters of the joined text
        self._apart = False  # the first line of a text that stands apart is still to come
        self._separation = Separation()

    def feed(self, delta: TurnDelta) -> str:
        """Return what a delta adds to the joined text."""
        apart = self._separation.feed(delta)
        return self.add(delta.text, apart=apart) if isinstance(delta, Text) else ""

    def add(self, text: str, *, apart: bool = False) -> str:
        """Return what a piece of text adds to the joined text.

        Args:
            text: the piece.
            apart: whether it stands apart from the text before it.
        """
        if (self._apart or apart) and self._tail:
            text = text.lstrip("\n")
            if not text:
                self._apart = True
                return ""
            text = _BREAK[len(self._tail) - len(self._tail.rstrip("\n")) :] + text
        if text:
            self._apart = False
            self._tail = (self._tail + text)[-len(_BREAK) :]
        return text
