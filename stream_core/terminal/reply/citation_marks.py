"""The numbers of sources in a reply that is shown while it arrives. Pure."""

from __future__ import annotations

from stream_core.core.citations import Source, SourceList, marks
from stream_core.core.deltas import Block


class CitationMarks:
    """Puts the numbers of its sources behind each cited text, on the line on which that ends.

    The citations of a text are known at its end only. So once a reply cites, or a tool of the server has
    answered, line breaks wait until it is certain that no number comes before them.
    """

    def __init__(self) -> None:
        self._list = SourceList()
        self._expected = False
        self._held = ""  # line breaks
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
        if not self._expected or not safe:
            return safe
        if self._marked and safe.startswith(("(", "[")):
            safe = f" {safe}"  # right behind a number it would be a link in Markdown
        self._marked = False
        body = (self._held + safe).rstrip("\n")
        self._held = (self._held + safe)[len(body) :]
        return body

    def end(self, block: Block) -> str:
        """Return the numbers for a text block that has ended, and the line breaks that were held back."""
        mark = marks(self._list.cite(block))
        self._expected, self._marked = self._expected or bool(mark), bool(mark) and not self._held
        return mark + self.release()

    def release(self) -> str:
        """Return the line breaks that were held back: no number comes before them any more."""
        held, self._held = self._held, ""
        return held
