"""Parts of Markdown -> rows of a given width. Rich lays out one part at a time; no text is lost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from markdown_it import MarkdownIt
from rich.cells import chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, TableElement
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .blocks import Part

Row: TypeAlias = list[Segment]

# In fewer columns than this a table or a nested list has no room to be one.
_NARROWEST = 30
_DIM = Style(dim=True)

# "html off" and no link definitions: Rich would swallow `vector<string>` and `[1]: note` without a trace.
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
_PARSER.enable(["table", "strikethrough"]).disable(["reference", "entity"])


class _LeftHeading(Heading):
    """On the left, where a line that grows stays where it is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        if self.tag == "h1":
            self.text.stylize("underline")
        yield self.text


class _WholeTable(TableElement):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                for column in part.columns:
                    column.overflow = "fold"  # not "…": what does not fit goes on below
            yield part


class _Whole(Markdown):
    elements = {**Markdown.elements, "heading_open": _LeftHeading, "table_open": _WholeTable}  # noqa: RUF012

    def __init__(self, text: str) -> None:
        super().__init__("", hyperlinks=False)  # the target of a link stays visible, not only clickable
        self.markup = text
        self.parsed = _PARSER.parse(text)


def markdown(text: str) -> Markdown:
    """A text as Rich's Markdown, with nothing of it lost."""
    return _Whole(text)


class Layout:
    """Lays out the parts of one reply, in order; it knows the language of the fence it is in.

    Attributes:
        hurried: whether to do without Markdown and colours, for a text too long to wait for them.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._language = ""
        self._first = True
        self.hurried = False

    def rows(self, part: Part, width: int) -> list[Row]:
        """The rows of a part that is final, with the blank row before it where one belongs."""
        rows = self.preview(part, width)
        if part.kind == "fence":
            self._language = part.text.split()[0] if part.text else ""
        self._first = False
        return rows

    def preview(self, part: Part, width: int) -> list[Row]:
        """The rows of a part as it stands; nothing is remembered of it."""
        gap: list[Row] = [] if self._first or part.joined else [[]]
        return [*gap, *self._plain_rows(part, max(1, width))]

    def _plain_rows(self, part: Part, width: int) -> list[Row]:
        if part.kind == "code":
            return _code_rows(part.text, "" if self.hurried else self._language, width)
        if part.kind == "fence":
            return [[Segment(label, _DIM)] for label in chop_cells(part.text, width)]
        if self.hurried:
            return [[Segment(piece)] for line in part.text.split("\n") for piece in chop_cells(line, width)]
        if width < _NARROWEST:
            return self._lines(Text(part.text), width)
        rows = self._lines(markdown(part.text), width)
        # Where Rich leaves something out (deep nesting, the target of a picture, too many cells), the source
        # is shown instead: nothing of a reply may be missing.
        whole = _letters(part.text) <= sum(_letters(row_text(row)) for row in rows)
        return rows if whole else self._lines(Text(part.text), width)

    def _lines(self, what: Text | Markdown, width: int) -> list[Row]:
        options = self._console.options.update(width=width, height=None)
        rows = self._console.render_lines(what, options, pad=False, new_lines=False)
        return _trimmed([_without_trailing_space(row) for row in rows])


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def row_text(row: Row) -> str:
    """The bare text of a row."""
    return "".join(segment.text for segment in row)


def _code_rows(line: str, language: str, width: int) -> list[Row]:
    """A line of code with its colours, folded (not wrapped at words: code is to be copied)."""
    line = line.expandtabs(4)
    if not line:
        return [[]]
    styled = _highlighter(language).highlight(line) if language else Text(line)
    styled.rstrip_end(len(line))
    pieces = chop_cells(line, width) or [line]
    cuts, at = [], 0
    for piece in pieces[:-1]:
        at += len(piece)
        cuts.append(at)
    base = Style(color="cyan") if not language else Style.null()
    return [_segments(part, base) for part in styled.divide(cuts)]


@lru_cache(maxsize=8)
def _highlighter(language: str) -> Syntax:
    return Syntax("", language, theme="ansi_dark", background_color="default")


def _segments(text: Text, base: Style) -> Row:
    console = _PLAIN
    return [
        Segment(segment.text, base + segment.style if segment.style else base)
        for segment in text.render(console)
        if segment.text and segment.text != "\n"
    ]


_PLAIN = Console(color_system="truecolor", force_terminal=True, width=10_000, markup=False, emoji=False)


def _without_trailing_space(row: Sequence[Segment]) -> Row:
    kept = [segment for segment in row if not segment.control]
    while kept and not kept[-1].text.strip() and not (kept[-1].style and kept[-1].style.bgcolor):
        kept.pop()
    if kept and not (kept[-1].style and kept[-1].style.bgcolor):
        kept[-1] = Segment(kept[-1].text.rstrip(), kept[-1].style)
    return kept


def _trimmed(rows: list[Row]) -> list[Row]:
    """Without the blank rows at both ends: the space between parts is made in one place."""
    while rows and not row_text(rows[0]).strip():
        rows = rows[1:]
    while rows and not row_text(rows[-1]).strip():
        rows = rows[:-1]
    return rows
