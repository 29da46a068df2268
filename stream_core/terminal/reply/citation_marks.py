"""The numbers of sources in a reply that is shown while it arrives. Pure."""

from __future__ import annotations

from stream_core.core.citations import Source, SourceList, marks
from stream_core.core.deltas import Block
from stream_core.core.passage_ends import PassageEnds


class CitationMarks:
    """Puts the numbers of its sources behind each cited text, on the line on which that ends.

    The citations of a text are known at its end only. So once a reply cites, or a tool of the server has
    answered, line breaks, blanks and bars of tables wait until no number can come before them.
    """

    def __init__(self) -> None:
        self._list = SourceList()
        self._expected = False
        self._ends = PassageEnds()
        self._held = ""  # line breaks, blanks and bars
        self._marked = False  # nothing has come after the last number

    @property
    def sources(self) -> list[Source]:
        """The sources that are cited so far."""
        return self._list.sources

    def expect(self) -> None:
        """Note that a tool of the server has answered, so that citations are likely."""
        self._expected = True

    def text(self, safe: str) -> str:
        """Return what of a piece of text (sanitised) can be shown, after what was held back."""
        if not safe:
            return ""
        if not self._expected:
            self._ends.feed(safe)
            return safe
        if self._marked and safe.startswith(("(", "[")):
            safe = f" {safe}"  # right behind a number it would be a link in Markdown
        self._marked = False
        whole = self._held + safe
        body = whole.rstrip("\n \t|")
        self._held = whole[len(body) :]
        self._ends.feed(body)
        return body

    def end(self, block: Block) -> str:
        """Return the numbers for a text block that has ended, and what was held back."""
        mark = self._ends.marked(marks(self._list.cite(block)))
        self._expected, self._marked = self._expected or bool(mark), bool(mark) and not self._held
        held, self._held = self._held, ""
        self._ends.feed(mark + held)
        return mark + held

    def release(self) -> str:
        """End the text; return what was held back: no number comes before it any more."""
        held, self._held, self._ends = self._held, "", PassageEnds()
        return held
