"""First characters of patterns: none that is possible is missing, and the usual ones are told apart."""

from __future__ import annotations

import re

import pytest

from stream_core.terminal.markdown.first_characters import RulesByCharacter, may_begin

ASCII = [chr(code) for code in range(128)]


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        ("def", "d"),
        ("d?ef", "de"),
        ("(?:a|bc|[x-z])+!", "abxyz"),
        ("(a*)(b)", "ab"),
        (r"(?<=x)\bab", "a"),
        (r"(?!b)[ab]", "ab"),  # what only looks ahead is not followed
        (r"\d{2,}", "0123456789"),
        ("(?i)ab", "aA"),
        ("(?i:k)z", "kK"),
        ("(?i)[a-b]", "abAB"),
        ("(?x) a  # letter", "a"),
        ("(?>a|b)c" if hasattr(re, "NOFLAG") else "[ab]c", "ab"),  # new in Python 3.11, as that flag is
        (r"(?:\$|@)\w", "$@"),
    ],
)
def test_a_pattern_begins_with(pattern: str, begins: str) -> None:
    assert "".join(filter(lambda char: may_begin(re.compile(pattern), char), ASCII)) == "".join(
        sorted(begins)
    )


@pytest.mark.parametrize(
    "pattern",
    [r"[^a]", r"[^\s,]", r"[\w-]", r"\W", r"[^\W\d]", "(?i)[^k]", "(?a)[\\w]", "[\u0130k]", "(?i)\u212a"],
)
def test_a_class_of_characters_begins_with_each_that_it_matches(pattern: str) -> None:
    compiled = re.compile(pattern)
    for char in ASCII:
        assert may_begin(compiled, char) or not compiled.match(char)


@pytest.mark.parametrize("pattern", ["", "a*", "(?=a)", r"(a?)\1", "$", "a|"])
def test_a_pattern_that_may_be_empty_or_is_not_understood_begins_with_any(pattern: str) -> None:
    assert all(may_begin(re.compile(pattern), char) for char in ASCII)


def test_the_rules_keep_their_order_and_those_of_the_end_are_all() -> None:
    rules = [(re.compile(pattern).match, pattern) for pattern in ("ab", "b", "a|c", r"\w", "$")]
    known = RulesByCharacter({"root": rules})
    for _ in range(9):
        assert [name for _, name in known["root", "a"]][-3:] == ["a|c", r"\w", "$"]
    assert [name for _, name in known["root", "a"]] == ["ab", "a|c", r"\w", "$"]
    assert known["root", ""] == known["root", "ñ"] == rules
