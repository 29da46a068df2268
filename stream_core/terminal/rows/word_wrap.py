"""Wraps text that arrives in pieces between words, where a terminal would cut it at its edge."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len

_PIECES = re.compile(r"\n|[^\S\n]+|\S+")


class WordWrap:
    """Takes pieces of text and returns what can be written; a word is held back until it has ended.

    A word that is longer than a row is left to the terminal.

    Args:
        width: returns the columns of a row.
    """

    def __init__(self, width: Callable[[], int]) -> None:
        self._width = width
        self._column = 0
        self._space = ""  # between the last word and the one that is held back
        self._word = ""

    def feed(self, text: str) -> str:
        """Take a piece."""
        written = []
        for piece in _PIECES.findall(text):
            if not piece.isspace():
                self._word += piece
                continue
            written.append(self.flush())
            if piece == "\n":
                written.append("\n")
                self._column, self._space = 0, ""
            else:
                self._space += piece
        return "".join(written)

    def flush(self) -> str:
        """Return the word that is held back."""
        if not self._word:
            return ""
        space, word = self._space, self._word
        self._space = self._word = ""
        if self._column and self._column + cell_len(space + word) > self._width():
            space = "\n"
            self._column = 0
        self._column += cell_len((space + word).lstrip("\n"))
        return space + word
