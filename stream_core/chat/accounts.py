"""What a session costs: each turn by its requests, and the limit that the person set."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from stream_core.cost import Budget, Spending, cost, money
from stream_core.deltas import Usage
from stream_core.result import Round
from stream_core.sanitize import one_line
from stream_core.settings import Settings


class Accounts:
    """What has been spent, and what may be.

    Args:
        limit: dollars that may be spent, or None for no limit.

    Attributes:
        spending: all requests together; in practice nothing costs anything, and nothing is added.
        budget: what may be spent, or None for no limit.
    """

    def __init__(self, limit: Decimal | None = None) -> None:
        self.spending = Spending()
        self.budget = Budget(limit) if limit is not None else None
        self._unwatched: set[str] = set()  # models of which the person knows that they have no price

    def add(self, rounds: Sequence[Round], settings: Settings) -> str:
        """Add the requests of a turn, each at the price of its own size.

        Returns:
            What the turn cost, in Spanish; "" where nothing is to be said of it.
        """
        if settings.practice:
            return ""
        turn = Spending()
        for entry in rounds:
            usage, stats = entry.reply.usage, entry.stats
            if usage == Usage() and not stats.deltas:
                continue  # it brought nothing: an error, or it was not sent
            price = cost(settings.model, usage, settings.priced)
            counted = stats.complete and bool(usage.output_tokens or not stats.deltas)
            for sums in (turn, self.spending):
                sums.add(price, complete=counted)
            if self.budget is not None:
                self.budget.add(price)
        silent = (
            not turn.total and not turn.unpriced
        )  # nothing was counted: that it costs nothing is not known
        return "" if silent else str(turn)

    def limit_to(self, limit: Decimal | None) -> None:
        """Set the limit for all that the session spends, what it has spent included; None for no limit."""
        self.budget = Budget(limit, self.spending.total) if limit is not None else None

    def unwatched(self, settings: Settings) -> str:
        """Say that a budget cannot be watched because the model has no price; once a model, else ""."""
        model = settings.model
        if self.budget is None or model in self._unwatched or has_price(settings):
            return ""
        self._unwatched.add(model)
        return f"No puedo vigilar el presupuesto: «{one_line(model, 60)}» es un modelo sin precio."

    def warning(self) -> str:
        """Say once that 80 % are spent; else ""."""
        if self.budget is None or not self.budget.to_warn():
            return ""
        left = self.budget.limit - self.budget.spent
        return f"Has gastado {self.spent()}: quedan {money(left)}."

    def spent(self) -> str:
        """Tell what is spent of the budget, which there must be: `0.51 $ de 0.50 $`."""
        assert self.budget is not None
        return f"{money(self.budget.spent)} de {money(self.budget.limit)}"

    def must_ask(self, settings: Settings) -> bool:
        """Whether the person is to be asked before more is spent: the budget is spent, and this may cost."""
        return (
            self.budget is not None
            and self.budget.standing == "spent"
            and not settings.practice
            and has_price(settings)
        )


def has_price(settings: Settings) -> bool:
    """Whether what the model costs is known; in practice it costs nothing, and that is known."""
    return settings.practice or cost(settings.model, Usage(), settings.priced) is not None
