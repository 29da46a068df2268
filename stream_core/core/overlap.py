"""Joins a text that was cut and its continuation, which may repeat its end: no word missing, none twice."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from enum import Enum
from itertools import islice
from typing import NamedTuple, TypeAlias

ANCHOR = 80  # characters that are asked to be repeated, at most
_MOST = 1000  # characters that are held back while the answer does not follow the text
_LEAST = 24  # characters that do not stand in a text by coincidence
_PLACES = 8  # where in it they may stand, at most
_BEFORE = re.compile(r"[\s\"'«»“”‘’…]|\.\.\.")  # what may stand before the repetition
_QUOTES = str.maketrans("«»“”‘’", '""""\'\'')  # an answer may use others than the text


class OverlapJoiner:
    """Joins a text and its continuation: takes the continuation piece by piece and returns what is new in it.

    It is in one of four states: searching for the repetition of the text's end, following a repetition that
    began further back, meeting (the repetition is over, but for white space), and passing everything on.

    Args:
        base: the text so far.
        asked: whether the model was asked to repeat the end of it; else it goes on from its last character
            that is no white space.
    """

    def __init__(self, base: str, *, asked: bool = True) -> None:
        text = base.rstrip()
        seam = _Seam(blank=base[len(text) :], last=text[-1:])
        if asked:
            ends = _suffixes(end_of(base).translate(_QUOTES))
            # More may be repeated than was asked for, also all of it.
            whole = text.translate(_QUOTES) if len(text) > ANCHOR else ""
            self._state: _State = _Searching(seam, ends, whole)
        else:
            self._state = _Meeting(seam)

    @property
    def missed(self) -> bool:
        """Whether the answer did not repeat what it was asked to: where it meets the text is not known."""
        return isinstance(self._state, _Passing) and self._state.missed

    def feed(self, piece: str) -> str:
        """Take the next piece; return what is known to be new."""
        new, self._state = self._state.feed(piece)
        return new

    def flush(self) -> str:
        """Return the rest: nothing more comes, for now. Of what was still being repeated, nothing is new."""
        new, self._state = self._state.flush()
        return new


class _Seam(NamedTuple):
    """The end of the text so far: its white space, and the last character before that."""

    blank: str
    last: str

    def join(self, rest: str, *, own: bool) -> str:
        """Return the part of `rest` to add: the text may end with its leading white space already.

        Args:
            rest: what comes after the meeting point.
            own: whether it begins with a word of its own, because it repeated nothing.
        """
        begin = rest.lstrip()
        space = rest[: len(rest) - len(begin)]
        if self.blank:
            return _beyond(self.blank, space) + begin if begin else ""
        apart = own and not space and begin[:1].isalnum()
        return f" {rest}" if apart and (self.last.isalnum() or self.last in tuple(".,;:!?)")) else rest


class _Passing:
    """Everything that comes is new.

    Args:
        missed: whether no repetition was found.
    """

    def __init__(self, *, missed: bool = False) -> None:
        self.missed = missed

    def feed(self, piece: str) -> tuple[str, _State]:
        return piece, self

    def flush(self) -> tuple[str, _State]:
        return "", self


class _Holding(ABC):
    """Holds what has come until it can be decided what it is.

    Args:
        seam: the end of the text.
        held: what has come.
    """

    def __init__(self, seam: _Seam, held: str) -> None:
        self._seam, self._held = seam, held

    def feed(self, piece: str) -> tuple[str, _State]:
        self._held += piece
        return self.decide(final=False)

    def flush(self) -> tuple[str, _State]:
        return self.decide(final=True) if self._held else ("", self)

    @abstractmethod
    def decide(self, *, final: bool) -> tuple[str, _State]:
        """Pass on what can be told from what is held; `final`: nothing more comes."""


class _Meeting(_Holding):
    """The repetition is over, or there is none: what is held is new, beside white space."""

    def __init__(self, seam: _Seam, held: str = "") -> None:
        super().__init__(seam, held)

    def decide(self, *, final: bool) -> tuple[str, _State]:
        """Pass on once there is more than white space, or nothing more comes."""
        if not self._held.strip() and not final and len(self._held) <= _MOST:
            return "", self
        return self._seam.join(self._held, own=False), _Passing()


