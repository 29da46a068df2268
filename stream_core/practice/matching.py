"""Matches a question against the questions that have an answer: by words, in any order. Pure.

A pattern is a line of terms that must all occur: `"primer token*/texto"` wants `primer`, and `texto` or a
word that begins with `token`. A term that begins with `!` must not occur. Case, accents and punctuation do
not count, and a long word may have one typing mistake.

Words of the question that neither the patterns nor the subject of this program explain count against it, so
that «¿Cuánto cuesta un coche?» is no question about tokens. So do words that are negated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .request import words
from .vocabulary import (
    CLITICS,
    COMMON,
    ENGLISH,
    NEGATIONS,
    REFUSED_REQUESTS,
    REQUESTS_IN_DISGUISE,
    SPANISH,
    SUBJECT,
    UNIMPORTANT,
)

LEAST_EXPLAINED = 0.7
"""Share of the important words that a pattern must explain."""

_LONGEST = 600  # characters; what is longer is no question of a learner
_FUZZY = 8  # letters from which on a word may have a typing mistake
_CLAUSE = re.compile(r"[.,;:!?¿¡()\n]|\b(?:pero|sino|but)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the patterns see it.

    Attributes:
        words: its words, without the clauses in which something is not asked for.
        negated: positions in `words` that follow a negation.
        whole: whether all of the text was read.
    """

    words: tuple[str, ...]
    negated: frozenset[int]
    whole: bool


def read(text: str) -> Question:
    """Read a question."""
    clauses = [words(clause) for clause in _CLAUSE.split(text[:_LONGEST])]
    kept = [word for clause in clauses if not _is_refused(clause) for word in clause]
    negated = frozenset(at for at in range(len(kept)) if _is_negated(kept, at))
    return Question(tuple(kept), negated, len(text) <= _LONGEST)


def score(question: Question, patterns: Sequence[str]) -> float:
    """Score how well patterns fit a question: 0 not at all, else up to just below 1; more terms fit better.

    Of two that fit alike, the one whose words come first is a little higher.
    """
    if not question.whole or not question.words:
        return 0.0
    parsed = [_parse(pattern) for pattern in patterns]
    vocabulary = tuple(term for pattern in parsed for term in pattern.required)
    return max((_score(question, pattern, vocabulary) for pattern in parsed), default=0.0)


def is_english(text: str) -> bool:
    """Whether a question is in English rather than in Spanish."""
    tokens = words(text[:_LONGEST])
    return sum(word in ENGLISH for word in tokens) > sum(word in SPANISH for word in tokens)


# -- patterns ----------------------------------------------------------------------------------

_Term = tuple[str, ...]
"""The alternatives of one place in a pattern."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    required: tuple[_Term, ...]
    forbidden: _Term


@lru_cache(1_000)
def _parse(pattern: str) -> _Pattern:
    terms = [tuple(term.split("/")) for term in pattern.split()]
    forbidden = tuple(alt.removeprefix("!") for term in terms if term[0].startswith("!") for alt in term)
    return _Pattern(tuple(term for term in terms if not term[0].startswith("!")), forbidden)


def _score(question: Question, pattern: _Pattern, vocabulary: Sequence[_Term]) -> float:
    if any(_fits(word, pattern.forbidden) for word in question.words):
        return 0.0
    negates = any(alternative in NEGATIONS for term in pattern.required for alternative in term)
    found: list[int] = []
    for term in pattern.required:
        place = _place(question, term, negates, found)
        if place is None:
            return 0.0
        found.append(place)
    foreign = {
        word
        for at, word in enumerate(question.words)
        if at not in found and not _is_explained(word, vocabulary)
    }
    telling = sum(question.words[at] not in UNIMPORTANT for at in found)
    if foreign and telling / (telling + len(foreign)) < LEAST_EXPLAINED:
        return 0.0
    fit = 1 - 0.5 ** len(found) - 0.02 * len(foreign)
    return fit - 0.001 * min(found) / len(question.words)


def _place(question: Question, term: _Term, negates: bool, taken: Sequence[int]) -> int | None:
    """Find the first place of a term besides `taken`; None if there is none, or only in a negation."""
    at = (
        at
        for at, word in enumerate(question.words)
        if at not in taken and (negates or at not in question.negated) and _fits(word, term)
    )
    return next(at, None)


def _is_explained(word: str, vocabulary: Iterable[_Term]) -> bool:
    return (
        word in UNIMPORTANT
        or word.isdigit()
        or _fits(word, COMMON)
        or _fits(word, SUBJECT)
        or any(_fits(word, term) for term in vocabulary)
    )


def _fits(word: str, alternatives: Iterable[str]) -> bool:
    return any(_is(word, alternative) for alternative in alternatives)


@lru_cache(50_000)
def _is(word: str, term: str) -> bool:
    begins = term.endswith("*")
    letters = term.removesuffix("*")
    if word == letters or (begins and word.startswith(letters)):
        return True
    if len(letters) < _FUZZY or word[:1] != letters[0]:
        return False
    sizes = range(len(letters) - 1, len(letters) + 2) if begins else (len(word),)
    return any(_one_mistake(word[:size], letters) for size in sizes)


def _one_mistake(word: str, right: str) -> bool:
    """Whether one letter is missing, too many, wrong or in its neighbour's place."""
    if abs(len(word) - len(right)) > 1:
        return False
    same = 0
    while same < min(len(word), len(right)) and word[same] == right[same]:
        same += 1
    ends = (
        (word[same + 1 :], right[same + 1 :]),
        (word[same + 1 :], right[same:]),
        (word[same:], right[same + 1 :]),
        (word[same + 1 : same + 2] + word[same : same + 1] + word[same + 2 :], right[same:]),
    )
    return any(one == other for one, other in ends)


# -- negation ----------------------------------------------------------------------------------


def _is_negated(tokens: Sequence[str], at: int) -> bool:
    """Whether a negation stands right before a word, or with pronouns and auxiliaries between them."""
    for word in reversed(tokens[max(at - 4, 0) : at]):
        if word in NEGATIONS:
            return True
        if word not in CLITICS:
            return False
    return False


def _is_refused(clause: Sequence[str]) -> bool:
    """Whether a clause says what is not wanted: «no me hables de…», but not «¿por qué no me hablas de…?»."""
    if any(_fits(word, REQUESTS_IN_DISGUISE) for word in clause[:2]):
        return False
    asked = (at for at, word in enumerate(clause) if _fits(word, REFUSED_REQUESTS))
    return any(_is_negated(clause, at) for at in asked)
