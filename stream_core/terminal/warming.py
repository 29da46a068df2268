"""Load behind the prompt what the first reply is drawn with: the layout of Markdown, lexers of code."""

from __future__ import annotations

import time

from rich.style import Style

_LANGUAGES = ("python", "bash", "json", "javascript", "yaml", "html", "sql")
"""The most common languages in replies; the first block in another one may be drawn a moment late."""

_PAUSE = 0.02  # seconds between two steps: whoever types or draws goes first
_SAMPLE = "@a  # b\ndef f(x: int = 1) -> str:\n    return f'{x}' + \"y\"  // {a: null} <b c='d'>\n"


def warm(theme: str) -> None:
    """Load it, a little at a time. For a thread that nobody waits for.

    Args:
        theme: the colours of code, one of Rich's; "" for none.
    """
    from .markdown import tables  # noqa: F401
    from .markdown.code import Colours
    from .reply import assembler, document, draft_row, live_region, view  # noqa: F401

    for language in _LANGUAGES if theme else ():
        time.sleep(_PAUSE)
        colours = Colours(language, theme, Style())
        for line in _SAMPLE.splitlines():
            colours.line(line)
