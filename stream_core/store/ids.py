"""Ids that a person can read aloud and type."""

from __future__ import annotations

import os

_LETTERS = "abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o (like 1 and 0), no u
_SIGNS = f"0123456789{_LETTERS}"
_LENGTH = 8


def new_id() -> str:
    """Return eight random characters (10^12 ids); the first is a letter, so that an id is never a number."""
    number = int.from_bytes(os.urandom(16), "big")
    number, first = divmod(number, len(_LETTERS))
    signs = [_LETTERS[first]]
    for _ in range(_LENGTH - 1):
        number, sign = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[sign])
    return "".join(signs)
