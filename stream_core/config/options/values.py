"""What a person types about the look -> a value, and the way back. Case and accents make no difference.

Each reader gives None for what it cannot take. What a `…word` function gives, its reader takes back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeAlias

from stream_core.core.sanitize import one_line

Value: TypeAlias = str | int  # bool is an int

ANSI_COLOURS = tuple(
    bright + colour
    for bright in ("", "bright_")
    for colour in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
)
"""The colours that every terminal has, by the names a style calls them."""

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
"""What a person calls a colour, and what a style calls it."""

_YES, _NO = ("si", "s", "on", "true", "1"), ("no", "n", "off", "false", "0")
_REGION = re.compile("[\U0001f1e6-\U0001f1ff]{2}")  # two of these letters are drawn as one flag
_BLANK = re.compile("[\u115f-\u11ff\u2800\u3164\uffa0]")  # said to be printable, and yet nothing to see


def fold(text: str) -> str:
    """Take a word without its case and accents, to compare it with another."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def one_of(*words: str) -> Callable[[str], Value | None]:
    """Make the reader of one word among several."""
    return lambda text: fold(text) if fold(text) in words else None


def yes_or_no(text: str) -> Value | None:
    """Read a yes or a no."""
    word = fold(text)
    return True if word in _YES else False if word in _NO else None


def number(low: int, high: int, *, none: bool = False) -> Callable[[str], Value | None]:
    """Make the reader of a whole number in a range; of 0 or `no` too, where there may be none."""

    def read(text: str) -> Value | None:
        if none and fold(text) in ("no", "0"):
            return 0
        count = int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
        return count if low <= count <= high else None

    return read


def colour(text: str) -> Value | None:
    """Read a colour: a name of `COLOURS` or `ANSI_COLOURS`, or `#rrggbb`; "" for that of the theme."""
    word = re.sub("[ -]", "_", fold(text))
    if not text or word == "tema":
        return ""
    if word in ANSI_COLOURS or re.fullmatch("#[0-9a-f]{6}", word):
        return word
    return COLOURS.get(word)


def cursor(text: str) -> Value | None:
    """Read one character as a person sees it, of one cell or two; "" for none."""
    if not text or fold(text) == "no":
        return ""
    char = unicodedata.normalize("NFC", text)
    kinds = "".join(unicodedata.category(part)[0] for part in char)
    one = re.fullmatch("[LNPS]M{0,5}", kinds) or _REGION.fullmatch(char)
    safe = char == one_line(char) and not _BLANK.search(char)
    return char if one and safe and _cells(char) <= 2 else None


def _cells(char: str) -> int:
    """Count the cells a character may take. Each of its parts counts: not every terminal joins them."""
    if char.endswith("\ufe0f"):
        return 2  # drawn as an emoji
    thin = ("Mn", "Me")
    return sum(
        0 if unicodedata.category(part) in thin else 1 + (unicodedata.east_asian_width(part) in "WF")
        for part in char
    )


def yes_or_no_word(value: Any) -> str:
    """Say yes or no."""
    return "sí" if value else "no"


def or_no_word(value: Any) -> str:
    """Say a value, and `no` for none."""
    return str(value) if value else "no"


def colour_word(value: Any) -> str:
    """Say a colour."""
    return next((word for word, name in COLOURS.items() if name == value), value or "tema")
