"""JSON and text of a server, taken in within one bound. Pure.

Parsed values take up to fifty times the memory of their text (`[[],[],…`), so what a text would take is
estimated before it is parsed, by counting the characters that make values. What is nested deeper than any
reply is refused as well: the functions that walk a value later are recursive.

One text is parsed in one call, during which no other thread runs and nothing can be cancelled. So it is
refused, whatever the bound of the reply, if it has more values or characters than any event of a reply has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .errors import ReplyTooLarge
from .text_size import PIECE, TextSize

MAX_VALUES_BYTES = 32 << 20
"""The default for `WireJson.left`."""
DEEPEST = 100
"""Levels of lists and objects in each other."""
MOST_SIGNS = 320_000
"""Braces, brackets, commas and colons of one text, but for those in strings: a tenth of a second of work."""
MOST_CHARACTERS = 16 << 20
"""Characters of one text."""

_SMALL = 2_048  # characters of a text that cannot take much
# Bytes of a value in CPython, 64 bits: an object, a list, an entry of either, half a string, a key.
_WEIGHTS = {"{": 240, "[": 90, ",": 40, '"': 30, ":": 80}
_SLICE = 150  # characters of a text that are looked at in one go
_STRETCH = 1 << 16  # and that are skipped at once
_LONG_NUMBER = 300  # digits; making an integer of more takes time that grows with their square
_MOST_DIGITS = 1 << 18  # of all long numbers of a reply


class NestedTooDeeply(ValueError):
    """A value has more than `DEEPEST` levels."""


def _too_large_at_once() -> ReplyTooLarge:
    error = ReplyTooLarge()
    error.at_once = True
    return error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class _LongNumbers:
    """Makes integers of so many digits in all, and no more; short numbers do not count."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = _MOST_DIGITS

    def __call__(self, digits: str) -> int:
        if len(digits) > _LONG_NUMBER:
            self._left -= len(digits)
            if self._left < 0:
                raise _too_large_at_once()
        return int(digits)


class _Decoders:
    """Decoders that differ in what they take beside JSON.

    Args:
        parse_int: makes the integers; None for `int` itself.
    """

    __slots__ = ("_exact", "_loose", "_usual")

    def __init__(self, parse_int: Callable[[str], int] | None = None) -> None:
        self._usual = json.JSONDecoder(parse_int=parse_int)
        self._loose = json.JSONDecoder(parse_int=parse_int, strict=False)
        self._exact = json.JSONDecoder(parse_int=parse_int, parse_constant=_refuse)

    def decode(self, text: str, *, strict: bool, constants: bool) -> Any:
        """The value of a text; `strict` and `constants` as in `WireJson.load`."""
        decoder = self._usual if strict and constants else self._loose if constants else self._exact
        return decoder.decode(text)


_FOR_SHORT = _Decoders()
"""For texts that are too short for a long number: most events are, and many are read by themselves."""


