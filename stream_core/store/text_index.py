"""Words of a text, and the line that shows a match best. Pure.

A word is a run of letters and digits, compared without case and accents, as by SQLite's `unicode61` tokenizer
with `remove_diacritics 2`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from .protocol import Hit, Place

_WORD = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")
_WIDTH = 100  # characters of a line that are shown
_BEFORE = 30  # of them before the first match


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded for comparison."""
    return [fold(word.group()) for word in _WORD.finditer(text)]


def fold(word: str) -> str:
    """Return a word in lower case and without accents."""
    plain = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()


def occurrences(text: str, wanted: Sequence[str]) -> list[int]:
    """Count for each wanted word how many words of a text begin with it."""
    there = words_of(text)
    return [sum(word.startswith(begin) for word in there) for begin in wanted]


def shown_line(texts: Sequence[str], wanted: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Find the line that contains most of the wanted words; the first of several.

    Returns:
        The line, shortened around its first match, and the matches in it as (start, end) offsets.
    """
    best, found, most = "", list[tuple[int, int]](), -1
    for line in _lines(texts):
        spans, different = _spans(line, wanted)
        if different > most:
            best, found, most = line, spans, different
        if most == len(wanted):
            break
    return _shortened(best, found)


def _lines(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from text.splitlines()


def _spans(line: str, wanted: Sequence[str]) -> tuple[list[tuple[int, int]], int]:
    spans, different = list[tuple[int, int]](), set[str]()
    for word in _WORD.finditer(line):
        begins = [begin for begin in wanted if fold(word.group()).startswith(begin)]
        if begins:
            spans.append(word.span())
            different.update(begins)
    return spans, len(different)


def _shortened(line: str, found: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    first = found[0][0] if found else 0
    start = max(0, min(first - _BEFORE, len(line) - _WIDTH))
    end = start + _WIDTH
    front, back = "…" if start else "", "…" if end < len(line) else ""
    shift = len(front) - start
    inside = [(a + shift, min(b, end) + shift) for a, b in found if start <= a < end]
    return f"{front}{line[start:end]}{back}", inside


def with_titles(
    hits: Sequence[Hit],
    titled: Iterable[tuple[Place, str, float, Callable[[], str]]],
    wanted: Sequence[str],
    limit: int,
) -> list[Hit]:
    """Add the conversations that a title finds and no turn: before the hits, since somebody chose the title.

    Args:
        hits: the turns that were found, best first.
        titled: of each conversation a place, its title, when it was created, and what reads its first
            question: a title that is the beginning of it was not chosen.
        wanted: the words.
        limit: hits to return at most.
    """
    known = {hit.place.conversation for hit in hits}
    found = [
        Hit(place, title, created, *shown_line((title,), wanted))
        for place, title, created, question in titled
        if wanted
        and place.conversation not in known
        and all(occurrences(title, wanted))
        and not question().startswith(title)
    ]
    return [*found, *hits][: max(0, limit)]
