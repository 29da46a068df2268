"""Characters that show nothing: kept where a script or an emoji needs them, dropped everywhere else.

Invisible characters can hide text from a reader (in tag characters or variation selectors) and make different
words look alike. They are what Unicode calls default ignorable (DerivedCoreProperties.txt), and the
blank of Braille. Pure and stateful: the output does not depend on how the text was cut into pieces.

Kept: a variation selector after an emoji; ZWJ between emojis; ZWJ and ZWNJ after a letter of a script that
joins (Arabic, Persian, the Indic ones); RLM, LRM and ALM in a line with text from right to left; the tags of
the flags of England, Scotland and Wales; the controls that join Egyptian hieroglyphs, after one. U+2800
becomes a space: in pictures of dots it keeps its place.
"""

from __future__ import annotations

import re

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""The inside of a character class: what shows nothing."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SELECTORS = "\ufe0e\ufe0f"
_JOINERS = "\u200c\u200d"
MARKS = "\u200e\u200f\u061c"
_ZWJ, _BLANK, _KEYCAP = "\u200d", "\u2800", "\u20e3"
_BLACK_FLAG, _TAG_END = "\U0001f3f4", "\U000e007f"
_FLAGS = tuple(
    "".join(chr(0xE0000 + ord(letter)) for letter in region) + _TAG_END
    for region in ("gbeng", "gbsct", "gbwls")
)
# Needed only beside what is invisible: compiled with the first of it.
_EMOJI = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_KEYS = frozenset("0123456789#*")
_JOINS = (
    "[\u0600-\u060f\u0610-\u061b\u061d-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u180a\u1810-\u18af"
    "\u1a20-\u1aaf\u1b00-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001eeff]"
)
_MONGOLIAN = "[\u1820-\u18aa]"
_HIEROGLYPH = "[\U00013000-\U0001342f\U00013441-\U0001345f\U00013460-\U000143ff]"
_LEFT_TO_RIGHT = re.compile("[\x00-\u058f]*")  # nearly every piece, and seen in a quarter of the time
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


class InvisibleFilter:
    """Drops what shows nothing from a text that comes in pieces."""

    __slots__ = ("_before", "_held", "_right_to_left", "_selected")

    def __init__(self) -> None:
        self._before = ""  # the last character that is seen
        self._selected = False  # an invisible one that belongs to it has been let through
        self._right_to_left = False  # the line has text that is read from right to left
        self._held = ""  # what depends on the character that comes next

    def feed(self, piece: str) -> str:
        """Return what of a piece may be seen, with what was held back for it."""
        if not _INVISIBLE.search(piece):
            return self.feed_visible(piece)
        out: list[str] = []
        at = 0
        for found in _INVISIBLE.finditer(piece):
            if found.start() > at:
                out += (self._release(piece[at]), piece[at : found.start()])
                self._saw(piece[at : found.start()])
            out.append(self._one(found.group()))
            at = found.end()
        if at < len(piece):
            out += (self._release(piece[at]), piece[at:])
            self._saw(piece[at:])
        return "".join(out)

    def feed_visible(self, piece: str) -> str:
        """As `feed`, for a piece in which nothing is invisible."""
        released = self._release(piece[0]) if self._held and piece else ""
        self._saw(piece)
        return released + piece

    def _saw(self, text: str) -> None:
        if text:
            self._before, self._selected = text[-1], False
            if self._right_to_left and "\n" in text:
                self._right_to_left = False
            if not _LEFT_TO_RIGHT.fullmatch(text) and _RIGHT_TO_LEFT.search(text, text.rfind("\n") + 1):
                self._right_to_left = True

    def _release(self, following: str) -> str:
        """The characters held back, if the one that follows makes them meaningful."""
        held, self._held = self._held, ""
        if held == _ZWJ:
            return held if re.match(_EMOJI, following) else ""
        if held and held in _SELECTORS:
            return held if following == _KEYCAP else ""
        if held and held in MARKS:
            return held if _RIGHT_TO_LEFT.match(following) else ""
        return ""

    def _one(self, char: str) -> str:
        """The replacement of one invisible character."""
        if char == _BLANK:
            self._saw(" ")
            return " "
        if "\U000e0000" <= char:
            return self._tag(char)
        self._held = ""
        if "\U00013430" <= char <= "\U0001343f":
            return char if re.match(_HIEROGLYPH, self._before) else ""  # several of them may follow one
        if self._selected and not (char == _ZWJ and self._before and re.match(_EMOJI, self._before)):
            return ""
        if char in _SELECTORS:
            return self._selector(char)
        if char in _JOINERS:
            return self._joiner(char)
        if char in MARKS:
            return self._mark(char)
        if "\u180b" <= char <= "\u180f" and char != "\u180e" and re.match(_MONGOLIAN, self._before):
            return self._let_through(char)
        return ""

    def _let_through(self, char: str) -> str:
        self._selected = True
        return char

    def _selector(self, char: str) -> str:
        if self._before in _KEYS:
            self._held = char
            return ""
        return self._let_through(char) if re.match(_EMOJI, self._before) else ""

    def _joiner(self, char: str) -> str:
        if re.match(_JOINS, self._before):
            return self._let_through(char)
        if char == _ZWJ and (re.match(_EMOJI, self._before) or self._before == _TAG_END):
            self._held = char
        return ""

    def _mark(self, char: str) -> str:
        if self._right_to_left:
            return self._let_through(char)
        self._held = char
        return ""

    def _tag(self, char: str) -> str:
        """Hold tags back until they are those of a flag."""
        if self._before != _BLACK_FLAG or self._selected:
            return ""
        held = self._held + char if self._held.startswith("\U000e0067") else char
        if held in _FLAGS:
            self._held, self._selected = "", False
            self._before = _TAG_END
            return held
        self._held = held if any(flag.startswith(held) for flag in _FLAGS) else ""
        return ""
