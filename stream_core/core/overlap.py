"""The seam between a text that was cut and what goes on with it: no word missing, and none twice. Pure."""

from __future__ import annotations

import re
from itertools import islice

ANCHOR = 80  # characters that are asked to be repeated, at most
_MOST = 1000  # characters that are held back while the answer does not follow the text
_LEAST = 24  # characters that do not stand in a text by coincidence
_PLACES = 8  # where in it they may stand, at most
_BEFORE = re.compile(r"[\s\"'«»“”‘’…]|\.\.\.")  # what may stand before the repetition
_QUOTES = str.maketrans("«»“”‘’", '""""\'\'')  # an answer may use others than the text


class OverlapJoiner:
    """Joins a text and its continuation: takes the continuation piece by piece and gives what is new in it.

    Args:
        base: the text so far.
        asked: whether the model was asked to repeat the end of it; else it goes on from its last character
            that is no white space.
    """

    def __init__(self, base: str, *, asked: bool = True) -> None:
        text = base.rstrip()
        self._blank, self._last = base[len(text) :], text[-1:]
        self._ends = _suffixes(end_of(base).translate(_QUOTES)) if asked else []
        # More may be repeated than was asked for, also all of it.
        self._text = text.translate(_QUOTES) if asked and len(text) > ANCHOR else ""
        self._places: list[int] = []  # as far as it is repeated, from each place where that may have begun
        self._pieces: list[str] = []  # that were taken meanwhile
        self._taken = self._over = 0  # characters of them, and those before the end of a repetition
        self._held = ""
        self._met = not asked  # the repetition is over: beside white space, what is held is new
        self._made = False  # everything that comes is new

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be told to be new."""
        if self._made:
            return piece
        if self._places:
            return self._follow(piece)
        self._held += piece
        return self._given(final=False)

    def flush(self) -> str:
        """Give the rest: nothing more comes, for now. Of what it was still repeating, nothing is new."""
        if self._places:
            return self._followed(final=True) if self._over else ""
        return self._given(final=True) if self._held else ""

    def _given(self, *, final: bool) -> str:
        final = final or len(self._held) > _MOST
        return self._after(final=final) if self._met else self._sought(final=final)

    def _sought(self, *, final: bool) -> str:
        """Look for the repetition in what is held."""
        held, full = self._held.translate(_QUOTES), len(self._held) > _MOST
        start = _start(held)
        if start == len(held) and not final:
            return ""
        for end in self._ends if start < len(held) else []:  # the longest first
            reach, first = _repeated(held, start, end), end is self._ends[0]
            if reach is None and (not final or (first and not full)):
                return ""  # it may become this one yet, or it broke off while repeating
            if reach:
                self._met, self._held = True, self._held[reach:]
                return self._after(final=final)
            if first and self._text:
                if len(held) - start >= _LEAST:
                    return self._sought_back(held, start)
                if not final and held[start:] in self._text:
                    return ""
        self._held = _without_dots(self._held)
        return self._after(final=final, own=True)

    def _sought_back(self, held: str, start: int) -> str:
        """Look for the repetition further back in the text."""
        text, begun = self._text, re.escape(held[start : start + _LEAST])
        self._places = [found.start() for found in islice(re.finditer(begun, text), _PLACES)]
        if not self._places:
            self._text = ""
            return self._given(final=False)
        whole, self._held = self._held, ""
        self._pieces, self._taken = [whole[:start]], start
        return self._follow(whole[start:])

    def _follow(self, piece: str) -> str:
        """Take the next piece of what may repeat the text from one of the places."""
        said, places = piece.translate(_QUOTES), self._places
        self._places = []
        for place in places:
            left = self._text[place : place + len(said)]
            if not said.startswith(left):
                continue
            if place + len(left) < len(self._text):
                self._places.append(place + len(left))
            else:  # it is over, unless a longer one goes on
                self._over = max(self._over, self._taken + len(left))
        self._pieces.append(piece)
        self._taken += len(piece)
        return "" if self._places else self._followed(final=False)

    def _followed(self, *, final: bool) -> str:
        """No place is left, or nothing more comes: the longest repetition that is over was it, if any was."""
        self._held, self._places, self._text = "".join(self._pieces), [], ""
        if self._over:
            self._met, self._held = True, self._held[self._over :]
        return self._given(final=final)

    def _after(self, *, final: bool, own: bool = False) -> str:
        """Give what comes after the meeting point, whose white space the text so far may have already.

        Args:
            final: whether nothing more comes.
            own: whether it begins with a word of its own, because it did not repeat.
        """
        rest, begin = self._held, self._held.lstrip()
        if not begin and not final:
            return ""
        self._made, self._held = True, ""
        space = rest[: len(rest) - len(begin)]
        if self._blank:
            return _beyond(self._blank, space) + begin if begin else ""
        apart = own and not space and begin[:1].isalnum()
        return f" {rest}" if apart and (self._last.isalnum() or self._last in tuple(".,;:!?)")) else rest


def end_of(text: str) -> str:
    """Give the last words of a text: what is to be repeated."""
    tail = text.rstrip()
    if len(tail) <= ANCHOR:
        return tail.lstrip()
    words = re.split(r"\s+", tail[-ANCHOR:], maxsplit=1)
    return words[1] if len(words) > 1 else tail[-ANCHOR:]


def _suffixes(end: str) -> list[str]:
    """Give the end, and what of it begins with a later word, the longest first: less may be repeated."""
    starts = [0, *(found.end() for found in re.finditer(r"\s+", end))]
    ends = filter(None, (end[start + _start(end[start:]) :] for start in starts))
    # The whole of it was asked for; of what is less, a letter is too little.
    return [end for number, end in enumerate(ends) if not number or len(end) > 1 or not end.isalnum()]


def _start(held: str) -> int:
    """Where what may be the repetition begins."""
    at = 0
    while found := _BEFORE.match(held, at):
        at = found.end()
    return len(held) if held[at:] in (".", "..") else at  # they may become three


def _repeated(held: str, at: int, end: str) -> int | None:
    """Where in `held` the repetition of `end` that begins at `at` is over; 0: it is none; None: unknown yet.

    White space counts as white space, however much it is.
    """
    for word in re.split(r"(\s+)", end):
        if word.isspace():
            after = at + len(held[at:]) - len(held[at:].lstrip())
            if after == at:
                return None if at == len(held) else 0
            at = after
        else:
            there = held[at : at + len(word)]
            if not word.startswith(there):
                return 0
            if len(there) < len(word):
                return None
            at += len(word)
    return at


def _without_dots(held: str) -> str:
    """Without the dots that say "here it goes on"."""
    return re.sub(r"^\s*(…|\.\.\.)\s*", "", held)


def _beyond(blank: str, space: str) -> str:
    """What of `space` does not stand in the text already, as the white space at its end."""
    if space.startswith(blank):
        return space[len(blank) :]
    return space if "\n" in space and not blank.startswith(space) else ""
