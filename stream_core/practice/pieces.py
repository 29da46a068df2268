"""Cuts text into token-like pieces: mostly whole words with their leading space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from random import Random
from zlib import crc32

_WORDS = re.compile(r"[\r\n]+|[^\S\r\n]*\S+|[^\S\r\n]+")
_LONGEST = 8  # characters; a longer word is several tokens

_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)


def pieces(text: str) -> list[str]:
    """Cut `text` into pieces of token-like size; joined they are `text` again.

    Deterministic. A grapheme cluster is never split, so a long emoji sequence may exceed eight characters.
    """
    random = seeded(text)
    return [piece for word in _WORDS.findall(text) for piece in _split(word, random)]


def estimate_tokens(text: str) -> int:
    """An estimate of the tokens of `text`: one for every four characters."""
    return (len(text) + 3) // 4


def seeded(text: str) -> Random:
    """A random generator seeded with `text`."""
    return Random(crc32(text.encode("utf-8", "surrogatepass")))  # for variation, not for secrets


def _split(word: str, random: Random) -> Iterator[str]:
    start = 0
    while len(word) - start > _LONGEST:
        # At least two characters are left for the last piece.
        end = start + random.randint(3, min(_LONGEST, len(word) - start - 2))
        while end < len(word) and _is_one_character(word[end - 1], word[end]):
            end += 1
        yield word[start:end]
        start = end
    if start < len(word):
        yield word[start:]


def _is_one_character(before: str, after: str) -> bool:
    """Whether two code points belong to one grapheme cluster (the common cases of UAX 29)."""
    left, right = ord(before), ord(after)
    return (
        unicodedata.category(after) in ("Mn", "Mc", "Me")
        or _ZERO_WIDTH_JOINER in (before, after)
        or right in _SKIN_TONES
        or right in _TAGS
        or (left in _FLAG_LETTERS and right in _FLAG_LETTERS)
        or (left in _HIGH_SURROGATES and right in _LOW_SURROGATES)
    )
