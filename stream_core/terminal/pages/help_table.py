"""The list of all commands, as much of it as the window has room for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look

from .groups import beside, described

_BETWEEN = "    "  # two columns of commands


class HelpRow(NamedTuple):
    """A command in the list.

    Attributes:
        name: as it is typed.
        brief: what it does, in a few words.
        summary: the same in a sentence.
        everyday: whether it is shown where there is no room for all.
    """

    name: str
    brief: str
    summary: str
    everyday: bool


Groups: TypeAlias = Sequence[tuple[str, Sequence[HelpRow]]]
"""The titles of groups, each with its commands."""

_Row: TypeAlias = tuple[Text, Text]


def help_table(groups: Groups, look: Look, width: int, height: int) -> tuple[Table, bool]:
    """Make the list for a window with `height` free rows; return it, and whether it has all commands."""
    summaries = [(title, [(row.name, row.summary) for row in rows]) for title, rows in groups]
    briefs = [(title, [(row.name, row.brief) for row in rows]) for title, rows in groups]
    for table in (beside(summaries, look, width), beside(briefs, look, width), _abreast(groups, look, width)):
        if table is not None and table.row_count <= height:
            return table, True
    everyday = [(row.name, row.brief) for _, rows in groups for row in rows if row.everyday]
    return described(everyday, width), False


def _abreast(groups: Groups, look: Look, width: int) -> Table | None:
    """Whole groups in two columns, as even as they get; None where the window is too narrow for them."""
    blocks = [[(Text(title, look.colours.quiet), Text()), *_cells(rows)] for title, rows in groups]
    halves = min(
        ((_joined(blocks[:at]), _joined(blocks[at:])) for at in range(len(blocks))),
        key=lambda halves: max(map(len, halves)),
    )
    names, words = (max(cell_len(row[at].plain) for half in halves for row in half) for at in range(2))
    if 2 * (names + words + len("  ")) + len(_BETWEEN) > width:
        return None
    table = Table(box=None, show_header=False, pad_edge=False, padding=0)
    for _ in range(2):
        table.add_column(no_wrap=True, width=names + len("  "))
        table.add_column(no_wrap=True, width=words + len(_BETWEEN))
    for row in zip_longest(*halves, fillvalue=(Text(), Text())):
        table.add_row(*(cell for pair in row for cell in pair))
    return table


def _cells(rows: Iterable[HelpRow]) -> list[_Row]:
    return [(Text(row.name, "bold"), Text(row.brief)) for row in rows]


def _joined(blocks: Iterable[Sequence[_Row]]) -> list[_Row]:
    return [row for block in blocks for row in block]
