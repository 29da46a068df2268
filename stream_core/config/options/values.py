"""Parsing and formatting of option values; case and accents are ignored.

A parser returns None for invalid text. It parses whatever its `…_word` function formats.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from stream_core.core.numbers import number as written
from stream_core.core.sanitize import one_line

Value: TypeAlias = str | int  # bool is an int

ANSI_COLOURS = tuple(
    bright + colour
    for bright in ("", "bright_")
    for colour in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
)
"""The sixteen colours of every terminal, by their names in styles."""

COLOURS = {
    "rojo": "red",
    "verde": "green",
    "amarillo": "yellow",
    "azul": "blue",
    "magenta": "magenta",
    "cian": "cyan",
    "blanco": "white",
    "gris": "bright_black",
    "negro": "black",
    "naranja": "#ff8700",
    "rosa": "#ff87af",
    "morado": "#875fff",
}
"""Spanish names of colours, and their names in styles."""

_YES, _NO = ("si", "s", "on", "true", "1"), ("no", "n", "off", "false", "0")
_REGION = re.compile("[\U0001f1e6-\U0001f1ff]{2}")  # a pair of these letters is drawn as one flag
_BLANK = re.compile("[\u115f-\u11ff\u2800\u3164\uffa0]")  # printable according to Unicode, but invisible


def fold(text: str) -> str:
    """Remove case and accents from a word, for comparison."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def one_of(*words: str) -> Callable[[str], Value | None]:
    """Return a parser of one word among several."""
    return lambda text: next((word for word in words if fold(word) == fold(text)), None)


def yes_or_no(text: str) -> Value | None:
    """Parse yes or no."""
    word = fold(text)
    return True if word in _YES else False if word in _NO else None


def number(low: int, high: int, *, none: bool = False) -> Callable[[str], Value | None]:
    """Return a parser of integers from `low` to `high`, with or without commas (`3,600`).

    With `none` it also reads `0` and `no`, both as 0.
    """

    def read(text: str) -> Value | None:
        if none and fold(text) in ("no", "0"):
            return 0
        plain = text.replace(",", "") if re.fullmatch("[0-9]{1,3}(,[0-9]{3})+", text) else text
        count = int(plain) if re.fullmatch("[0-9]{1,9}", plain) else -1
        return count if low <= count <= high else None

    return read


def size(
    low: int, high: int, unit: Literal["MB", "kB"], *, none: bool = False
) -> Callable[[str], Value | None]:
    """Return a parser of integers from `low` to `high`, with or without their unit (`32 MB`, `200k`)."""
    read = number(low, high, none=none)
    return lambda text: read(re.sub(rf"\s*{unit[0]}b?$", "", text, flags=re.IGNORECASE))


def colour(text: str) -> Value | None:
    """Parse a colour: a name in `COLOURS` or `ANSI_COLOURS`, or `#rrggbb`; "" means the theme's own."""
    word = re.sub("[ -]", "_", fold(text))
    if not text or word == "tema":
        return ""
    if word in ANSI_COLOURS or re.fullmatch("#[0-9a-f]{6}", word):
        return word
    return COLOURS.get(word)


def cursor(text: str) -> Value | None:
    """Parse one visible character, of one or two cells; "" means no cursor."""
    if not text or fold(text) == "no":
        return ""
    char = unicodedata.normalize("NFC", text)
    kinds = "".join(unicodedata.category(part)[0] for part in char)
    one = re.fullmatch("[LNPS]M{0,5}", kinds) or _REGION.fullmatch(char)
    safe = char == one_line(char) and not _BLANK.search(char)
    return char if one and safe and _cells(char) <= 2 else None


def _cells(char: str) -> int:
    """Count the cells a character may occupy; its parts are added, since not every terminal joins them."""
    if char.endswith("\ufe0f"):
        return 2  # drawn as an emoji
    thin = ("Mn", "Me")
    return sum(
        0 if unicodedata.category(part) in thin else 1 + (unicodedata.east_asian_width(part) in "WF")
        for part in char
    )


def yes_or_no_word(value: Any) -> str:
    """Format yes or no."""
    return "sí" if value else "no"


def or_no_word(value: Any) -> str:
    """Format a value, and an empty one as `no`."""
    return number_word(value) if isinstance(value, int) and value else value or "no"


def number_word(value: Any) -> str:
    """Format an integer."""
    return written(value)


def size_word(unit: Literal["MB", "kB"]) -> Callable[[Any], str]:
    """Return a formatter of sizes with their unit; none is `no`."""
    return lambda value: f"{written(value)} {unit}" if value else "no"


def colour_word(value: Any) -> str:
    """Format a colour."""
    return next((word for word, name in COLOURS.items() if name == value), value or "tema")
