"""Wraps text that arrives in pieces between words, where a terminal would cut it at its edge."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import IO

_PIECES = re.compile(r"\n|[^\S\n]+|\S+")


class WordWrap:
    """Takes pieces of text and returns what can be written; a word is held back until it has ended.

    A word that is longer than a row is left to the terminal, and so are the lines of a code fence, which are
    copied as they are.

    Args:
        width: returns the columns of a row; 0 for no wrapping: then nothing is held back or changed.
    """

    def __init__(self, width: Callable[[], int]) -> None:
        self._width = width
        self._column = 0
        self._fenced = self._as_is = False  # in a code fence; in a line that is left to the terminal
        self._space = ""  # between the last word and the one that is held back
        self._word = ""

    def feed(self, text: str) -> str:
        """Take a piece."""
        if not self._width():
            return f"{self.flush()}{text}"
        written = []
        for piece in _PIECES.findall(text):
            if not piece.isspace():
                self._word += piece
                continue
            written.append(self.flush())
            if piece == "\n":
                written.append("\n")
                self._column, self._space, self._as_is = 0, "", self._fenced
            else:
                self._space += piece
        return "".join(written)

    def flush(self) -> str:
        """Return the word that is held back."""
        if not self._word:
            return ""
        from rich.cells import cell_len  # a pipe needs none

        space, word = self._space, self._word
        self._space = self._word = ""
        if not self._column:
            self._begin_line(word)
        fits = self._column + cell_len(space + word) <= self._width()
        if not fits and space and self._column and not self._as_is:
            space = "\n"
            self._column = 0
        self._column += cell_len((space + word).lstrip("\n"))
        return space + word

    def _begin_line(self, word: str) -> None:
        if fence := word.startswith(("```", "~~~")):
            self._fenced = not self._fenced
        self._as_is = self._fenced or fence


def wrap_for(file: IO[str]) -> WordWrap:
    """Wrap what is written to a file at the width of its terminal; a pipe or a file gets it unchanged."""

    def width() -> int:
        try:
            return os.get_terminal_size(file.fileno()).columns if file.isatty() else 0
        except (OSError, ValueError):
            return 0

    return WordWrap(width)


def wrapped(text: str, file: IO[str]) -> str:
    """Return a whole text as `wrap_for` would write it."""
    wrap = wrap_for(file)
    return wrap.feed(text) + wrap.flush()
