"""The lists of options for `/apariencia` and `/ajustes`, and a sample of the look."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.terminal.reply.panel import TITLE


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


def sample(look: Look) -> Text:
    """Make a few lines that look as a reply would while it arrives."""
    words = "Así se verán las respuestas."
    if look.plain:
        return Text(f"{TITLE}\n{words}")
    colours = look.colours
    frame = look.border or colours.border
    text = Text().append(f"╭─ {TITLE}\n", frame)
    if look.frame == "barra":
        text.append("│ ", frame)
    text.append("Así", colours.heading).append(" se verán ").append("las respuestas", colours.code).append(
        "."
    )
    text.append(look.cursor, f"{frame} blink" if look.blink else frame)
    return text.append(f"\n╰─ {TITLE} (Streaming)", frame)
