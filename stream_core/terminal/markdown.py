"""A finished reply as Markdown, with nothing of it lost: raw HTML and generics are text like any other."""

from __future__ import annotations

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Markdown, TableElement
from rich.table import Table
from rich.text import Text

# Rich lays out a whole document at once; beyond this many characters that takes longer than a person waits.
_LONGEST = 60_000
# In fewer columns than this a table or a nested list has no room to be one.
_NARROWEST = 40

# "html off" and no link definitions: Rich would swallow `vector<string>` and `[1]: note` without a trace.
_PARSER = MarkdownIt("commonmark", {"html": False})
_PARSER.enable(["table", "strikethrough"]).disable(["reference", "entity"])


class _WholeTable(TableElement):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                for column in part.columns:
                    column.overflow = "fold"  # not "…": what does not fit goes on below
            yield part


class _Whole(Markdown):
    elements = {**Markdown.elements, "table_open": _WholeTable}  # noqa: RUF012 -- as the base class has it

    def __init__(self, text: str) -> None:
        super().__init__("", hyperlinks=False)  # the target of a link stays visible, not only clickable
        self.markup = text
        self.parsed = _PARSER.parse(text)


def finished_markdown(text: str, width: int) -> RenderableType:
    """Lay out a text that is complete and already sanitised, for that many columns."""
    return _Whole(text) if len(text) <= _LONGEST and width >= _NARROWEST else Text(text)
