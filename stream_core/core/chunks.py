"""Cutting a long text into parts at the ends of its paragraphs, while it is read. Pure."""

from __future__ import annotations

import re

_CUTS = (re.compile(r"\n[ \t]*\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?…»])\s"), re.compile(r"\s"))
"""Where a text is cut, best first: at the end of a paragraph, a line, a sentence, a word."""
_LEAST = 0.5  # of the limit: an earlier end of a paragraph is no place to cut


class Chunker:
    """Cuts a text that comes in pieces; the parts together are the text.

    Args:
        limit: characters of a part.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._rest = limit, ""

    def feed(self, piece: str) -> list[str]:
        """Take the next piece; return the parts that are complete."""
        self._rest += piece
        parts: list[str] = []
        while len(self._rest) > self._limit:
            end = _end(self._rest[: self._limit])
            parts.append(self._rest[:end])
            self._rest = self._rest[end:]
        return parts

    def finish(self) -> list[str]:
        """Return what is left, if there is anything to read in it."""
        rest, self._rest = self._rest, ""
        return [rest] if rest.strip() else []


def _end(window: str) -> int:
    for cut in _CUTS:
        end = max((found.end() for found in cut.finditer(window)), default=0)
        if end >= len(window) * _LEAST:
            return end
    return len(window)