class _Searching(_Holding):
    """Holds what has come until it shows whether it repeats the end of the text.

    Args:
        seam: the end of the text.
        ends: what may be repeated, the longest (what was asked for) first.
        text: the whole text, if the repetition may have begun further back, else "".
        held: what has come.
    """

    def __init__(self, seam: _Seam, ends: list[str], text: str, held: str = "") -> None:
        super().__init__(seam, held)
        self._ends, self._text = ends, text

    def decide(self, *, final: bool) -> tuple[str, _State]:
        """Look for the repetition in what is held."""
        held, full = self._held.translate(_QUOTES), len(self._held) > _MOST
        final = final or full
        start = _start(held)
        if start == len(held) and not final:
            return "", self
        for end in self._ends if start < len(held) else []:
            match, asked_for = _repeated(held, start, end), end is self._ends[0]
            if isinstance(match, _Match):
                return _Meeting(self._seam, self._held[match.end :]).decide(final=final)
            if match is _Need.MORE and (not final or (asked_for and not full)):
                return "", self  # it may match yet, or it broke off while repeating
            if asked_for and self._text:
                if len(held) - start >= _LEAST:
                    return self._search_back(held, start, final=final)
                if not final and held[start:] in self._text:
                    return "", self
        self._held = _without_dots(self._held)
        if not self._held.strip() and not final:
            return "", self
        return self._seam.join(self._held, own=True), _Passing(missed=True)

    def _search_back(self, held: str, start: int, *, final: bool) -> tuple[str, _State]:
        """Look for the beginning of the repetition further back in the text."""
        begun = re.escape(held[start : start + _LEAST])
        places = [found.start() for found in islice(re.finditer(begun, self._text), _PLACES)]
        if not places:
            self._text = ""
            return self.decide(final=final)
        following = _Following(self._seam, self._ends, self._text, places, self._held[:start])
        new, state = following.feed(self._held[start:])
        return (new, state) if new or not final else state.flush()


class _Following:
    """Follows a repetition from several possible places; nothing is new until all of them fail or end.

    Args:
        seam: the end of the text.
        ends: as for `_Searching`, which goes on if no repetition reaches the end.
        text: the whole text.
        places: how far it is repeated, from each place where the repetition may have begun.
        before: what came before the repetition.
    """

    def __init__(self, seam: _Seam, ends: list[str], text: str, places: list[int], before: str) -> None:
        self._seam, self._ends, self._text, self._places = seam, ends, text, places
        self._pieces = [before]
        self._taken = len(before)
        self._over = 0  # characters before the end of the longest repetition that is over

    def feed(self, piece: str) -> tuple[str, _State]:
        folded, places = piece.translate(_QUOTES), self._places
        self._places = []
        for place in places:
            left = self._text[place : place + len(folded)]
            if not folded.startswith(left):
                continue
            if place + len(left) < len(self._text):
                self._places.append(place + len(left))
            else:  # it is over, unless a longer one goes on
                self._over = max(self._over, self._taken + len(left))
        self._pieces.append(piece)
        self._taken += len(piece)
        return ("", self) if self._places else self._decide(final=False)

    def flush(self) -> tuple[str, _State]:
        return self._decide(final=True) if self._over else ("", self)

    def _decide(self, *, final: bool) -> tuple[str, _State]:
        """Take the longest repetition that is over, if there is one, for what was repeated."""
        held = "".join(self._pieces)
        if self._over:
            return _Meeting(self._seam, held[self._over :]).decide(final=final)
        return _Searching(self._seam, self._ends, "", held).decide(final=final)


_State: TypeAlias = "_Holding | _Following | _Passing"


def end_of(text: str) -> str:
    """Return the last words of a text: what is to be repeated."""
    tail = text.rstrip()
    if len(tail) <= ANCHOR:
        return tail.lstrip()
    words = re.split(r"\s+", tail[-ANCHOR:], maxsplit=1)
    return words[1] if len(words) > 1 else tail[-ANCHOR:]


def _suffixes(end: str) -> list[str]:
    """Return the end and its suffixes at later words, longest first: a model may repeat less than all."""
    starts = [0, *(found.end() for found in re.finditer(r"\s+", end))]
    ends = filter(None, (end[start + _start(end[start:]) :] for start in starts))
    # The full anchor always counts; a shorter suffix needs more than one letter to be a match.
    return [end for number, end in enumerate(ends) if not number or len(end) > 1 or not end.isalnum()]


def _start(held: str) -> int:
    """Index at which a repetition may begin."""
    at = 0
    while found := _BEFORE.match(held, at):
        at = found.end()
    return len(held) if held[at:] in (".", "..") else at  # they may become three


class _Match(NamedTuple):
    """The repetition ends before this character of what is held."""

    end: int


class _Need(Enum):
    """Why the held text is no match."""

    MORE = "it may become a match"
    OTHER = "it is none"


def _repeated(held: str, at: int, end: str) -> _Match | _Need:
    """Match `held` from `at` on with `end`. White space counts as white space, however much it is."""
    for word in re.split(r"(\s+)", end):
        if word.isspace():
            after = at + len(held[at:]) - len(held[at:].lstrip())
            if after == at:
                return _Need.MORE if at == len(held) else _Need.OTHER
            at = after
        else:
            there = held[at : at + len(word)]
            if not word.startswith(there):
                return _Need.OTHER
            if len(there) < len(word):
                return _Need.MORE
            at += len(word)
    return _Match(at)


def _without_dots(held: str) -> str:
    """Without the dots that say "here it goes on"."""
    return re.sub(r"^\s*(…|\.\.\.)\s*", "", held)


def _beyond(blank: str, space: str) -> str:
    """The part of `space` that the white space at the end of the text does not have already."""
    if space.startswith(blank):
        return space[len(blank) :]
    return space if "\n" in space and not blank.startswith(space) else ""
