"""The lists of options for `/apariencia` and `/ajustes`, and a sample of the look."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.terminal.reply.panel import TITLE, closing_edge, opening_edge
from stream_core.terminal.styles import Styles

_SAMPLE_WIDTH = 60


def choices(rows: Iterable[tuple[str, str, str]]) -> Table:
    """Make the list of what can be chosen: names, values, and what is to be known about each."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, value, told in rows:
        table.add_row(Text(name), Text(value), Text(told))
    return table


def sections(groups: Iterable[tuple[str, Iterable[tuple[str, str, str]]]]) -> Table:
    """Make one list of several, each below its title."""
    table = choices(())
    for number, (title, rows) in enumerate(groups):
        if number:
            table.add_row()
        table.add_row(Text().append(title, "underline"))
        for row in rows:
            table.add_row(*map(Text, row))
    return table


def sample(look: Look, width: int) -> Text:
    """Make a few lines that look as a reply would while it arrives, in a window of this width."""
    words = "Así se verán las respuestas."
    if look.plain:
        return Text(f"{TITLE}\n{words}")
    styles = Styles(look)
    edge = max(8, min(width, _SAMPLE_WIDTH) - 1)
    cursor = Segment(look.cursor, styles.border + Style(blink=True) if look.blink else styles.border)
    said = [
        Segment("Así", styles.heading),
        Segment(" se verán "),
        Segment("las respuestas", styles.code),
        Segment("."),
        cursor,
    ]
    text = Text(no_wrap=True)
    text.append(f"{opening_edge(edge, closed=styles.closed)}\n", styles.border)
    for segment in styles.framed(said, edge + 1):
        text.append(segment.text, segment.style)
    (end, *_) = closing_edge("Streaming", (), (), edge, closed=styles.closed)
    return text.append(f"\n{end}", styles.border)
