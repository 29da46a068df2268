"""Times as a histogram: rows with a bar each, over buckets that grow as 1, 2, 5."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from stream_core.core.numbers import number
from stream_core.core.stats import percentile
from stream_core.terminal.rows.xray import bar, short_time

_EDGES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_CELLS = 30


def histogram(values: Sequence[float], *, bars: bool = True) -> Iterator[str]:
    """The rows of a histogram of seconds, and a row of percentiles; nothing without values."""
    if not values:
        return
    counts = [0] * (len(_EDGES) + 1)
    for value in values:
        counts[bisect_left(_EDGES, value)] += 1
    used = [place for place, count in enumerate(counts) if count]
    most = max(counts)
    for place in range(used[0], used[-1] + 1):
        last = place == len(_EDGES)
        label = f"más de {short_time(_EDGES[-1])}" if last else f"hasta {short_time(_EDGES[place])}"
        drawn = bar(counts[place], most, _CELLS) if bars else ""
        yield f"{label:>15} {number(counts[place]):>6} {drawn}".rstrip()
    shares = ((0.5, "p50"), (0.95, "p95"), (1.0, "máximo"))
    figures = (f"{name} {short_time(percentile(values, share) or 0.0)}" for share, name in shares)
    yield f"{'':>15} {' · '.join(figures)}"
