"""Slips of the keyboard: whether a word is another that was typed in haste. Pure."""

from __future__ import annotations

_ROWS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")  # of the keyboard
_LEAST_LETTERS = 4  # a word of three has too many neighbours


def is_slip(typed: str, name: str) -> bool:
    """Whether a word is another with one slip of the keyboard.

    That is a letter too many or too few, two that changed places, or the one beside it in its row. Any other
    letter makes another word more often than a slip: `state`, `contento`.
    """
    if typed == name or min(len(typed), len(name)) < _LEAST_LETTERS or abs(len(typed) - len(name)) > 1:
        return False
    if len(typed) != len(name):
        longer, shorter = sorted((typed, name), key=len, reverse=True)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    first, *others = (at for at, (one, other) in enumerate(zip(typed, name, strict=True)) if one != other)
    if not others:
        return any(
            pair in row for row in _ROWS for pair in (typed[first] + name[first], name[first] + typed[first])
        )
    return others == [first + 1] and typed[first : first + 2] == name[first + 1] + name[first]
