"""A finished reply as Markdown, with nothing of it lost: raw HTML and generics are text like any other."""

from __future__ import annotations

from markdown_it import MarkdownIt
from rich.console import RenderableType
from rich.markdown import Markdown
from rich.text import Text

# Rich lays out a whole document at once; beyond this many characters that takes longer than a person waits.
_LONGEST = 60_000

# "html off" and no link definitions: Rich would swallow `vector<string>` and `[1]: note` without a trace.
_PARSER = MarkdownIt("commonmark", {"html": False})
_PARSER.enable(["table", "strikethrough"]).disable(["reference", "entity"])


class _Whole(Markdown):
    def __init__(self, text: str) -> None:
        super().__init__("", hyperlinks=False)  # the target of a link stays visible, not only clickable
        self.markup = text
        self.parsed = _PARSER.parse(text)


def finished_markdown(text: str) -> RenderableType:
    """Lay out a text that is complete and already sanitised."""
    return _Whole(text) if len(text) <= _LONGEST else Text(text)
