"""Arguments for tools that a question names: a sum, a file, the time zone of a place. Pure."""

from __future__ import annotations

import re

from .request import words
from .vocabulary import UNIMPORTANT

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


_PERCENT = r"(?:%(?!\s*\d)|por ?ciento|percent)"
_AMOUNT = rf"(?<![\w.,])(?P<amount>{_NUMBER})"
_SHARE = rf"(?P<share>{_NUMBER})\s*{_PERCENT}"
_UNIT = r"(?:\s*[€$£])?"
_PERCENTAGES = tuple(
    (re.compile(pattern, re.IGNORECASE), written)
    for pattern, written in (
        (
            rf"\b(?:s[uú]m|añ[aá]d|aum[eé]nt)\w* (?:el |un )?{_SHARE} a (?:los |las )?{_AMOUNT}",
            "{amount} * (1 + {share} / 100)",
        ),
        (
            rf"\b(?:r[eé]st|qu[ií]t|desc[ou]e?nt)\w* (?:el |un )?{_SHARE} (?:a|de) (?:los |las )?{_AMOUNT}",
            "{amount} * (1 - {share} / 100)",
        ),
        (
            rf"(?<![\w.,]){_SHARE} (?:de descuento )?(?:de|del|sobre|of) (?:los |las |the )?{_AMOUNT}",
            "{amount} * {share} / 100",
        ),
        (rf"{_AMOUNT}{_UNIT}\s*(?:\+|más|mas|plus) ?(?:el |un )?{_SHARE}", "{amount} * (1 + {share} / 100)"),
        (
            rf"{_AMOUNT}{_UNIT}\s*(?:[-−]|menos|minus) ?(?:el |un )?{_SHARE}",
            "{amount} * (1 - {share} / 100)",
        ),
        (
            rf"(?:porcentaje|tanto {_PERCENT}|qué %).{{0,30}}?{_AMOUNT} (?:de|sobre) (?P<share>{_NUMBER})",
            "{amount} / {share} * 100",
        ),
    )
)
_SPOKEN = tuple(
    (re.compile(rf"(?<=\d) (?:{said}) (?=[-−]?\d)", re.IGNORECASE), sign)
    for said, sign in (
        ("multiplicado por|por|times", " * "),
        ("dividido (?:por|entre)|entre|divided by", " / "),
        ("más|mas|plus", " + "),
        ("menos|minus", " - "),
        ("elevado a(?: la)?", " ** "),
    )
)


def expression(text: str) -> str | None:
    """The longest arithmetic expression in `text`, as the calculator takes it, or None.

    A regular expression finds it; only the tool calculates. It has at least one operation. A decimal
    comma becomes a point; `×`, `x`, `÷` and `^` become Python's, and so do operations in words between two
    numbers. `15 % de 240` and `240 + 15 %` are percentages, as a person means them.
    """
    for pattern, written in _PERCENTAGES:
        if (match := pattern.search(text)) is not None:
            return written.format(amount=_number(match["amount"]), share=_number(match["share"]))
    for said, sign in _SPOKEN:
        text = said.sub(sign, text)
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


_ENDING = r"\.(?-i:(?=\w{0,3}[a-z])[a-z0-9]{1,4}|[A-Z][A-Z0-9]{0,3})"
_PATH = re.compile(rf"(?<![\w/.])(?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*?{_ENDING}\b(?!/)")
_QUOTES = r"«([^«»\n]{1,200})»|\"([^\"\n]{1,200})\"|“([^“”\n]{1,200})”|'([^'\n]{1,200})'|`([^`\n]{1,200})`"
_QUOTED = re.compile(rf"(?<!\w)(?:{_QUOTES})(?!\w)")
_A_FILE = r"(?:archivos?|ficheros?|documentos?|file|document)"
_A_FOLDER = r"(?:carpetas?|directorios?|subcarpetas?|folder|directory)"
_CALLED = r"(?:(?:llamad[oa]|que se llama|de nombre|called|named|del?|la|los?|las|mi|mis|the) )*"
# With the blanks in its name, where the word before it says that a name follows.
_SPACED = re.compile(
    rf"\b{_A_FILE} {_CALLED}(?P<name>[^\s/«\"“'`.,:;?!()][^«»\"“”`,:;?!()\n]{{0,120}}?{_ENDING})\b(?!/)",
    re.IGNORECASE,
)
_NOT_IN_NAMES = frozenset("que en con esta hay tengo llama mira lee that in".split())
_WITHOUT_ENDING = re.compile(r"(?<!\w)(?:Makefile|Dockerfile|README|LICENSE|LICENCIA|CHANGELOG|LEEME)(?!\w)")
_OPENS = re.compile(
    rf"\b(?:{_A_FILE}|lee\w*|leer|abre|abrir|mira|muestra\w*|read|open|show)\b(?!.*\b{_A_FOLDER}\b)",
    re.IGNORECASE,
)


