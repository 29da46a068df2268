"""Emphasis by its look: a word boundary outside, a letter inside. Pure, in time linear in the text.

What CommonMark takes for emphasis and models mean as it stands (`3*4*5`, `__name__`, `src/*.c`) stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .scanned import Attribute, Scanned

DELIMITERS = "*_~"
_RUN = re.compile(r"\*+|_+|~+")
_BEFORE = frozenset("([{¿¡\"'«“‘‹—–-…:;,!?|>")  # what a word in emphasis may follow, beside white space
_AFTER = frozenset(")]}[.,;:!?…\"'»”’›—–-|/%")  # and what may follow it
_BEGINS = frozenset("([{¿¡\"'«“‘‹`$~#@€<…-—+.\\/")  # what it may begin with, beside letters and digits
_ENDS = frozenset(")]}.,;:!?…\"'»”’›`$~%€º°ª>+-#")
_IDENTIFIER = re.compile(r"\w+")
_NAME_OR_PATTERN = {sign: re.compile(rf"\S*[^\W_]{re.escape(sign)}[^\W_]\S*") for sign in "*_"}
_LONGEST_NAME = 60
_ALTERNATIVE = re.compile(r"[^\s*]\*\*/")  # `**sí**/**no**`


@dataclass(slots=True)
class _Opener:
    node: int
    length: int
    end: int  # where in the text what is emphasised begins


class Emphasis:
    """Matches the runs of delimiters of one text, in their order."""

    def __init__(self, text: str, found: Scanned, *, close: bool) -> None:
        """`close` says whether the text is still arriving, and drawn as if it were closed at its end."""
        self._text, self._found, self._close = text, found, close
        self._openers: dict[str, list[_Opener]] = {"*": [], "_": [], "~": []}
        self._stretch = (0, 0)  # the delimiters side by side that were read last: `*_~`
        self._letters, self._characters = [0], [0]  # how many of the first n nodes have any, as `_fit` asks

    @property
    def unclosed(self) -> bool:
        """Whether a run has opened emphasis that nothing has closed."""
        return any(self._openers.values())

    def forget_after(self, node: int) -> None:
        """Take what is open behind a node for text: a link ends there."""
        for openers in self._openers.values():
            while openers and openers[-1].node > node:
                openers.pop()

    def run(self, at: int) -> int:
        """Read a run of delimiters; return where the text goes on."""
        run = _RUN.match(self._text, at)
        assert run is not None
        sign, length = run.group()[0], run.end() - at
        node = self._found.add(run.group())
        if length > 3 or (sign == "~" and length != 2):
            return run.end()
        opens, closes = (
            self._flanks(at, run.end(), length) if self._touches(at, run.end()) else (False, False)
        )
        if closes:
            length = self._close_emphasis(sign, node, length, at)
        if opens and length:
            self._openers[sign].append(_Opener(node, length, run.end()))
        arriving = self._close and run.end() == len(self._text) and (self._openers[sign] or self._apart(at))
        self._found.nodes[node].text = "" if arriving and length < 3 else sign * length
        return run.end()

    def _touches(self, begin: int, end: int) -> bool:
        """Whether a run stands next to anything but white space; the end of the text is none."""
        text = self._text
        return not ((not begin or text[begin - 1].isspace()) and (end == len(text) or text[end].isspace()))

    def _apart(self, at: int) -> bool:
        return not at or self._text[at - 1].isspace()

    def _flanks(self, begin: int, end: int, length: int) -> tuple[bool, bool]:
        """Whether a run may open emphasis, and whether it may close it."""
        text = self._text
        if not self._stretch[0] <= begin < self._stretch[1]:
            self._stretch = _stretch_around(text, begin, end)
        first, last = self._stretch
        if last - first == 2 and text[first] != text[last - 1]:  # `*_SIZE y MIN_*`
            return False, False
        before, after = text[first - 1 : first] if first else "", text[last : last + 1]
        if after == "\\":  # what follows is escaped
            after = text[last + 1 : last + 2] if text[last + 1 : last + 2] in ("[", "]") else after
        near, far = text[begin - 1 : begin] if begin else "", text[end : end + 1]
        apart = _boundary(before, _BEFORE) or (
            before == "/"
            and (length == 2 and _wordy(after))
            and _ALTERNATIVE.fullmatch(text, max(0, first - 4), first) is not None
        )
        opens = bool(far) and not far.isspace() and apart and self._begins(after, length)
        closes = bool(near.strip()) and (_wordy(before) or before in _ENDS)
        if closes and after and not _boundary(after, _AFTER):
            # A word may go on after a bold beginning (`**des**hacer`), but not a formula (`x**2**y`).
            closes = length == 2 and before.isalpha() and after.isalpha()
        elif closes and after and after in ".-/" and text[last + 1 : last + 2].isalnum():
            closes = after != "." and not (length == 1 and after == "/")
        return opens, closes

    def _begins(self, after: str, length: int) -> bool:
        if _wordy(after):
            return True
        if length == 1 and after in (".", "/", "\\", "-", "+"):
            return False
        return bool(after) and after in _BEGINS

    def _close_emphasis(self, sign: str, node: int, length: int, at: int) -> int:
        """Match a run at a place that closes with those that opened; return how much of it is left."""
        openers = self._openers[sign]
        while length and openers:
            opener = openers[-1]
            if opener.length != length and 3 not in (opener.length, length):
                break
            used = 2 if min(opener.length, length) >= 2 else 1
            is_name = used == 1 and self._is_name(sign, opener.end, at)
            if is_name or not self._fit(sign, opener.node, node, used):
                openers.pop()
                break
            attribute: Attribute = "strike" if sign == "~" else "strong" if used == 2 else "em"
            self._found.marks.append((opener.node, node, attribute))
            length -= used
            opener.length -= used
            self._found.nodes[opener.node].text = sign * opener.length
            for others in self._openers.values():
                while others and (others[-1].node > opener.node or not others[-1].length):
                    others.pop()
        return length

    def _fit(self, sign: str, first: int, last: int, used: int) -> bool:
        """Whether what stands between two runs is what people emphasise."""
        nodes = self._found.nodes
        if sign == "_" and used == 2 and last - first == 2 and _IDENTIFIER.fullmatch(nodes[first + 1].text):
            return False  # `__name__`
        # What later changes in a node are delimiters and brackets, so each is counted once.
        for node in nodes[len(self._letters) - 1 : last]:
            other = node.kind != "text" or _symbol(node.text)
            self._letters.append(self._letters[-1] + (other or any(map(str.isalpha, node.text))))
            self._characters.append(self._characters[-1] + (other or any(map(str.isalnum, node.text))))
        counts = self._characters if used == 2 else self._letters
        return counts[last] > counts[first + 1]

    def _is_name(self, sign: str, begin: int, end: int) -> bool:
        """Whether what stands between two signs is a name or a pattern that has more of them: `_foo_bar_`."""
        return (
            end - begin <= _LONGEST_NAME
            and _NAME_OR_PATTERN[sign].fullmatch(self._text, begin, end) is not None
        )

    def close_all(self) -> None:
        """Take what is bold at the end for closed there."""
        nodes = self._found.nodes
        for sign, openers in self._openers.items():
            for opener in openers:
                attribute: Attribute = "strike" if sign == "~" else "strong" if opener.length > 1 else "em"
                if attribute == "strong":
                    self._found.marks.append((opener.node, len(nodes), attribute))
                    nodes[opener.node].text = ""


def _stretch_around(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the bounds of all adjacent delimiters around a run."""
    while begin and text[begin - 1] in DELIMITERS:
        begin -= 1
    while end < len(text) and text[end] in DELIMITERS:
        end += 1
    return begin, end


def _wordy(char: str) -> bool:
    return bool(char) and (char.isalnum() or char > "\u2fff" or "\u2190" <= char <= "\u2bff")


def _symbol(text: str) -> bool:
    return not text.isascii() and max(text) > "\u20ff"


def _boundary(char: str, others: frozenset[str]) -> bool:
    """Whether a word may end beside a character; in scripts without spaces it may anywhere."""
    return not char or char.isspace() or char in others or char > "\u2e7f" or "\u2190" <= char <= "\u2bff"
