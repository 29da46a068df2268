"""Markdown as it arrives, cut into parts that can no longer change. Pure: text in, parts out.

Each line is looked at once, so the cost of a line does not grow with the reply, and the parts depend on the
text alone, never on how it was cut into deltas. A line of text is final when the next line begins (only then
it is known to be no heading or table), a long one at a space where no style is open, a line of a fence at its
end, a table after its first rows: from there its columns are fixed and each row is final.

It is a little more generous than CommonMark where models are: a line break is a line break, two spaces nest a
list under `1.`, and a fence in a list may be indented less than its item.
"""
# See docs/adr/0006-append-only-drawing.md

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from re import Match, Pattern
from typing import Literal, TypeAlias

from .syntax import (
    FENCE,
    HEADING,
    ITEM,
    QUOTE,
    RULE,
    TABLE_RULE,
    UNDERLINE,
    UNSURE,
    heading_text,
    neutral,
    spaces_at,
)

Kind: TypeAlias = Literal[
    "text", "heading", "rule", "table", "row", "fence", "code", "label", "tool", "thought"
]

PIECE = 40
"""Characters of a text from which on it is cut at the next space where no style is open."""
LONGEST = 4_000
"""Characters at which a line is cut wherever that is, so that drawing the open one stays cheap."""
TABLE_ROWS = 20
"""Rows of a table that decide the widths of its columns."""
_DEEPEST = 16  # quotes and lists in each other; what is deeper stays text
_TABLE_SIZE = 4_000  # characters, likewise
_STRIDE = 16  # characters between two places that are looked at for a cut

