"""Lists in named groups: rows of a name and a summary, or only the entries side by side. Pure, no gutters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look

_NARROW_CELLS = 34  # a column of prose below this is a gutter: it goes under its name instead
_GAP = 2
_BETWEEN = " · "
_INDENT = "  "


def described(rows: Iterable[tuple[str, str]], width: int) -> Table:
    """Make a list of names, each with its description beside it, or below it where there is no room."""
    listed = list(rows)
    longest, most = (max((cell_len(row[column]) for row in listed), default=0) for column in range(2))
    if width - longest - _GAP < min(most, _NARROW_CELLS):
        return _stacked(listed)
    table = _grid()
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in listed:
        table.add_row(Text(name), Text(words))
    return table


def choices(rows: Iterable[tuple[str, str, str]], width: int) -> Table:
    """Make a list of choices: names, values, and their meanings."""
    listed = list(rows)
    names, values, most = (max((cell_len(row[at]) for row in listed), default=0) for at in range(3))
    if width - names - values - 2 * _GAP < min(most, _NARROW_CELLS):
        return _stacked([(f"{name}: {value}", meaning) for name, value, meaning in listed])
    table = _grid()
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for row in listed:
        table.add_row(*map(Text, row))
    return table


def beside(groups: Iterable[tuple[str, Sequence[tuple[str, str]]]], look: Look, width: int) -> Table | None:
    """Make a list of groups: each title beside its first row; None where the window has no room for that."""
    listed = list(groups)
    titles = max(cell_len(title) for title, _ in listed)
    names = max(cell_len(name) for _, rows in listed for name, _ in rows)
    words = max(cell_len(words) for _, rows in listed for _, words in rows)
    if titles + names + words + 2 * _GAP > width:
        return None
    table = _grid()
    table.add_column(style=look.colours.quiet, no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    for title, rows in listed:
        for number, (name, summary) in enumerate(rows):
            table.add_row(Text("" if number else title), Text(name), Text(summary))
    return table


def packed(groups: Iterable[tuple[str, Sequence[str]]], look: Look, width: int) -> Table:
    """Make a list of groups whose entries stand side by side; no entry is cut by the end of a row."""
    listed = list(groups)
    titles = max((cell_len(title) for title, _ in listed), default=0)
    room = width - titles - _GAP
    table = _grid()
    if room < _NARROW_CELLS:
        table.add_column()
        for title, entries in listed:
            table.add_row(Text(title, look.colours.quiet))
            for row in filled(entries, width - len(_INDENT)):
                table.add_row(Text(f"{_INDENT}{row}"))
        return table
    table.add_column(style=look.colours.quiet, no_wrap=True)
    table.add_column(overflow="fold")
    for title, entries in listed:
        for number, row in enumerate(filled(entries, room)):
            table.add_row(Text("" if number else title), Text(row))
    return table


def filled(entries: Iterable[str], width: int) -> Iterator[str]:
    """Fill rows of `width` cells with entries; one that is longer than a row stands alone."""
    row = ""
    for entry in entries:
        longer = f"{row}{_BETWEEN}{entry}" if row else entry
        if row and cell_len(longer) > width:
            yield row
            longer = entry
        row = longer
    if row:
        yield row


def _stacked(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=0)
    table.add_column(overflow="fold")
    for name, words in rows:
        table.add_row(Text(name, "bold"))
        table.add_row(Padding(Text(words), (0, 0, 0, len(_INDENT))))
    return table


def _grid() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