class WireJson:
    """The JSON and the texts of one reply, all of it within one bound.

    Args:
        left: how many bytes values and texts may take.
        characters: of one text.
        signs: of one text, as in `MOST_SIGNS`.

    Attributes:
        left: how many bytes further values and texts may take.
    """

    __slots__ = ("_characters", "_for_long", "_signs", "_texts", "left")

    def __init__(
        self, left: int = MAX_VALUES_BYTES, *, characters: int = MOST_CHARACTERS, signs: int = MOST_SIGNS
    ) -> None:
        self.left, self._characters, self._signs = left, characters, signs
        self._texts = TextSize()
        self._for_long: _Decoders | None = None  # created on demand

    def load(self, text: str, *, strict: bool = True, constants: bool = True) -> Any:
        """The value of a text.

        Args:
            strict: whether control characters in strings are refused.
            constants: whether `NaN` and `Infinity` are taken.

        Raises:
            ValueError: it is no JSON; `NestedTooDeeply` where it is nested too deeply.
            ReplyTooLarge: it would take too much memory, or too much time in one go.
        """
        if len(text) > _SMALL:
            self._check(text)
        try:
            value = self._decoders_for(text).decode(text, strict=strict, constants=constants)
        except RecursionError:
            raise NestedTooDeeply from None
        if len(text) > 2 * DEEPEST and text.count("[") + text.count("{") > DEEPEST and _is_deep(value):
            raise NestedTooDeeply
        return value

    def _check(self, text: str) -> None:
        if len(text) > self._characters:
            raise _too_large_at_once()
        signs = _counted(text)
        if _weight(text, signs) > self.left or _number(signs) > self._signs:  # or are they in strings?
            signs = _signs_of_values(text, self._signs)
            if _number(signs) > self._signs:
                raise _too_large_at_once()
            if _weight(text, signs) > self.left:
                raise ReplyTooLarge

    def _decoders_for(self, text: str) -> _Decoders:
        if len(text) <= _LONG_NUMBER:
            return _FOR_SHORT
        if self._for_long is None:
            self._for_long = _Decoders(_LongNumbers())
        return self._for_long

    def keep(self, value: Any) -> None:
        """Note that a value, which is not nested too deeply, stays in memory with the reply.

        Raises:
            ReplyTooLarge: all of them together take too much.
        """
        self.left -= _size(value)
        if self.left < 0:
            raise ReplyTooLarge

    def keep_text(self, piece: str) -> None:
        """Note that a piece of text stays, alone and in what all of them are joined to.

        Raises:
            ReplyTooLarge: all of them together take too much.
        """
        self.left -= PIECE + self._texts.add(piece) * 3 // 2  # it is held twice while it is joined
        if self.left < 0:
            raise ReplyTooLarge

    def expect(self, size: int) -> None:
        """Check that so many bytes may come into memory.

        Raises:
            ReplyTooLarge: they are too many.
        """
        if size > self.left:
            raise ReplyTooLarge

    def value(self, text: str, *, strict: bool = True) -> Any:
        """Load as `load` does; None for a text that is no JSON, or null."""
        try:
            return self.load(text, strict=strict)
        except ValueError:
            return None

    def is_whole_object(self, text: str) -> bool:
        """Whether a text is one JSON object and nothing else."""
        return text.rstrip().endswith("}") and self.object_in(text) is not None

    def object_in(self, text: str) -> dict[str, Any] | None:
        """The JSON object that a text is, or None."""
        value = self.value(text)
        return value if isinstance(value, dict) else None


def weight(text: str) -> int:
    """Estimate, rather too high, the bytes that the values of a text take."""
    return _weight(text, _counted(text))


def _weight(text: str, signs: Mapping[str, int]) -> int:
    return sys.getsizeof(text) * 9 // 8 + sum(signs[sign] * size for sign, size in _WEIGHTS.items())


def _number(signs: Mapping[str, int]) -> int:
    return sum(signs.values()) - signs['"']


def _counted(text: str) -> dict[str, int]:
    return {sign: text.count(sign) for sign in _WEIGHTS}


def _signs_of_values(text: str, most: int) -> dict[str, int]:
    """Count the signs that are in no string, up to the slice in which they become more than `most`."""
    signs = dict.fromkeys(_WEIGHTS, 0)
    inside, held, at = False, "", 0
    while at < len(text):
        if inside:
            at, held = _without_quotes(text, at + len(held))
        piece = held + text[at : at + _SLICE]
        at += _SLICE
        held = "\\" if (len(piece) - len(piece.rstrip("\\"))) % 2 else ""  # it escapes what comes next
        parts = piece.removesuffix(held).replace("\\\\", "").replace('\\"', "").split('"')
        outside = "".join(parts[inside::2])
        inside ^= len(parts) % 2 == 0
        for sign in signs:
            signs[sign] += outside.count(sign)
        signs['"'] += len(parts) - 1
        if _number(signs) > most:
            break
    return signs


def _without_quotes(text: str, at: int) -> tuple[int, str]:
    """Skip what is in a string and has no quotation mark, if it is long: most of a large event is one text.

    Returns:
        Where to go on, and the backslash before that place which escapes what comes next, or "".
    """
    end = text.find('"', at, at + _STRETCH)
    end = min(at + _STRETCH, len(text)) if end < 0 else end
    if end - at <= _SLICE:
        return at, ""
    skipped = text[at:end]
    return end, "\\" * ((len(skipped) - len(skipped.rstrip("\\"))) % 2)


def _size(value: Any) -> int:
    """Estimate how many bytes a value takes, as `weight` does."""
    if isinstance(value, dict):
        return 240 + sum(90 + sys.getsizeof(key) + _size(inner) for key, inner in value.items())
    if isinstance(value, list):
        return 90 + sum(map(_size, value))
    return 36 + sys.getsizeof(value)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
