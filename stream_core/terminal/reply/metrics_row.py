"""The live figures of a reply as one row: first token, speed, pause, deltas, and what it costs so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rich.cells import cell_len, set_cell_size

from stream_core.core.deltas import Opened, Text, Thinking, ToolInput, TurnDelta, Usage
from stream_core.core.numbers import counted, number
from stream_core.terminal.rows.figures import seconds
from stream_core.terminal.rows.xray import short_time, sparkline

_BUCKET = 0.5  # seconds of one bar of the sparkline
_BUCKETS = 16
_CHARACTERS = 4  # of a token, about

Price = Callable[[Usage], str]
"""The cost of tokens in Spanish, or "" if it is unknown."""


class MetricsRow:
    """Gathers the figures of one reply while it arrives.

    Args:
        started: when it was sent, in seconds on the monotonic clock.
        price: what its tokens cost.
    """

    def __init__(self, started: float, price: Price = lambda usage: "") -> None:
        self._started, self._price = started, price
        self._first: float | None = None
        self._last = started
        self._deltas = self._characters = 0
        self._usage = Usage()
        self._buckets: dict[int, int] = {}  # characters of each half second

    def feed(self, delta: TurnDelta) -> None:
        """Take in the next delta."""
        if isinstance(delta, Opened):
            self._usage = delta.usage
        elif isinstance(delta, (Text, Thinking, ToolInput)):
            piece = delta.partial_json if isinstance(delta, ToolInput) else delta.text
            self._first = self._first if self._first is not None else delta.at
            self._last, self._deltas = delta.at, self._deltas + 1
            self._characters += len(piece)
            bucket = int((delta.at - self._first) / _BUCKET)
            self._buckets[bucket] = self._buckets.get(bucket, 0) + len(piece)
            self._buckets.pop(bucket - _BUCKETS, None)

    def text(self, now: float, width: int) -> str:
        """The row at `now` in so many cells; what does not fit is left out, the last first."""
        if self._first is None:
            return set_cell_size(f"primer token: {seconds(now - self._started)} y esperando", width).rstrip()
        tokens, since = self._characters / _CHARACTERS, max(now - self._first, 0.001)
        usage = replace(self._usage, output_tokens=max(self._usage.output_tokens, round(tokens)))
        price = self._price(usage)
        facts = [
            f"primer token {seconds(self._first - self._started)}",
            f"{self._sparks(now)} ≈{number(tokens / since)} tok/s",
            f"pausa {short_time(max(0.0, now - self._last))}",
            counted(self._deltas, "delta", "deltas"),
            *([f"≈{price}"] if price else []),
        ]
        while len(facts) > 1 and cell_len(" · ".join(facts)) > width:
            facts.pop()
        return set_cell_size(" · ".join(facts), width).rstrip()

    def _sparks(self, now: float) -> str:
        assert self._first is not None
        last = int((now - self._first) / _BUCKET)
        return sparkline(
            [self._buckets.get(place, 0) for place in range(max(0, last - _BUCKETS + 1), last + 1)]
        )
