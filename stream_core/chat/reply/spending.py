"""What a session costs: each turn by its requests, and the limit that the person set."""
# See docs/adr/0013-spending-kept-apart.md

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from stream_core.config.settings import Settings
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.core.sanitize import one_line
from stream_core.core.turn_result import Round
from stream_core.models.cost import Budget, Cost, Spending, Spent, cost, estimate, money

from .request import tokens_at_least


class SessionSpending:
    """What has been spent, and what may be.

    Args:
        limit: dollars that may be spent, or None for no limit.
        keep: told for each turn what its requests to a model took.

    Attributes:
        so_far: all requests together; in practice nothing costs anything, and nothing is added.
        budget: what may be spent, or None for no limit.
    """

    def __init__(
        self, limit: Decimal | None = None, keep: Callable[[str, Spent], None] = lambda model, spent: None
    ) -> None:
        self.so_far, self._keep = Spending(), keep
        self.budget = Budget(limit) if limit is not None else None
        self._unwatched: set[str] = set()  # models of which the person knows that they have no price

    def add(self, rounds: Sequence[Round], settings: Settings) -> str:
        """Add the requests of a turn, each at the price of its own size.

        What a reply that was cut cost is not told by the API: what arrived of its text counts for it.

        Returns:
            What the turn cost, in Spanish; "" where nothing is to be said of it.
        """
        if settings.connection.practice:
            return ""
        turn, spent = Spending(), Spent()
        for price, usage, counted in _prices(rounds, settings):
            for sums in (turn, self.so_far):
                sums.add(price, complete=counted)
            spent += Spent.of(price, usage, complete=counted)
            if self.budget is not None:
                self.budget.add(price)
        if spent != Spent():
            self._keep(settings.model, spent)
        # Where nothing was counted, it is not known that it costs nothing.
        return str(turn) if turn.total or turn.unpriced else ""

    def carry(self, turns: Iterable[Turn], settings: Settings) -> None:
        """Let turns of an earlier session count for the budget, as far as it is known what they cost."""
        if self.budget is not None and not settings.connection.practice:
            self.budget.spent += estimate([(t.model, t.usage) for t in turns], settings.priced).total

    def limit_to(self, limit: Decimal | None) -> None:
        """Set the limit for all that the session spends, what it has spent included; None for no limit."""
        self.budget = Budget(limit, self.so_far.total) if limit is not None else None

    def unwatched(self, settings: Settings) -> str:
        """Say that a budget cannot be watched because the model has no price; once a model, else ""."""
        model = settings.model
        if self.budget is None or model in self._unwatched or has_price(settings):
            return ""
        self._unwatched.add(model)
        return f"No puedo vigilar el presupuesto: «{one_line(model, 60)}» es un modelo sin precio."

    def warning(self, *, in_chat: bool = True) -> str:
        """Say once that 80 % are spent, and once that all of it is; else ""."""
        if self.budget is None or not (due := self.budget.to_warn()):
            return ""
        left = self.budget.limit - self.budget.spent
        then = "antes de seguir te preguntaré" if in_chat else ""
        then = f"quedan {money(left)}" if due == "near" else then
        return f"Has gastado {self.spent()}{then and ': '}{then}."

    def spent(self) -> str:
        """Tell what is spent of the budget, which there must be: `0.51 $ de 0.50 $`."""
        assert self.budget is not None
        least = "al menos " if self.so_far.uncounted else ""
        return f"{least}{money(self.budget.spent)} de {money(self.budget.limit)}"

    def objection_within(self, rounds: Sequence[Round], settings: Settings) -> str:
        """Say why a turn under way is not to send another request without a question; as `objection`.

        Args:
            rounds: those of the turn so far.
        """
        if self.budget is None or settings.connection.practice:
            return ""
        turn = Budget(self.budget.limit, self.budget.spent)
        for price, *_ in _prices(rounds, settings):
            turn.add(price)
        if turn.standing != "spent" or not has_price(settings):
            return ""
        return f"Con esto llevas gastado {money(turn.spent)} de {money(turn.limit)}."

    def objection(
        self, settings: Settings, messages: Sequence[Mapping[str, Any]], *, cached: bool = False
    ) -> str:
        """Say why a request is not sent without a question, in a sentence; "" when nothing is against it.

        Args:
            messages: what would be sent; that alone may cost more than is left.
            cached: whether all but the last of them may be read from the cache, which costs less.
        """
        if self.budget is None or settings.connection.practice or not has_price(settings):
            return ""
        if self.budget.standing == "spent":
            return f"Has gastado {self.spent()}."
        *before, last = messages
        old, new = tokens_at_least(before, settings.system or ""), tokens_at_least([last])
        usage = Usage(input_tokens=new, cache_read_input_tokens=old) if cached else Usage(new + old)
        price, left = cost(settings.model, usage, settings.priced), self.budget.limit - self.budget.spent
        if price is None or price.total <= left:
            return ""
        return f"Solo enviar esto cuesta unos {money(price.total)}, y del presupuesto quedan {money(left)}."


def _prices(rounds: Sequence[Round], settings: Settings) -> Iterator[tuple[Cost | None, Usage, bool]]:
    """What each request that brought something cost and took, and whether the API counted it to its end."""
    for entry in rounds:
        usage, stats = entry.reply.usage, entry.stats
        if usage == Usage() and not stats.deltas:
            continue  # an error, or it was not sent
        counted = stats.complete and bool(usage.output_tokens or not stats.deltas)
        if not counted:
            arrived = tokens_at_least([{"content": entry.reply.text}])
            usage = replace(usage, output_tokens=max(usage.output_tokens, arrived))
        yield cost(settings.model, usage, settings.priced), usage, counted


def has_price(settings: Settings) -> bool:
    """Whether what the model costs is known; in practice it costs nothing, and that is known."""
    return settings.connection.practice or cost(settings.model, Usage(), settings.priced) is not None
