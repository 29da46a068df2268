"""Going on with a reply that was cut: what is asked, and how the two texts are joined. Pure.

Models up to 4.5 take the reply so far as the beginning of their answer (prefill). Newer ones refuse that with
a 400 (https://platform.claude.com/docs, "Prefill Claude's response"): they are asked, in a turn of its own,
to repeat the last words and to go on from there. What they repeat shows where the texts meet, so that no word
is missing, and none comes twice.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .conversation import Message, Turn
from .deltas import BlockDone, Delta, Ending, Text
from .models import accepts_prefill
from .reply import Reply

_ANCHOR = 80  # characters that are asked to be repeated, at most
_BEFORE = re.compile(r"[\s\"'«»“”‘’…]|\.\.\.")  # what may stand before the repetition
_LEAD = 200  # characters that are shown again before a continuation, at most
_RULE = re.compile(r"[|:\s-]*-[|:\s-]*")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*$", re.MULTILINE)

_ASK = (
    "Your last answer was cut off before it was finished. It ends like this so far:\n"
    "<interrupted_end>{end}</interrupted_end>\n"
    "Go on from exactly there, in the same language and format. Begin by repeating the text between the tags "
    "letter for letter, without the tags and without quotes, and carry on at once with what comes next, in "
    "the middle of a word if it was cut there. No greeting, no summary, no comment, and do not begin again. "
    "If nothing is missing, repeat that text and stop."
)


def can_go_on(turn: Turn) -> bool:
    """Whether the reply of a turn was cut, and there is text to go on from."""
    return turn.outcome in ("cancelled", "interrupted", "max_tokens") and bool(turn.text.strip())


def messages(before: list[Message], turn: Turn, *, model: str) -> list[Message]:
    """Give the messages of the request that goes on.

    Args:
        before: those of the turns before it.
        turn: the turn that was cut.
        model: the model that is asked.
    """
    question: Message = {"role": "user", "content": turn.question}
    # A prefill may not end with white space; what is taken from its end, `Seam` puts back.
    said: Message = {"role": "assistant", "content": turn.text.rstrip()}
    if accepts_prefill(model):
        return [*before, question, said]
    return [*before, question, said, {"role": "user", "content": _ASK.format(end=_end_of(turn.text))}]


def joined(turn: Turn, more: Reply, *, model: str) -> Turn:
    """Give the turn with what a continuation brought; the same turn when that was nothing.

    Its blocks are left out: those of the first part were not complete, and the text is what counts.

    Args:
        turn: the turn that was cut.
        more: the reply of `Continued`, which has ended.
        model: the model that went on.
    """
    outcome, usage = more.outcome or "cancelled", turn.usage + more.usage
    if outcome in ("error", "refused") or not (more.text or outcome == "complete"):
        return replace(turn, usage=usage)
    return Turn(turn.question, turn.text + more.text, outcome, model, usage)


def lead_in(text: str) -> str:
    """Give what is shown before a continuation, so that it reads well: the cut line, in its fence."""
    line = text[text.rfind("\n") + 1 :]
    opening = _open_fence(text) or _table_head(text)
    if len(line) > _LEAD:
        line = "… " + line[-_LEAD:].partition(" ")[2]
    return f"{opening}\n{line}" if opening and not opening.endswith(line or "\n") else line


def _open_fence(text: str) -> str:
    """The line that opened a fence which is still open, or ""."""
    mark = opening = ""
    for fence in _FENCE.finditer(text):
        if not mark:
            mark, opening = fence[1], fence[0]
        elif fence[1].startswith(mark) and fence[0].strip() == fence[1]:
            mark = opening = ""
    return opening


def _table_head(text: str) -> str:
    """The two first lines of a table that the text ends in, or ""."""
    rows: list[str] = []
    for row in reversed(text.removesuffix("\n").split("\n")):
        if not row.lstrip().startswith("|"):
            break
        rows.append(row)
    return "\n".join(reversed(rows[-2:])) if len(rows) > 2 and _RULE.fullmatch(rows[-2]) else ""


class Continued:
    """A continuation as one more reply: its deltas, without what they repeat.

    Attributes:
        reply: what is new, as far as it has come.
    """

    def __init__(self, turn: Turn, *, model: str) -> None:
        self.reply = Reply()
        self._seam = Seam(turn.text, asked=not accepts_prefill(model))
        self._taken = 0
        self._last: Text | None = None

    def feed(self, delta: Delta) -> list[Delta]:
        """Take the next delta; give those to show in its place. An ending is given last."""
        given: list[Delta] = []
        if isinstance(delta, Text):
            self._taken, self._last = self._taken + len(delta.text), delta
            if new := self._seam.feed(delta.text):
                given = [replace(delta, text=new)]
        elif isinstance(delta, (BlockDone, Ending)):
            given = [*self._flush(), delta]
        else:
            given = [delta]
        for one in given:
            self.reply.feed(one)
        return given

    def finish(self, whole: Reply) -> Reply:
        """Take what of the reply did not come as deltas (a cancel left it behind), and give what is new."""
        if self.reply.ending is None and whole.ending is not None:
            if rest := whole.text[self._taken :]:
                self.feed(Text(rest, self._last.index if self._last else 0, whole.ending.at))
            self.feed(whole.ending)
        return self.reply

    def _flush(self) -> list[Delta]:
        rest = self._seam.flush()
        return [replace(self._last, text=rest)] if rest and self._last is not None else []


class Seam:
    """Joins a text and its continuation: takes the continuation piece by piece and gives what is new in it.

    Args:
        base: the text so far.
        asked: whether the model was asked to repeat the end of it; else it goes on from its last character
            that is no white space.
    """

    def __init__(self, base: str, *, asked: bool = True) -> None:
        self._asked = asked
        self._blank, self._last = base[len(base.rstrip()) :], base.rstrip()[-1:]
        self._ends = _suffixes(_end_of(base)) if asked else []
        self._held: str | None = ""  # None: the seam is made, everything that comes is new

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be told to be new."""
        if self._held is None:
            return piece
        self._held += piece
        return self._decided(self._held, final=False)

    def flush(self) -> str:
        """Give the rest: nothing more comes, for now."""
        return self._decided(self._held, final=True) if self._held else ""

    def _decided(self, held: str, *, final: bool) -> str:
        start = _start(held)
        if start == len(held) and not final:
            return ""
        for end in self._ends:  # the longest first
            reach = _repeated(held, start, end)
            if reach is None and not final:
                return ""  # it may become this one yet
            if reach is None and end is self._ends[0] and start < len(held):
                return ""  # it broke off while repeating
            if reach:
                return self._after(held[reach:], final=final, exact=True)
        rest = _without_dots(held) if self._asked else held
        return self._after(rest, final=final, exact=not self._asked)

    def _after(self, rest: str, *, final: bool, exact: bool) -> str:
        """Give what comes after the meeting point, whose white space the text so far may have already."""
        begin = rest.lstrip()
        if not begin and not final:
            return ""
        self._held = None
        space = rest[: len(rest) - len(begin)]
        if self._blank:
            return _beyond(self._blank, space) + begin if begin else ""
        # What did not repeat began with a word of its own.
        own = not (exact or space) and begin[:1].isalnum()
        return f" {rest}" if own and (self._last.isalnum() or self._last in tuple(".,;:!?)")) else rest


def _end_of(text: str) -> str:
    """Give the last words of a text: what is to be repeated."""
    tail = text.rstrip()
    if len(tail) <= _ANCHOR:
        return tail.lstrip()
    words = re.split(r"\s+", tail[-_ANCHOR:], maxsplit=1)
    return words[1] if len(words) > 1 else tail[-_ANCHOR:]


def _suffixes(end: str) -> list[str]:
    """Give the end, and what of it begins with a later word, the longest first: less may be repeated."""
    starts = [0, *(found.end() for found in re.finditer(r"\s+", end))]
    ends = [end[start + _start(end[start:]) :] for start in starts]
    return [end for end in ends if len(end) > 1 or (end and not end.isalnum())]


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
