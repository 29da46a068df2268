"""Bytes that texts take in Python, which holds each at the width of its widest character. Pure.

A character takes one byte up to U+00FF, two up to U+FFFF, else four (PEP 393): one emoji makes a text of
ASCII four times as large as the bytes that it came as.
"""

from __future__ import annotations

import codecs
import sys

_PAD = "x" * 256  # so much of a text that its header counts for less than one byte a character
_SLICE = 1 << 16  # bytes that are decoded at a time
PIECE = 80
"""Bytes of a text apart from its characters, with its place in two lists."""


def width(text: str) -> int:
    """Return the bytes that each character of a text takes: 1, 2 or 4."""
    if text.isascii():
        return 1
    long = text if len(text) >= len(_PAD) else text + _PAD
    return sys.getsizeof(long) // len(long)


class TextSize:
    """The size that pieces of text will have together, joined.

    Attributes:
        characters: of all pieces.
        width: bytes of each.
    """

    __slots__ = ("characters", "width")

    def __init__(self) -> None:
        self.characters, self.width = 0, 1

    def add(self, text: str) -> int:
        """Add a piece; return the bytes by which the whole grows."""
        grown = len(text) * self.width
        if not text.isascii() and (wider := width(text)) > self.width:
            grown += (self.characters + len(text)) * (wider - self.width)
            self.width = wider
        self.characters += len(text)
        return grown


def decoded_size(data: bytes | bytearray | memoryview) -> int:
    """Return the bytes that UTF-8 takes once it is decoded, without decoding more than a slice at a time."""
    size, view = TextSize(), memoryview(data)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return sum(size.add(decoder.decode(view[at : at + _SLICE])) for at in range(0, len(view), _SLICE))
