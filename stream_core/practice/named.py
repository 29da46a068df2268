"""Arguments for tools that a question names: a sum, a file, the time zone of a place. Pure."""

from __future__ import annotations

import re

from .request import words

HOME = "Europe/Madrid"
"""The zone of a question that names no place."""

_LONGEST_EXPRESSION = 200  # characters
_NUMBER = r"\d+(?:[.,]\d+)*(?![\d_]|[^\W\d_x])"
_OPERATOR = r"(?:\*\*|//|[-+*/%×÷−^x])"
_DEEPEST = 4  # parentheses in one another


def _operations(operand: str, least: int) -> str:
    """A pattern for an operand and at least so many more, each behind an operator."""
    return rf"{operand}(?:\s*{_OPERATOR}\s*{operand}){{{least},}}"


def _pattern() -> re.Pattern[str]:
    operand = rf"[-+−]?{_NUMBER}"
    for _ in range(_DEEPEST):
        group = rf"\(\s*{_operations(operand, 0)}\s*\)"
        operand = rf"[-+−]?(?:{_NUMBER}|{group})"
    unsigned = operand.removeprefix("[-+−]?")
    # A sign that begins is one only where a word could begin: `3 -4` is a subtraction.
    first = rf"(?:(?<![^\s(¿:=])[-−]|(?<![\w.])){unsigned}"
    more = rf"(?:\s*{_OPERATOR}\s*{operand})+"
    grouped = rf"(?<![\w.])\(\s*{_operations(operand, 1)}\s*\)"
    return re.compile(f"{first}{more}|{grouped}", re.IGNORECASE)


_EXPRESSION = _pattern()
_SIGNS = {"×": "*", "x": "*", "X": "*", "÷": "/", "−": "-", "^": "**"}


def expression(text: str) -> str | None:
    """The longest arithmetic expression in `text`, as the calculator takes it, or None.

    A regular expression finds it; only the tool calculates. It has at least one operation. A decimal
    comma becomes a point; `×`, `x`, `÷` and `^` become Python's.
    """
    found = (_in_python(match[0]) for match in _EXPRESSION.finditer(text))
    return max((each for each in found if len(each) <= _LONGEST_EXPRESSION), key=len, default=None)


def _in_python(found: str) -> str:
    spaced = re.sub(r"\s+", " ", found)
    signed = re.sub("[×xX÷−^]", lambda sign: _SIGNS[sign[0]], spaced)
    return re.sub(r"\d+(?:[.,]\d+)*", lambda number: _number(number[0]), signed)


def _number(written: str) -> str:
    """A number in Python's notation: `1.250,5` and `1,250.5` are 1250.5, and `1,21` is 1.21."""
    marks = [char for char in written if char in ".,"]
    if len(marks) > 1 and marks[-1] in marks[:-1]:  # they all separate thousands
        marks = []
    whole, mark, rest = written.rpartition(marks[-1]) if marks else (written, "", "")
    digits = re.sub("[.,]", "", whole).lstrip("0") or "0"
    return f"{digits}.{rest}" if mark else digits


_PATH = re.compile(r"(?<![\w/.])(?:[\w-]+/)*[\w-]+\.[a-z]{1,4}\b(?!/)")


def path(text: str) -> str | None:
    """The first file name in `text`, such as `notas/lunes.txt`."""
    named = _PATH.search(text)
    return named[0] if named else None


IANA_ZONE = re.compile(
    r"\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/+-]{2,40}\b"
)
_ZONES = {
    "madrid": HOME,
    "españa": HOME,
    "santiago de compostela": HOME,
    "canarias": "Atlantic/Canary",
    "méxico": "America/Mexico_City",
    "cdmx": "America/Mexico_City",
    "bogotá": "America/Bogota",
    "colombia": "America/Bogota",
    "lima": "America/Lima",
    "perú": "America/Lima",
    "santiago": "America/Santiago",
    "chile": "America/Santiago",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "argentina": "America/Argentina/Buenos_Aires",
    "tokio": "Asia/Tokyo",
    "tokyo": "Asia/Tokyo",
    "japón": "Asia/Tokyo",
    "nueva york": "America/New_York",
    "new york": "America/New_York",
    "londres": "Europe/London",
    "utc": "UTC",
}


def zone(text: str) -> str:
    """The IANA time zone of the first place named in `text`; Madrid's if none is."""
    if written := IANA_ZONE.search(text):
        return written[0]
    padded = f" {' '.join(words(text))} "
    places = {f" {' '.join(words(place))} ": name for place, name in _ZONES.items()}
    named = [(padded.index(place), -len(place), name) for place, name in places.items() if place in padded]
    return min(named)[2] if named else HOME
