"""The contract between a `ComparisonRunner` and whoever shows its replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from decimal import Decimal

    from stream_core.core.deltas import ToolAsked, TurnDelta

    from .contenders import Contender
    from .presenter import TurnOutcome


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a comparison.

    Attributes:
        number: its place, from 0; the first goes on with the conversation.
        contender: who gave it.
        outcome: what became of it.
        apart: the id of the conversation that it is saved in where it does not go on with the current one.
        cost: its cost in dollars, or None where it is not known.
    """

    number: int
    contender: Contender
    outcome: TurnOutcome
    apart: str
    cost: Decimal | None


class ComparisonPresenter(Protocol):
    """Shows several replies at once. Main thread only."""

    def comparing(
        self, names: Sequence[str], cancel: Callable[[int | None], None], texts: Callable[[], Sequence[str]]
    ) -> AbstractContextManager[object]:
        """Return a context that is open while the replies arrive, and shows at its end all of them.

        Args:
            names: the names of those that answer.
            cancel: cancels a reply by its place, from 0, or with None all; from any thread.
            texts: returns the whole texts, at the end.
        """

    def show(self, number: int, delta: TurnDelta) -> None:
        """Show the next delta of a reply."""

    def ended(self, number: int, outcome: TurnOutcome) -> None:
        """Show that a reply has ended."""

    def results(self, answers: Sequence[Answer]) -> None:
        """Show the figures of all, and who was best at what."""

    def may_run(self, number: int, asked: ToolAsked) -> bool:
        """Decide whether a tool of a reply may run, while that waits and the others arrive."""

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        """Decide whether all is sent, or with `begun` one of them goes on, in spite of the budget."""

    def notice(self, sentence: str) -> None:
        """Show a notice; never while `comparing` is open."""
