"""Markdown as it arrives, cut into parts that can no longer change. Pure: text in, parts out.

Only whole lines are looked at, and each once, so that the parts depend on the text alone, never on how it was
cut into deltas, and the cost of a line does not grow with the reply. A heading or a rule is final at its end;
a paragraph, quote or table at the blank line or the other kind of line that follows; an item of a list when
the next one starts; a line of a fence at once. A part that grows beyond a limit is cut by force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["paragraph", "heading", "rule", "list", "quote", "table", "fence", "code"]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([^`]*)$")
_HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(\1[ \t]*){2,}$")
_ITEM = re.compile(r"( {0,3})([-*+]|\d{1,9}[.)])(\s|$)")
_QUOTE = re.compile(r" {0,3}>")
_TABLE_RULE = re.compile(r" {0,3}\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")

LONGEST = 8_000
"""Characters of a part; a longer one is cut by force, so that drawing the open one stays cheap."""


_TALLEST = 100
"""Rows of a table; laying out more than that takes longer than a frame may."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of Markdown that is final, or the open one as it stands.

    Attributes:
        kind: what it is; `code` is a line inside a fence.
        text: its source; of a fence's first line the info string (the language).
        joined: whether it follows the part before it without a blank line.
    """

    kind: Kind
    text: str
    joined: bool = False


class Splitter:
    """Cuts a text that arrives in pieces: feed it, take the parts that are final, look at the open one."""

    __slots__ = ("_fence", "_glued", "_kind", "_lines", "_partial", "_partial_size", "_size", "_tied")

    def __init__(self) -> None:
        self._partial: list[str] = []  # the line that has not ended, in pieces
        self._lines: list[str] = []  # the whole lines of the open part
        self._kind: Kind = "paragraph"
        self._size = 0
        self._partial_size = 0
        self._glued = False  # the next part goes on in the middle of a line
        self._fence = ""  # the run of ` or ~ that opened the fence we are in
        self._tied = False  # the next part follows without a blank line

    def feed(self, piece: str) -> list[Part]:
        """Take in a piece; give the parts it makes final."""
        parts: list[Part] = []
        first, *rest = piece.split("\n")
        parts += self._more(first)
        for following in rest:
            parts += self._line(self._take_partial())
            parts += self._more(following)
        return parts

    def _more(self, text: str) -> Iterator[Part]:
        """Add to the line that has not ended; a line without end is cut at a fixed place."""
        self._partial.append(text)
        self._partial_size += len(text)
        while self._partial_size > LONGEST:
            line = self._take_partial()
            yield from self._line(line[:LONGEST])
            if not self._fence:
                yield from self._close()
                self._glued = True
            self._partial, self._partial_size = [line[LONGEST:]], len(line) - LONGEST

    def _take_partial(self) -> str:
        line = "".join(self._partial)
        self._partial, self._partial_size = [], 0
        return line

    def open(self) -> Part | None:
        """The part that is open, with the line that has not ended; None when there is nothing of it."""
        partial = "".join(self._partial)
        if self._fence:
            return Part("code", partial, joined=True) if partial else None
        lines = [*self._lines, partial] if partial.strip() else self._lines
        if not any(line.strip() for line in lines):
            return None
        kind = self._kind if self._lines else _kind_of(partial)
        return Part(kind, "\n".join(lines), self._glued or (self._tied and kind == "list"))

    def finish(self) -> list[Part]:
        """End the text: what is still open is final."""
        last = self._take_partial()
        parts = list(self._line(last)) if last or self._fence else []
        return [*parts, *self._close()]

    def _line(self, line: str) -> Iterator[Part]:
        if self._fence:
            yield from self._in_fence(line)
        elif opened := _FENCE.match(line):
            yield from self._close()
            self._fence = opened.group(1)
            yield Part("fence", opened.group(2).strip(), self._tied)
            self._tied = True
        elif not line.strip():
            yield from self._blank()
        else:
            yield from self._add(line)

    def _in_fence(self, line: str) -> Iterator[Part]:
        run = line.strip()
        if len(run) >= len(self._fence) and run == self._fence[0] * len(run):
            self._fence, self._tied = "", False
        else:
            yield Part("code", line, joined=True)

    def _blank(self) -> Iterator[Part]:
        if self._kind == "list" and self._lines:
            self._lines.append("")  # the list may go on after it
        else:
            yield from self._close()

    def _add(self, line: str) -> Iterator[Part]:
        kind = _kind_of(line)
        if self._lines and not self._continues(kind, line):
            tie = self._kind == kind == "list"
            yield from self._close()
            self._tied = tie
        if not self._lines:
            self._kind = kind
        elif self._kind == "paragraph" and len(self._lines) == 1 and _TABLE_RULE.match(line) and "|" in line:
            self._kind = "table"
        self._lines.append(line)
        self._size += len(line) + 1
        long = self._size > LONGEST or (self._kind == "table" and len(self._lines) > _TALLEST)
        if self._kind in ("heading", "rule") or long:
            yield from self._close()

    def _continues(self, kind: Kind, line: str) -> bool:
        """Whether a line belongs to the part that is open."""
        if self._kind == "list":
            blank_before = not self._lines[-1].strip()
            deeper = line.startswith((" ", "\t")) and not (_ITEM.match(line) and not line.startswith("  "))
            return deeper or (kind == "paragraph" and not blank_before)
        if self._kind == "quote":
            return kind in ("quote", "paragraph")
        if self._kind == "table":
            return kind == "paragraph" and "|" in line
        return kind == "paragraph" or (kind == "rule" and bool(_UNDERLINE.match(line)))

    def _close(self) -> Iterator[Part]:
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        if self._lines:
            joined = self._glued or (self._tied and self._kind == "list")
            yield Part(self._kind, "\n".join(self._lines), joined)
        self._lines, self._size, self._kind = [], 0, "paragraph"
        self._tied = self._glued = False


def _kind_of(line: str) -> Kind:
    if _HEADING.match(line):
        return "heading"
    if _RULE.match(line):
        return "rule"
    if _ITEM.match(line):
        return "list"
    return "quote" if _QUOTE.match(line) else "paragraph"
