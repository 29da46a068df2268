"""The live line of figures, and histograms."""

from __future__ import annotations

from stream_core.core.deltas import Opened, Text, Usage
from stream_core.terminal.pages.histogram import histogram
from stream_core.terminal.reply.metrics_row import MetricsRow


def test_the_live_line_tells_what_fits() -> None:
    row = MetricsRow(100.0, lambda usage: f"{usage.input_tokens + usage.output_tokens} $")
    assert row.text(101.0, 60) == "primer token: 1.00 s y esperando"
    row.feed(Opened("m", "model", Usage(input_tokens=10), None, 100.2))
    for number in range(40):
        row.feed(Text("cuatro  ", 0, 100.5 + number * 0.1))
    told = row.text(104.5, 100)
    assert told.startswith("primer token 0.50 s · ")
    assert told.endswith("≈20 tok/s · pausa 100 ms · 40 deltas · ≈90 $")
    assert row.text(104.5, 40) == told[:40].rpartition(" · ")[0]
    assert row.text(104.5, 5) == "prime"


def test_a_histogram_counts_in_buckets() -> None:
    rows = list(histogram([0.001, 0.004, 0.004, 0.03, 20.0]))
    assert rows[0].split()[:4] == ["hasta", "1", "ms", "1"]
    assert rows[2].split()[:4] == ["hasta", "5", "ms", "2"] and rows[2].endswith("█" * 30)
    assert rows[-2].split()[:5] == ["más", "de", "10.00", "s", "1"]
    assert rows[-1].strip() == "p50 4 ms · p95 20.00 s · máximo 20.00 s"
    assert list(histogram([])) == []
