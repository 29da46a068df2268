"""Stacks of combining marks on one character: kept as high as any script needs, cut above that. Pure.

A thousand accents on one letter ("Zalgo") are one cell wide, cover the rows around it on most terminals, and
make a row that never ends. Unicode's stream-safe format allows 30 in a row (UAX #15, section 13); no
orthography has more than a dozen.
"""

from __future__ import annotations

import re

MOST_MARKS = 30
"""Combining marks in a row that stay."""

# The blocks and parts of blocks whose marks stack; what else is in them does not come in such rows.
_MARKS = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0730-\u074a"
    "\u07eb-\u07f3\u0816-\u082d\u0859-\u085b\u08ca-\u0902\u093a-\u094d\u0951-\u0957\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u0eb1\u0eb4-\u0ece\u0f18-\u0f1f\u0f35-\u0f39\u0f71-\u0f87\u0f8d-\u0fbc\u102d-\u103a"
    "\u135d-\u135f\u17b6-\u17d3\u1a55-\u1a7f\u1ab0-\u1aff\u1cd0-\u1cf9\u1dc0-\u1dff\u20d0-\u20ff\u2cef-\u2cf1"
    "\u302a-\u302f\u3099\u309a\ua66f-\ua67d\ua69e\ua69f\ua8e0-\ua8f1\ufb1e\ufe20-\ufe2f"
    "\U0001d165-\U0001d1ad\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a]"
)
_BELOW_ALL = re.compile("[\x00-\u02ff]*")  # nearly every piece
# Needed by few texts: compiled with the first of them.
_LEADING = f"{_MARKS}*"
_TOO_HIGH = f"({_MARKS}{{{MOST_MARKS}}}){_MARKS}+"


class MarkStacks:
    """Cuts what is too high from a text that comes in pieces."""

    __slots__ = ("_height",)

    def __init__(self) -> None:
        self._height = 0  # marks in a row at the end of what has come

    def feed(self, piece: str) -> str:
        """Return what of a piece stays."""
        if _BELOW_ALL.fullmatch(piece) or not re.search(_MARKS, piece):
            self._height = 0 if piece else self._height
            return piece
        leading = _end(piece)
        whole, kept = leading == len(piece), min(leading, MOST_MARKS - self._height)
        if whole:
            self._height += kept
            return piece[:kept]
        piece = re.sub(_TOO_HIGH, r"\1", piece[:kept] + piece[leading:])
        self._height, mark = 0, re.compile(_MARKS)
        while self._height < MOST_MARKS and mark.match(piece, len(piece) - 1 - self._height):
            self._height += 1
        return piece


def _end(piece: str) -> int:
    found = re.match(_LEADING, piece)
    return found.end() if found else 0
