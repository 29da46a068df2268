"""JSON and text of a server, taken in within one bound. Pure.

Parsed values take up to fifty times the memory of their text (`[[],[],…`), so what a text would take is
estimated before it is parsed, by counting the characters that make values. What is nested deeper than any
reply is refused as well: the functions that walk a value later are recursive.
"""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from .errors import ReplyTooLarge
from .text_size import PIECE, TextSize

MAX_VALUES_BYTES = 32 << 20
"""The default for `WireJson.left`."""
DEEPEST = 100
"""Levels of lists and objects in each other."""

_SMALL = 2_048  # characters of a text that cannot take much
# Bytes of a value in CPython, 64 bits: an object, a list, an entry of either, half a string, a key.
_WEIGHTS = (("{", 240), ("[", 90), (",", 40), ('"', 30), (":", 80))


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_USUAL, _LOOSE = json.JSONDecoder(), json.JSONDecoder(strict=False)
_EXACT = json.JSONDecoder(parse_constant=_refuse)


class WireJson:
    """The JSON and the texts of one reply, all of it within one bound.

    Attributes:
        left: how many bytes further values and texts may take.
    """

    __slots__ = ("_texts", "left")

    def __init__(self, left: int = MAX_VALUES_BYTES) -> None:
        self.left = left
        self._texts = TextSize()

    def load(self, text: str, *, strict: bool = True, constants: bool = True) -> Any:
        """The value of a text.

        Args:
            strict: whether control characters in strings are refused.
            constants: whether `NaN` and `Infinity` are taken.

        Raises:
            ValueError: it is no JSON, or nested too deeply.
            ReplyTooLarge: it would take too much memory.
        """
        if len(text) > _SMALL and weight(text) > self.left:
            raise ReplyTooLarge
        try:
            value = (_USUAL if strict and constants else _LOOSE if constants else _EXACT).decode(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if len(text) > 2 * DEEPEST and text.count("[") + text.count("{") > DEEPEST and _is_deep(value):
            raise ValueError("nested too deeply")
        return value

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
    return sys.getsizeof(text) * 9 // 8 + sum(text.count(sign) * size for sign, size in _WEIGHTS)


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