_BULLETS = "•◦▪"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a reply that is final, or an open one as it stands.

    Attributes:
        kind: what it is; `row` is one more row of the table before it, `code` a line inside a fence,
            `thought` what is left of thinking that was shown while it came.
        text: its source, without what its containers add; of a fence the info string (the language).
        lead: what stands before its first row: the bars of quotes, indentation, a bullet or number.
        hang: what stands before its other rows; as long as `lead`.
        gap: whether a blank row comes before it.
        level: of a heading, 1 to 6.
        goes_on: whether the part that follows goes on in the row in which this one ends.
        is_thinking: whether it is thinking, to be told apart from the answer.
    """

    kind: Kind
    text: str
    lead: str = ""
    hang: str = ""
    gap: bool = False
    level: int = 0
    goes_on: bool = False
    is_thinking: bool = False


@dataclass(frozen=True, slots=True)
class _Container:
    """A quote, or an item of a list, that is open.

    `needs` are the spaces that a line begins with when it is in the item, of which `width` belong to it.
    """

    lead: str = "▌ "
    hang: str = "▌ "
    needs: int = 0
    width: int = 0


class Splitter:
    """Cuts a text that arrives in pieces: feed it, take the parts that are final, look at the open ones."""

    def __init__(self) -> None:
        # Nothing in here is changed in place: `open` tries the end of the text on a copy.
        self._partial = ""  # the line that has not ended
        self._looked = 0  # characters of it in which there is no place to cut
        self._inside: tuple[_Container, ...] = ()
        self._text: str | None = None  # the open text, in whole lines
        self._lead = ""  # of the open text or table
        self._fresh = True  # the open text is a line from its beginning: it may be a heading or a table
        self._mid = False  # the line that has not ended goes on with a text that was cut
        self._fence: tuple[str, int] | None = None  # what closes it, and the indentation of its lines
        self._indented = False  # within code that is code by its indentation
        self._table: tuple[str, ...] = ()  # the lines of the open table
        self._rows = False  # the columns of a table are fixed: each row is final
        self._gap = False  # a blank row belongs before the next part
        self._any = False  # there was a part

    def feed(self, piece: str) -> list[Part]:
        """Take in a piece; give the parts it makes final."""
        parts: list[Part] = []
        first, *rest = piece.split("\n")
        parts += self._more(first)
        for following in rest:
            line, self._partial, self._looked = self._partial, "", 0
            parts += self._line(line)
            parts += self._more(following)
        return parts

    def open(self) -> list[Part]:
        """The parts that are open: what would be final if the text ended here."""
        ahead = copy(self)
        inside, at = self._matched(self._partial) if self._table else (self._inside, 0)
        if self._table and inside == self._inside and "|" in self._partial[at:]:
            # The row that is arriving does not move the columns: they would be drawn again with each letter.
            ahead._partial = ""
            row = self._partial[at:]
            arriving = [Part("row", row, self._hang, self._hang)] if row.strip(" |") else []
            return [*ahead.finish(), *arriving]
        if not self._mid and UNSURE.fullmatch(self._partial):
            ahead._partial = ""
        return ahead.finish()

    def finish(self) -> list[Part]:
        """End the text: what is still open is final."""
        line, self._partial, self._looked = self._partial, "", 0
        parts = list(self._line(line)) if line else []
        return [*parts, *self._close()]

    # -- within a line ------------------------------------------------------------------------

    def _more(self, text: str) -> Iterator[Part]:
        """Add to the line that has not ended; a long one is cut at the first place that is fit for it."""
        self._partial += text
        while len(self._partial) > PIECE:
            cut = self._place_to_cut(self._partial)
            if cut is None:
                return
            line, self._partial, self._looked = self._partial[:cut], self._partial[cut:], 0
            yield from self._line(line)
            if self._text is not None:
                yield from self._flush(goes_on=True)
                self._mid = True

    def _place_to_cut(self, line: str) -> int | None:
        """Where to cut, judging by nothing that comes later than the character after that place."""
        in_block = self._fence is not None or self._table or self._rows
        space = max(self._looked, PIECE)
        while not in_block and 0 < (space := line.find(" ", space, LONGEST)) < len(line) - 1:
            before = f"{self._text or ''}{line[:space]}"
            if neutral(before) and not ("|" in before or HEADING.match(line)):
                return space + 1
            self._looked = space = space + _STRIDE
        return LONGEST if len(line) > LONGEST else None

    # -- lines --------------------------------------------------------------------------------

    def _line(self, line: str) -> Iterator[Part]:
        if self._mid:
            self._mid, self._fresh = False, False
            self._text, self._lead = line, self._hang
        elif self._fence is not None:
            yield from self._in_fence(line, *self._fence)
        elif not line.strip():
            yield from self._close()
            self._gap = self._any
        else:
            yield from self._begin(line.expandtabs(4) if "\t" in line else line)

    def _begin(self, line: str) -> Iterator[Part]:
        """A line that is not blank: leave the containers it is not in, enter those it begins."""
        inside, at = self._matched(line)
        already = len(inside)
        while len(inside) < _DEEPEST and not RULE.match(line, at):
            if quote := QUOTE.match(line, at):
                inside, at = (*inside, _Container()), quote.end()
            elif item := ITEM.match(line, at):
                inside, at = (*inside, _item(item, inside)), item.end()
            else:
                break
        if inside != self._inside or already < len(inside):
            yield from self._close()
            self._inside = inside
        lead = "".join(box.lead if n >= already else box.hang for n, box in enumerate(inside))
        yield from self._body(line[at:], lead)

    def _matched(self, line: str) -> tuple[tuple[_Container, ...], int]:
        """The open containers that the line is in, and where its content begins."""
        at = 0
        for number, box in enumerate(self._inside):
            if not box.width:
                quote = QUOTE.match(line, at)
                if quote is None:
                    return self._inside[:number], at
                at = quote.end()
            else:
                spaces = spaces_at(line, at)
                if spaces < box.needs:
                    return self._inside[:number], at
                at += min(spaces, box.width)
        return self._inside, at

    def _body(self, text: str, lead: str) -> Iterator[Part]:
        """What a line holds within its containers."""
        if (self._table or self._rows) and "|" in text:
            yield from self._table_line(text)
        elif fence := FENCE.match(text):
            yield from self._close()
            self._fence, self._indented = (fence.group(2), len(fence.group(1))), False
            yield self._part("fence", fence.group(3).strip(), lead)
        elif heading := HEADING.match(text):
            yield from self._close()
            yield self._part("heading", heading_text(text[heading.end() :]), lead, len(heading.group(1)))
        elif self._may_become(text, UNDERLINE):
            title, self._text = self._text or "", None
            yield self._part("heading", title.strip(), self._lead, 1 if "=" in text else 2)
        elif RULE.match(text):
            yield from self._close()
            yield self._part("rule", "", lead)
        elif "|" in (self._text or "") and self._may_become(text, TABLE_RULE):
            self._table, self._text = (self._text or "", text), None
        else:
            yield from self._text_line(text, lead)

    def _may_become(self, text: str, shape: Pattern[str]) -> bool:
        """Whether a line makes something else of the line of text before it."""
        return self._text is not None and self._fresh and "\n" not in self._text and bool(shape.match(text))

    def _text_line(self, text: str, lead: str) -> Iterator[Part]:
        if self._text is not None and not neutral(self._text) and len(self._text) < LONGEST:
            self._text = f"{self._text}\n{text.lstrip(' ')}"
            return
        indented = self._text is None and not self._inside and text.startswith("    ")
        yield from self._close()
        if indented:
            if not self._indented:
                yield self._part("fence", "", lead)
            self._indented = True
            yield self._part("code", text[4:], lead)
            return
        self._indented = False
        self._text, self._lead, self._fresh = text.lstrip(" "), lead, True

    def _in_fence(self, line: str, run: str, indent: int) -> Iterator[Part]:
        at = 0
        for box in self._inside:
            if not box.width:
                quote = QUOTE.match(line, at)
                if quote is None:  # the quote has ended, and the fence in it
                    self._fence, self._gap = None, True
                    yield from self._line(line)
                    return
                at = quote.end()
            else:
                at += min(spaces_at(line, at), box.width)
        text = line[at + min(spaces_at(line, at), indent) :]
        closing = text.strip()
        if len(closing) >= len(run) and closing == run[0] * len(closing):
            self._fence, self._gap = None, True
        else:
            yield self._part("code", text, self._hang)

    def _table_line(self, text: str) -> Iterator[Part]:
        if self._rows:
            yield self._part("row", text, self._hang)
            return
        self._table = (*self._table, text)
        if len(self._table) >= TABLE_ROWS + 2 or sum(map(len, self._table)) > _TABLE_SIZE:
            yield from self._close()
            self._rows, self._gap = True, False

    # -- parts --------------------------------------------------------------------------------

    @property
    def _hang(self) -> str:
        return "".join(box.hang for box in self._inside)

    def _close(self) -> Iterator[Part]:
        """End the open text or table."""
        if self._mid:
            self._mid, self._text, self._lead = False, "", self._hang
        yield from self._flush()
        if self._table:
            yield self._part("table", "\n".join(self._table), self._lead)
        self._gap = self._gap or bool(self._table) or self._rows
        self._table, self._rows = (), False

    def _flush(self, *, goes_on: bool = False) -> Iterator[Part]:
        if self._text is not None:
            yield self._part("text", self._text, self._lead, goes_on=goes_on)
            self._text = None

    def _part(self, kind: Kind, text: str, lead: str, level: int = 0, *, goes_on: bool = False) -> Part:
        gap = self._any and (self._gap or kind in ("heading", "rule", "table", "fence"))
        self._gap, self._any = kind == "rule", True
        return Part(kind, text, lead, self._hang, gap, level, goes_on)


def _item(found: Match[str], inside: tuple[_Container, ...]) -> _Container:
    """The container that an item of a list opens."""
    mark, indent = found.group(2), len(found.group(1))
    depth = sum(box.width > 0 and not box.lead[0].isdigit() for box in inside)
    lead = f"{mark if mark[0].isdigit() else _BULLETS[depth % len(_BULLETS)]} "
    width = max(found.end() - found.start(), indent + len(mark) + 1)
    return _Container(lead, " " * len(lead), min(indent + 2, width), width)