def path(text: str) -> str | None:
    """The first file name in `text`, such as `notas/lunes.txt`.

    With its blanks if it is in quotes, or stands behind a word such as «archivo».
    """
    quoted = (str(next(filter(None, found.groups()))).strip() for found in _QUOTED.finditer(text))
    names = [name for name in quoted if _is_name(name, whole=_OPENS.search(text) is not None)]
    if names:
        return names[0]
    spaced = _SPACED.search(text)
    if spaced and _NOT_IN_NAMES.isdisjoint(words(spaced["name"])):
        return spaced["name"]
    named = _PATH.search(text) or (_WITHOUT_ENDING.search(text) if _OPENS.search(text) else None)
    return named[0] if named else None


def _is_name(quoted: str, *, whole: bool) -> bool:
    """Whether a quoted text is the name of a file: by its ending, or `whole` because a file is asked for."""
    ends = re.search(rf"\w{_ENDING}$", quoted, re.IGNORECASE) is not None
    return (ends or whole) and len(quoted.split()) <= _MOST_WORDS and not quoted.endswith(("?", "/"))


_MOST_WORDS = 8  # in a file's name
_FILES = re.compile(rf"\b(?:{_A_FILE}|{_A_FOLDER}|files)\b", re.IGNORECASE)
_LOOKS = re.compile(
    r"\b(?:list\w*|lístame|muestra\w*|muéstra\w*|enseña\w*|enséña\w*|mira\w*|mire\w*|ver|ve|hay|tengo|tienes|"
    r"ves|contiene|contenido|dime|abre|abrir|lee\w*|leer|léeme|explora\w*|revisa\w*|qué|que|cuáles|cuales|show|what|which|look|read)\b",
    re.IGNORECASE,
)
_ASKS_HOW = re.compile(
    r"\b(?:cómo|como|por qué|para qué|how|why|no|crea\w*|borra\w*|adjunt\w*|escrib\w*"
    r"|qu[eé] (?:es|son|significa)|what (?:is|are) an?)\b",
    re.IGNORECASE,
)
_IN_FOLDER = re.compile(rf"\b{_A_FOLDER} {_CALLED}([\w-]+(?:[./][\w-]+)*)", re.IGNORECASE)
_NO_FOLDER = frozenset("actual entera completa compartida abierta principal personal tuya mia abre".split())
_SHELL = re.compile(r"\s*(?:ls|dir)(?:\s+([\w./-]+))?\s*", re.IGNORECASE)


def folder(text: str) -> str | None:
    """The folder whose files a question wants to see; "." for the one that is open, None for no such wish."""
    if (typed := _SHELL.fullmatch(text)) is not None:
        return typed[1] or "."
    if not (_FILES.search(text) and _LOOKS.search(text)) or _ASKS_HOW.search(text):
        return None
    if path(text) is not None and not re.search(rf"\b{_A_FOLDER}\b", text, re.IGNORECASE):
        return None  # a file is asked for
    if re.search(rf"\b{_A_FOLDER}\b", text, re.IGNORECASE) and (quoted := _QUOTED.search(text)):
        return str(next(filter(None, quoted.groups()))).strip() or "."
    named = _IN_FOLDER.search(text)
    if named is None or not set(words(named[1])).isdisjoint(_NO_FOLDER | UNIMPORTANT):
        return "."
    return named[1]


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
