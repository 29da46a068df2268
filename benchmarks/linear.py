"""Growth of the cost of hostile text: strings of one to three signs, repeated to 10 kB and to 20 kB."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from stream_core.core.sanitize import sanitize
from stream_core.terminal.markdown.scanner import scan
from stream_core.terminal.markdown.splitter import Splitter

from .table import Row

_SIGNS = "*_[](){}<>!`~$\\|#-=:\"' \n&;@"
_CHOSEN = 40  # of the longer ones, others each time
_SIZE = 10_000  # characters
_WORST = 2.6  # a square gives 4


def _split(text: str) -> None:
    splitter = Splitter()
    for begin in range(0, len(text), 500):
        splitter.feed(text[begin : begin + 500])
    splitter.finish()


def _seconds(work: Callable[[str], object], text: str) -> float:
    best = 9e9
    for _ in range(2):
        begun = time.process_time()
        work(text)
        best = min(best, time.process_time() - begun)
    return best


def _worst(work: Callable[[str], object], units: list[str]) -> tuple[float, str]:
    """The greatest ratio of the costs, among the strings that cost most, and its string."""
    costs = sorted(((_seconds(work, unit * (_SIZE // len(unit))), unit) for unit in units), reverse=True)
    return max((_seconds(work, unit * (2 * _SIZE // len(unit))) / cost, unit) for cost, unit in costs[:8])


def run() -> list[Row]:
    """Compare the costs."""
    units = [*_SIGNS, *("".join(random.choices(_SIGNS, k=k)) for k in (2, 3) for _ in range(_CHOSEN))]
    rows = []
    for name, work in (("scan", scan), ("split", _split), ("sanitise", sanitize)):
        ratio, unit = _worst(work, units)
        what = f"{name}: CPU for 20 kB against 10 kB, worst of {len(units)} strings ({unit!r})"
        rows.append(Row(what, f"{ratio:.2f} x", f"<= {_WORST} x", ratio <= _WORST))
    return rows
