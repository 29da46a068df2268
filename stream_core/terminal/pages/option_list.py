"""Options with their values: with what they mean, or in a small window names and values alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .groups import choices

DEFAULT_MARK = "•"
"""Stands behind a value that nobody chose."""
_BETWEEN = "    "  # two columns of options


class OptionRow(NamedTuple):
    """An option in the list.

    Attributes:
        name: as it is typed.
        value: the one in force.
        meaning: what the option is, and its possible values.
        source: who set the value, in Spanish; "" for nobody.
    """

    name: str
    value: str
    meaning: str
    source: str

    @property
    def marked(self) -> str:
        """The value, with a mark if nobody chose it."""
        return self.value if self.source else f"{self.value} {DEFAULT_MARK}"

    @property
    def explained(self) -> str:
        """The meaning, with who set the value."""
        return f"{self.meaning} [{self.source}]" if self.source else self.meaning


def option_list(rows: Sequence[OptionRow], console: Console, height: int) -> tuple[Table, bool]:
    """Make the list for a window with `height` free rows; return it, and whether it has the meanings."""
    whole = choices(((row.name, row.marked, row.explained) for row in rows), console.width)
    if len(console.render_lines(whole)) <= height:
        return whole, True
    table = Table(box=None, show_header=False, pad_edge=False, padding=0)
    half = -(-len(rows) // 2)
    names, values = (max(cell_len(text) for text in texts) for texts in zip(*map(_cells, rows), strict=True))
    for _ in range(2):
        table.add_column(no_wrap=True, style="bold", width=names + len("  "))
        table.add_column(no_wrap=True, width=values + len(_BETWEEN))
    for pair in zip_longest(rows[:half], rows[half:]):
        table.add_row(*(Text(text) for row in pair for text in (_cells(row) if row else ("", ""))))
    return table, False


def _cells(row: OptionRow) -> tuple[str, str]:
    return row.name, row.marked
