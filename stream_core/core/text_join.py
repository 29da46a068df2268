"""How the text blocks of a reply become one text. Pure.

Text after text is one text: the API cuts a sentence into blocks where it cites a source. Where anything else
stands between two text blocks (a tool call, its result, thinking), a blank line does in the joined text.
"""

from __future__ import annotations

from collections.abc import Iterable

from .deltas import BlockDone, RoundDone, Text, Thinking, ToolDone, ToolInput, TurnDelta

_BREAK = "\n\n"


def separates(delta: TurnDelta) -> bool:
    """Whether the text after this delta stands apart from the text before it."""
    if isinstance(delta, BlockDone):
        return delta.block.get("type") != "text"
    return isinstance(delta, (Thinking, ToolInput, ToolDone, RoundDone))


def join_texts(texts: Iterable[str]) -> str:
    """Join texts that stand apart with one blank line between them, whatever line breaks they bring."""
    joiner = TextJoiner()
    return "".join(joiner.add(text, apart=True) for text in texts)


class TextJoiner:
    """Joins the text of a reply or turn while it arrives; the result does not depend on how it was cut."""

    __slots__ = ("_apart", "_tail")

    def __init__(self) -> None:
        self._tail = ""  # last characters of the joined text
        self._apart = False  # something else came after it

    def feed(self, delta: TurnDelta) -> str:
        """Return what a delta adds to the joined text."""
        if isinstance(delta, Text):
            return self.add(delta.text)
        if separates(delta):
            self._apart = True
        return ""

    def add(self, text: str, *, apart: bool = False) -> str:
        """Return what a piece of text adds to the joined text.

        Args:
            text: the piece.
            apart: whether it stands apart from the text before it.
        """
        if (self._apart or apart) and self._tail:
            text = text.lstrip("\n")
            if not text:
                self._apart = True  # its first line is still to come
                return ""
            text = _BREAK[len(self._tail) - len(self._tail.rstrip("\n")) :] + text
        if text:
            self._apart = False
            self._tail = (self._tail + text)[-len(_BREAK) :]
        return text
