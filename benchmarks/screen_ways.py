"""The ways to show a reply side by side, and the table of what each costs at each size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from . import screen_ours, screen_rich, screen_streamdown
from .screen_text import pieces, reply_text
from .table import Cost, aligned

SMALL, MIDDLE, LARGE, HUGE = 2_000, 20_000, 200_000, 1_000_000
SIZES = {SMALL: "2 kB", MIDDLE: "20 kB", LARGE: "200 kB", HUGE: "1 MB"}

Costs = dict[tuple[str, int], list[Cost]]
"""The way and the size; a cost for each round."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to show a reply.

    Attributes:
        run: shows a text, and gives what it took.
        rounds: how often it is measured at each size. A size that is not there would take too long, or less
            than the noise.
    """

    name: str
    run: Callable[[str], Cost]
    rounds: Mapping[int, int]


OURS, OURS_AT_ONCE, PRINT = "ours", "ours, at once", "plain print"
GUIDE, RENDER, STREAMDOWN = "Live, Panel(text)", "one Rich Markdown render", "streamdown, at once"

_OFTEN = {SMALL: 5, MIDDLE: 5}
_WAYS = (
    Way(OURS, screen_ours.paced, {**_OFTEN, LARGE: 3, HUGE: 1}),
    Way(OURS_AT_ONCE, screen_ours.at_once, {**_OFTEN, LARGE: 1, HUGE: 1}),
    Way(PRINT, screen_rich.plain_print, {**_OFTEN, LARGE: 3, HUGE: 1}),
    Way(GUIDE, screen_rich.guide_paced, {SMALL: 5, MIDDLE: 3, LARGE: 1}),
    Way(f"{GUIDE}, at once", screen_rich.guide_at_once, {**_OFTEN, LARGE: 1}),
    Way("Live, Panel(Markdown)", screen_rich.markdown_paced, {SMALL: 3}),
    Way("Live, Panel(Markdown), at once", screen_rich.markdown_at_once, {SMALL: 3}),
    Way(RENDER, screen_rich.one_render, {**_OFTEN, LARGE: 3, HUGE: 1}),
    Way("streamdown, in real time", screen_streamdown.paced, {MIDDLE: 1}),
    Way(STREAMDOWN, screen_streamdown.at_once, {MIDDLE: 5, LARGE: 1}),
)


def measure() -> Costs:
    """Every way at its sizes. The rounds of a size go through all ways, so that noise falls on all alike."""
    ways = [way for way in _WAYS if "streamdown" not in way.name or screen_streamdown.command()]
    for way in ways:
        if SMALL in way.rounds:
            way.run(reply_text(SMALL))  # what is loaded once does not count
    costs: Costs = {}
    for size in SIZES:
        text = reply_text(size)
        for number in range(max(way.rounds.get(size, 0) for way in ways)):
            for way in ways:
                if number < way.rounds.get(size, 0):
                    costs.setdefault((way.name, size), []).append(way.run(text))
    return costs


def table(costs: Costs) -> str:
    """Ways and sizes: microseconds of CPU a delta, and bytes to the terminal a byte of text."""
    lines = [["CPU us a delta; bytes a byte of text", *SIZES.values()]]
    for way in _WAYS:
        lines.append([way.name, *(_cell(costs.get((way.name, size)), size) for size in SIZES)])
    return aligned(lines)


def _cell(costs: Sequence[Cost] | None, size: int) -> str:
    if not costs:
        return "-"
    each = f"{per_delta(costs, size):.1f}"
    return f"~{each}; -" if costs[0].sampled else f"{each}; {per_byte(costs, size):.2f}"


def per_delta(costs: Sequence[Cost], size: int) -> float:
    """Microseconds of CPU a delta, the median of the rounds."""
    return median(cost.seconds for cost in costs) / _deltas(size) * 1e6


def per_byte(costs: Sequence[Cost], size: int) -> float:
    """Bytes to the terminal a byte of text, the median of the rounds."""
    return median(cost.sent for cost in costs) / size


@cache
def _deltas(size: int) -> int:
    return sum(1 for _ in pieces(reply_text(size)))
