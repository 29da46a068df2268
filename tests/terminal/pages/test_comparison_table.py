"""The table below a comparison: who was best at what."""

from __future__ import annotations

from decimal import Decimal as D

from stream_core.core.deltas import Finished, Opened, Text, Usage
from stream_core.core.reply import Outcome
from stream_core.core.stats import ReplyStats
from stream_core.terminal.pages.comparison_table import Result, comparison_lines, comparison_rows


def result(
    name: str, first: float, tokens: int, cost: str | None = None, outcome: Outcome = "complete"
) -> Result:
    stats = ReplyStats(0.0)
    stats.feed(Opened("m", "id", Usage(5), None, 0.1))
    stats.feed(Text("a", 0, first))
    stats.feed(Text("b", 0, first + 1))
    if outcome == "complete":
        stats.feed(Finished("end_turn", Usage(5, tokens), first + 2))
    return Result(name, outcome, stats, D(cost) if cost else None)


def test_the_best_of_each_row_is_marked_and_only_complete_answers_compete() -> None:
    rows = comparison_rows(
        [
            result("a", 0.5, 100, "0.03"),
            result("b", 0.9, 40, "0.01"),
            result("c", 0.1, 0, outcome="cancelled"),
        ]
    )
    best = {row.label: list(row.best) for row in rows}
    assert best["Primer token"] == [True, False, False]
    assert best["Tokens"] == best["Coste"] == [False, True, False]
    assert best["Velocidad"] == [True, False, False]
    assert best["Final"] == [False] * 3
    (cost,) = (row for row in rows if row.label == "Coste")
    assert cost.values[2] == "—"


def test_nobody_wins_a_tie_and_what_is_unknown_is_left_out() -> None:
    for other in (0.5, 0.5001):  # it is shown as the same
        rows = comparison_rows([result("a", 0.5, 40), result("b", other, 40)])
        assert not any(best for row in rows for best in row.best)
    assert "Coste" not in [row.label for row in rows]
    assert comparison_lines([result("a", 0.5, 40), result("b", 0.7, 40)])[1] == (
        "Primer token: 1 · a 0.50 s (el mejor); 2 · b 0.70 s"
    )


def test_an_answer_does_not_lose_by_what_a_person_took_to_decide() -> None:
    asked, other = result("a", 0.5, 40), result("b", 0.7, 40)
    asked.stats._ended, asked.stats.awaited = 32.5, 30.0  # a tool waited half a minute for a permission
    (total,) = (row for row in comparison_rows([asked, other]) if row.label == "Total")
    assert total.marked() == ["2.50 s ★", "2.70 s"]
