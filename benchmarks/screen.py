"""The drawing of a reply: what it costs, beside the obvious ways and another program that does it.

CPU time, not wall, on a terminal that another process reads. `screen_ways.py` has the ways and their sizes,
`screen_latency.py` what is measured in real time, `screen_cases.py` the hard texts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from . import screen_cases, screen_effects, screen_latency
from .screen_doc import LEGEND, page
from .screen_ways import (
    GUIDE,
    HUGE,
    LARGE,
    MIDDLE,
    OURS,
    OURS_AT_ONCE,
    RENDER,
    STREAMDOWN,
    Costs,
    measure,
    per_byte,
    per_delta,
    table,
)
from .table import Cost, Row, ratio


def run(doc: Path | None = None) -> list[Row]:
    """Measure, print the table of the ways, and give the rows of the other; `doc` is a page for both."""
    costs = measure()
    rows = [*_cost_rows(costs), *screen_latency.rows(), *screen_cases.rows(), *screen_effects.rows()]
    ways = table(costs)
    print(f"{LEGEND}\n\n{ways}\n")
    if doc is not None:
        doc.write_text(page(rows, ways), encoding="utf-8")
    return rows


def _cost_rows(costs: Costs) -> list[Row]:
    middle, large, huge = (costs[OURS, size] for size in (MIDDLE, LARGE, HUGE))
    each, sent = per_delta(middle, MIDDLE), per_byte(middle, MIDDLE)
    exponent = math.log(_seconds(huge) / _seconds(middle)) / math.log(HUGE / MIDDLE)
    worst = median(cost.worst for cost in large) * 1000
    return [
        Row("growth exponent, 20 kB -> 1 MB", f"{exponent:.2f}", "<= 1.05", exponent <= 1.05),
        Row("CPU a delta at 200/s, 20 kB (50 would be fine)", f"{each:.1f} us", "<= 100 us", each <= 100),
        _times_more(f"{GUIDE} / ours, 20 kB", costs[GUIDE, MIDDLE], middle, 10),
        _times_more(f"{GUIDE} / ours, 200 kB", costs[GUIDE, LARGE], large, 100),
        *_beside(costs),
        Row("terminal bytes a byte of text, paced, 20 kB (no tmux)", f"{sent:.2f}", "<= 4.0", sent <= 4),
        Row("worst frame, warm, 200 kB", f"{worst:.1f} ms", "<= 16 ms", worst <= 16),
    ]


def _beside(costs: Costs) -> list[Row]:
    """Ours beside one render of the whole, and streamdown beside ours."""
    render = costs[RENDER, MIDDLE]
    rows = []
    for name, most in ((OURS, 1.5), (OURS_AT_ONCE, 1.0)):
        found = _ratio(costs[name, MIDDLE], render)
        rows.append(Row(f"{name} / {RENDER}, 20 kB", f"{found:.2f}x", f"<= {most}x", found <= most))
    other = costs.get((STREAMDOWN, MIDDLE))
    if other:
        found = _ratio(other, costs[OURS_AT_ONCE, MIDDLE])
        rows.append(Row(f"{STREAMDOWN} / {OURS_AT_ONCE}, 20 kB", f"{found:.2f}x", "-", None))
    return rows


def _times_more(what: str, other: Sequence[Cost], ours: Sequence[Cost], least: float) -> Row:
    found = _ratio(other, ours)
    about = "~" if other[0].sampled else ""
    return Row(what, f"{about}{found:.1f}x", f">= {least:g}x", found >= least)


def _ratio(costs: Sequence[Cost], base: Sequence[Cost]) -> float:
    """The median of the ratios of the rounds that both have."""
    both = list(zip(costs, base, strict=False))
    return ratio([one.seconds for one, _ in both], [other.seconds for _, other in both])


def _seconds(costs: Sequence[Cost]) -> float:
    return median(cost.seconds for cost in costs)
