"""Rows of the benchmark table, and the small statistics that the groups share."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from stream_core.core.stats import percentile

_Figure = TypeVar("_Figure")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        met: whether the target was met; None when nothing could be measured.
    """

    what: str
    measured: str
    target: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of drawing a text on a terminal.

    Attributes:
        seconds: of CPU.
        sent: bytes that the program wrote.
        worst: seconds of CPU of the worst frame, where frames were measured.
        sampled: whether only some of the frames were drawn; their seconds count for the others too, their
            bytes do not.
    """

    seconds: float
    sent: int
    worst: float = 0.0
    sampled: bool = False


def show(rows: Sequence[Row]) -> str:
    """The table, as Markdown with its columns aligned."""
    words = {True: "yes", False: "NO", None: "-"}
    cells = [("what", "measured", "target", "met")]
    return aligned([*cells, *((row.what, row.measured, row.target, words[row.met]) for row in rows)])


def aligned(cells: Sequence[Sequence[str]]) -> str:
    """Lines of cells as a Markdown table; the first is its head."""
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU that `work()` takes in this process, all its threads together."""
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


def rounds(
    sides: Mapping[str, Callable[[], _Figure]], count: int, *, warm: bool = True
) -> dict[str, list[_Figure]]:
    """Measure the sides in turn, A B A B, `count` times; `warm`: after one time that does not count.

    Noise that lasts longer than a round then falls on all sides alike.
    """
    figures: dict[str, list[_Figure]] = {name: [] for name in sides}
    for number in range(count + warm):
        for name, measure in sides.items():
            figure = measure()
            if number or not warm:
                figures[name].append(figure)
    return figures


def ratio(figures: Sequence[float], base: Sequence[float]) -> float:
    """The median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(figures, base, strict=True))


def ratio_row(what: str, figures: Sequence[float], base: Sequence[float], unit: str, most: float) -> Row:
    """A row for a ratio; the figures are already in `unit`."""
    found = ratio(figures, base)
    middle, under = statistics.median(figures), statistics.median(base)
    measured = f"{found:.2f}x ({middle:.1f} / {under:.1f} {unit})"
    return Row(what, measured, f"<= {most:g}x", found <= most)


def at(values: Sequence[float], share: float) -> float:
    """The percentile of values that are known to be there."""
    found = percentile(values, share)
    assert found is not None
    return found
