"""Parts of Markdown -> rows of a given width. Nothing is drawn here, and no text is lost."""
# See docs/adr/0007-own-markdown-layout.md

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from copy import copy
from itertools import chain, islice

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.terminal.rows.styles import Pen, Row, Styles, segment

from .code import Colours
from .inline import linked, spans, uri
from .maths import readable
from .parts import Part
from .splitter import Splitter
from .tables import Columns
from .wrapping import Span, wrap

_NARROWEST = 8  # cells for text, whatever the depth of the list it stands in
_RULE_WIDTH = 40
_ITALIC = Style(italic=True)
_UNDERLINE = Style(underline=True)
_THINKING = "┆ "
_CODE_BEGINS, _CODE_ENDS = "┌─", "└─"
_FORMULA = re.compile(r"(?:\$\$|\\\[)(.*?)(?:\$\$|\\\])([.,;: ]*)", re.DOTALL)


class Layout:
    """Lays out the parts of one reply, in their order.

    Attributes:
        hurried: whether to do without Markdown and colours, for a text too long to wait for them.
    """

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._colours: Colours | None = None  # of the fence we are in
        self._columns: Columns | None = None  # of the table we are in
        self._arrived: Columns | None = None  # of a table that is arriving, as it was shown last
        self._rest: Sequence[Span] | None = None  # the row of a text that goes on, and what stands before it
        self._rest_lead: tuple[Part, str] | None = None
        self._arriving = False  # what is laid out is still open
        self.hurried = False

    def rows(self, part: Part, width: int) -> list[Row]:
        """The rows that a part makes final, with the blank row before it where one belongs."""
        if part.kind == "text":
            return self._text(part, width)
        rows = self._end(width)
        if part.gap:
            rows.append(self._blank(part))
        return rows + self._hung(part, self._block(part, _room(part, width)), width)

    def preview(self, parts: Sequence[Part], width: int) -> list[Row]:
        """The rows of the open parts as they stand; nothing is remembered of them."""
        before = self._colours, self._columns, self._rest, self._rest_lead
        if self._colours is not None and any([part.kind == "code" for part in parts]):
            self._colours = self._colours.fork()
        self._arriving = True
        try:
            rows = [row for part in parts for row in self.rows(part, width)]
            return rows + self._end(width)
        finally:
            self._colours, self._columns, self._rest, self._rest_lead = before
            self._arriving = False

    def finish(self, width: int) -> list[Row]:
        """The rows that were waiting for more."""
        return self._end(width)

    # -- laying out anew what was laid out for another width ----------------------------------

    @property
    def waiting(self) -> Part | None:
        """The text whose last row waits for it to go on, or None."""
        return self._rest_lead[0] if self._rest is not None and self._rest_lead is not None else None

    def fork(self) -> Layout:
        """A layout that goes on from here by itself."""
        ahead = copy(self)
        ahead._colours = self._colours.fork() if self._colours is not None else None
        return ahead

    def after(self, part: Part | None, taken: int, width: int) -> list[Row]:
        """The rows of a text without the beginning that stands above already.

        Args:
            part: the text; None for the row that waits, which does not go on.
            taken: characters that stand above, without spaces.
            width: cells of a row.
        """
        if part is not None:
            return self._text(part._replace(gap=False), width, taken)
        if self._rest is not None and self._rest_lead is not None:
            self._rest = _without(self._rest, taken)
            self._rest_lead = (self._rest_lead[0], self._rest_lead[0].hang)
        return self._end(width)

    def table_groups(self, part: Part, width: int) -> list[list[Row]]:
        """The rows of the table that was laid out last: those of its head, then of each of its lines."""
        assert self._columns is not None, "no table was laid out"
        groups = self._columns.groups(_room(part, width))
        rows = iter(self._hung(part, list(chain.from_iterable(groups)), width))
        return [list(islice(rows, len(group))) for group in groups]

    # -- text that goes on in its row ---------------------------------------------------------

    def _text(self, part: Part, width: int, taken: int = 0) -> list[Row]:
        base = self._styles.quiet + _ITALIC if part.is_thinking else None
        text = part.text if part.goes_on else part.text.rstrip(" ")
        new = [(text, base)] if self.hurried else spans(text, self._styles, base, close=self._arriving)
        rows: list[Row] = []
        lead = part.lead
        if self._rest is not None and self._rest_lead is not None:
            new, lead = [*self._rest, *new], self._rest_lead[1]
        elif part.gap:
            rows.append(self._blank(part))
        if taken:
            new, lead = _without(new, taken), part.hang
        wrapped = wrap(new, _room(part, width))
        self._rest = None
        if part.goes_on:
            last = wrapped.pop()
            self._rest = [(text, style) for text, style, _ in last]
            self._rest_lead = (part, part.hang if wrapped else lead)
        return rows + self._hung(part, wrapped, width, lead)

    def _end(self, width: int) -> list[Row]:
        """The row that was waiting for a text to go on, when it does not."""
        if self._rest is None or self._rest_lead is None:
            return []
        part, lead = self._rest_lead
        rows = wrap(self._rest, _room(part, width))
        self._rest = None
        return self._hung(part, rows, width, lead)

    # -- the other parts ----------------------------------------------------------------------

    def _block(self, part: Part, width: int) -> list[Row]:
        match part.kind:
            case "code":
                return self._code(part, width)
            case "maths":
                return self._formula(part.text, width)
            case "heading" | "table" | "row" if self.hurried:
                return wrap([(part.text, None)], width)
            case "heading":
                style = self._styles.heading + _UNDERLINE if part.level == 1 else self._styles.heading
                return wrap(spans(part.text, self._styles, style), width)
            case "rule":
                return [[Segment("─" * min(width, _RULE_WIDTH), self._styles.mark)]]
            case "table":
                self._columns = self._table(part.text)
                return self._columns.rows(width)
            case "row" if self._columns is not None:
                return self._columns.row(part.text, width)
            case "fence":
                language = part.text.split()[0] if part.text else ""
                self._colours = Colours(language, self._styles.syntax, self._styles.code)
                begins = f"{_CODE_BEGINS} {part.text}".rstrip()
                return wrap([(begins, self._styles.quiet)], width)
            case "fence_end":
                return [[Segment(_CODE_ENDS, self._styles.quiet)]]
            case _:
                link = uri(part.target) if part.target else None
                return wrap(
                    [(part.text, self._styles.quiet.update_link(link) if link else self._styles.quiet)], width
                )

    def _table(self, source: str) -> Columns:
        """The columns of a table; those of the frame before if nothing was added, or with what it read."""
        arrived = self._arrived
        if arrived is None or arrived.source != source:
            arrived = Columns(source, self._styles, arrived)
        self._arrived = arrived if self._arriving else None
        return arrived

    def _code(self, part: Part, width: int) -> list[Row]:
        code = part.text.expandtabs(4)
        colours = None if self.hurried else self._colours
        line: list[Span] = colours.line(code) if colours else [(code, self._styles.code)]
        if colours and "://" in code:
            line = linked(line)
        if self._styles.bar or self._arriving or part.is_thinking:
            return wrap(line, width, words=False)
        # Whole, also where it is longer than the window: what the terminal wraps it copies as one line.
        return [[segment((text, style, None)) for text, style in line]]

    def _formula(self, source: str, width: int) -> list[Row]:
        """A formula on a line of Unicode where that is exact, else its source, whole."""
        found = _FORMULA.fullmatch(source)
        shown = readable(found.group(1) if found else source)
        if shown is None:
            return wrap([(source, None)], width, words=False)
        return wrap([(shown + (found.group(2) if found else ""), None)], width)

    def _hung(self, part: Part, rows: list[Row], width: int, lead: str | None = None) -> list[Row]:
        """Rows with what their containers put before them; where that is too much, with the end of it."""
        first, rest = part.lead if lead is None else lead, part.hang
        if not (first or rest or part.is_thinking):
            return rows
        if part.is_thinking:
            first, rest = _THINKING + first, _THINKING + rest
            rows = [[Segment(text, self._hushed(style)) for text, style, _ in row] for row in rows]
        spare = width - _room(part, width)
        style = self._styles.quiet if part.is_thinking else self._styles.mark
        before = segment((first if len(first) <= spare else first[len(first) - spare :], style, None))
        if len(rows) == 1:
            return [[before, *rows[0]]]
        others = segment((rest if len(rest) <= spare else rest[len(rest) - spare :], style, None))
        return [[others if number else before, *row] for number, row in enumerate(rows)]

    def _blank(self, part: Part) -> Row:
        """The row before a part that is apart."""
        return [Segment(_THINKING, self._styles.quiet)] if part.is_thinking else []

    def _hushed(self, style: Style | None) -> Style:
        """A style of the answer, as it is in thinking."""
        return self._styles.quiet + style.without_color if style else self._styles.quiet


