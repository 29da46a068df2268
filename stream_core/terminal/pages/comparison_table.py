"""The table below a comparison: the figures of each answer, and which was best at each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from rich import box
from rich.table import Table
from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.core.numbers import number
from stream_core.core.reply import Outcome
from stream_core.core.stats import ReplyStats
from stream_core.models.cost import money
from stream_core.terminal.rows.figures import NONE, OUTCOMES, seconds

_BEST = "★"

_Value: TypeAlias = "float | Decimal | None"


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one answer that are compared.

    Attributes:
        name: who gave it.
        outcome: how it ended; only complete ones are compared.
        stats: its figures.
        cost: in dollars, or None where it is not known.
    """

    name: str
    outcome: Outcome
    stats: ReplyStats
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One figure of all answers.

    Attributes:
        label: what it is.
        values: it, of each answer.
        best: whether an answer is the best; nobody is where all look equal, or only one has the figure.
    """

    label: str
    values: Sequence[str]
    best: Sequence[bool]

    def marked(self) -> list[str]:
        """The values with a mark on the best."""
        return [
            f"{value} {_BEST}" if best else value for value, best in zip(self.values, self.best, strict=True)
        ]


def comparison_rows(results: Sequence[Result]) -> list[TableRow]:
    """Return the rows of the table; what no answer has is left out."""
    complete = [each.outcome in ("complete", "max_tokens") for each in results]
    rows = [TableRow("Final", [OUTCOMES[each.outcome] for each in results], [False] * len(results))]
    for label, value, shown, most in _FIGURES:
        values = [value(each) for each in results]
        if any(each is not None for each in values):
            words = [NONE if each is None else shown(each) for each in values]
            judged = [each if whole else None for each, whole in zip(values, complete, strict=True)]
            rows.append(TableRow(label, words, _best(judged, words, most=most)))
    return rows


def comparison_table(results: Sequence[Result], look: Look) -> Table:
    """Make the table, a column for each answer."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for at, each in enumerate(results, 1):
        table.add_column(Text(f"{at} · {each.name}", overflow="fold"), overflow="fold")
    for row in comparison_rows(results):
        cells = [
            Text(word, f"{look.colours.done} bold" if best else "")
            for word, best in zip(row.marked(), row.best, strict=True)
        ]
        table.add_row(Text(row.label), *cells)
    return table


def comparison_lines(results: Sequence[Result]) -> list[str]:
    """Return the same as lines of text."""
    names = [f"{at} · {each.name}" for at, each in enumerate(results, 1)]
    lines = []
    for row in comparison_rows(results):
        values = (
            f"{name} {value}{' (el mejor)' if best else ''}"
            for name, value, best in zip(names, row.values, row.best, strict=True)
        )
        lines.append(f"{row.label}: {'; '.join(values)}")
    return lines


def _best(values: Sequence[_Value], words: Sequence[str], *, most: bool) -> list[bool]:
    """Mark the best values; values that are shown alike count as equal."""
    known = [(each, word) for each, word in zip(values, words, strict=True) if each is not None]
    if len(known) < 2 or len({word for _, word in known}) < 2:
        return [False] * len(values)
    choose = max if most else min
    _, best = choose(known, key=lambda each: each[0])
    return [value is not None and word == best for value, word in zip(values, words, strict=True)]


def _tokens(result: Result) -> _Value:
    return result.stats.usage.output_tokens or None if result.stats.complete else None


_FIGURES: tuple[tuple[str, Callable[[Result], _Value], Callable[..., str], bool], ...] = (
    ("Primer token", lambda each: each.stats.time_to_first_token, seconds, False),
    ("Total", lambda each: each.stats.working_time, seconds, False),
    ("Velocidad", lambda each: each.stats.tokens_per_second, lambda value: f"{number(value, 1)} tok/s", True),
    ("Tokens", _tokens, number, False),
    ("Coste", lambda each: each.cost, money, False),
)
"""Label, value, how it is shown, and whether the most is the best; of tokens the fewest are."""
