"""The rules of a lexer that can match at a character: the others need not be tried. Pure.

For each token Pygments tries the rules of a state in their order; of dozens nearly all fail at the first
character. Which ones a pattern can begin with is read from its parsed form (`re._parser`, which is
`sre_parse` in Python 3.10). Whatever is not understood can begin with any: nothing changes but the time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

_WORTH_IT = 4  # times that a character is met in a state before its rules are sorted out: that takes a moment
_SINGLE = ("LITERAL", "NOT_LITERAL", "IN", "ANY")  # parsed forms of exactly one character
_WITHOUT_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}

_LONGEST = 250  # characters of a pattern that is read: lists of words take long, and there are few of them
_ASCII = frozenset(map(chr, range(128)))


class RulesByCharacter(dict[tuple[str, str], Sequence[Any]]):
    """The rules of a lexer by state and next character ("" at the end), in their order.

    Args:
        states: the rules of each state, of which the first element is the `match` of a pattern.
    """

    def __init__(self, states: dict[str, Sequence[Any]]) -> None:
        super().__init__()
        self._states = states
        self._met: dict[tuple[str, str], int] = {}

    def __missing__(self, key: tuple[str, str]) -> Sequence[Any]:
        state, char = key
        rules = self._states[state]
        if not (char and char.isascii()):
            return rules
        self._met[key] = met = self._met.get(key, 0) + 1
        if met >= _WORTH_IT:
            matches = [(rule, getattr(rule[0], "__self__", None)) for rule in rules]
            rules = self[key] = [rule for rule, pattern in matches if may_begin(pattern, char)]
        return rules


def may_begin(pattern: object, char: str) -> bool:
    """Whether a match of a pattern can begin with an ASCII character; true also if that is not known."""
    return not isinstance(pattern, re.Pattern) or char in _firsts(pattern)


@lru_cache(maxsize=2048)
def _firsts(pattern: re.Pattern[str]) -> frozenset[str]:
    if len(pattern.pattern) > _LONGEST:
        return _ASCII
    try:
        parser = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
        found, empty = _begin(parser.parse(pattern.pattern, pattern.flags), pattern.flags)
    except Exception:  # noqa: BLE001 -- a parsed form of another version of Python
        return _ASCII
    return _ASCII if empty else found


def _begin(parsed: Iterable[tuple[Any, Any]], flags: int) -> tuple[frozenset[str], bool]:
    """The characters that a sequence can begin with, and whether it can match without any."""
    found: frozenset[str] = frozenset()
    for op, value in parsed:
        if op.name in _SINGLE:
            return found | _one(op.name, value, flags), False
        if op.name in _WITHOUT_WIDTH:
            continue
        empty = False
        for inner, flags_there, may_be_left_out in _within(op.name, value, flags):
            firsts, inner_empty = _begin(inner, flags_there)
            found |= firsts
            empty = empty or inner_empty or may_be_left_out
        if not empty:
            return found, False
    return found, True


def _within(name: str, value: Any, flags: int) -> list[tuple[Any, int, bool]]:
    """The sequences of which a parsed form consists, with their flags, and whether each may be left out."""
    if name == "BRANCH":
        return [(branch, flags, False) for branch in value[1]]
    if name == "SUBPATTERN":
        return [(value[3], (flags | value[1]) & ~value[2], False)]
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return [(value[2], flags, value[0] == 0)]
    if name == "ATOMIC_GROUP":
        return [(value, flags, False)]
    raise ValueError(name)  # a group that was matched before, for one


def _one(name: str, value: Any, flags: int) -> frozenset[str]:
    """The ASCII characters that a parsed form of one character can be."""
    any_case = bool(flags & re.IGNORECASE)
    if name == "LITERAL":
        return _range(value, value, any_case=any_case)
    if name == "RANGE":
        low, high = value
        return _range(low, high, any_case=any_case)
    if name == "CATEGORY":
        return _category(_CATEGORIES[value.name], flags & re.ASCII)
    if name == "NOT_LITERAL" and not any_case:
        return _ASCII - {chr(value)}
    if name != "IN":
        return _ASCII
    negated = value[0][0].name == "NEGATE"
    found = frozenset[str]().union(*[_one(op.name, inner, flags) for op, inner in value[negated:]])
    if negated:
        return _ASCII if any_case else _ASCII - found
    return found


def _range(low: int, high: int, *, any_case: bool) -> frozenset[str]:
    if any_case and high > 0x7F:
        return _ASCII  # the Kelvin sign is a K in another case
    found = frozenset(map(chr, range(low, min(high, 0x7F) + 1)))
    return found.union(map(str.lower, found), map(str.upper, found)) if any_case else found


@lru_cache(maxsize=16)
def _category(pattern: str, flags: int) -> frozenset[str]:
    return frozenset(char for char in _ASCII if re.match(pattern, char, flags))
