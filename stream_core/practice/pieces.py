"""Text cut the way a model's tokens are: small pieces, mostly whole words with their leading space."""

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

    The same text is always cut the same way. What a reader sees as one character is never cut in two, so a
    long emoji sequence may exceed the usual eight characters.
    """
    random = seeded(text)
    return [piece for word in _WORDS.findall(text) for piece in _split(word, random)]


def estimate_tokens(text: str) -> int:
    """A sensible guess at the tokens of `text`, cheap for a text of any size: four characters each."""
    return (len(text) + 3) // 4


def seeded(text: str) -> Random:
    """A random generator that depends on `text` alone."""
    return Random(crc32(text.encode("utf-8", "surrogatepass")))  # a wobble, not a secret


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
    """Whether a reader sees these two code points as one character (the common cases of UAX 29)."""
    left, right = ord(before), ord(after)
    return (
        unicodedata.category(after) in ("Mn", "Mc", "Me")
        or _ZERO_WIDTH_JOINER in (before, after)
        or right in _SKIN_TONES
        or right in _TAGS
        or (left in _FLAG_LETTERS and right in _FLAG_LETTERS)
        or (left in _HIGH_SURROGATES and right in _LOW_SURROGATES)
    )