def _without(text: Sequence[Span], count: int) -> list[Span]:
    """Drop the first `count` characters of a text; spaces are dropped with them and not counted."""
    left = deque(text)
    while left:
        piece, style = left.popleft()
        at = 0
        while at < len(piece) and (count or piece[at].isspace()):
            count -= not piece[at].isspace()
            at += 1
        if at < len(piece):
            return [(piece[at:], style), *left]
    return []


def _room(part: Part, width: int) -> int:
    if not (part.hang or part.is_thinking):
        return width
    return max(min(_NARROWEST, width), width - len(part.hang) - len(_THINKING) * part.is_thinking)


def whole_reply(text: str, console: Console, look: Look) -> list[str]:
    """A text that is complete and sanitised, as rows with their escapes: as it looked when it came."""
    splitter = Splitter()
    return whole([*splitter.feed(text), *splitter.finish()], console, look)


def whole(parts: Iterable[Part], console: Console, look: Look) -> list[str]:
    """Parts that are complete, as rows with their escapes."""
    styles, pen = Styles(look), Pen(console)
    width, layout = styles.room(console.width), Layout(styles)
    rows = [row for part in parts for row in layout.rows(part, width)]
    return [pen([*styles.bar, *row]) for row in [*rows, *layout.finish(width)]]
