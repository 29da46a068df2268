"""The cost of a session, request by request, and its budget."""
# See docs/adr/0013-spending-kept-apart.md

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from stream_core.core.sanitize import one_line
from stream_core.core.token_usage import Usage
from stream_core.models.cost import Budget, Cost, Spending, Spent, cost, estimate, money

if TYPE_CHECKING:  # the prompt does not wait for what counts a reply
    from stream_core.config.settings import Settings
    from stream_core.core.conversation import Turn
    from stream_core.core.turn_result import Round


class SessionSpending:
    """The spending of a session and its budget.

    Args:
        limit: the budget in dollars, or None for no limit.
        keep: receives the spending of each turn, by model.

    Attributes:
        so_far: the spending on all requests; nothing is added in practice mode.
        budget: the budget, or None for no limit.
    """

    def __init__(
        self, limit: Decimal | None = None, keep: Callable[[str, Spent], None] = lambda model, spent: None
    ) -> None:
        self.so_far, self._keep = Spending(), keep
        self.budget = Budget(limit) if limit is not None else None
        self._unwatched: set[str] = set()  # models about whose missing price the user has been told

    def add(self, rounds: Sequence[Round], settings: Settings) -> str:
        """Add the requests of a turn, each at the rates for its own size.

        The API does not report the cost of a reply that was cut: it is estimated from the text that arrived.

        Returns:
            The cost of the turn in Spanish; "" if there is nothing to show.
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
        # If the API reported no usage the cost is unknown, not zero: show nothing.
        return str(turn) if turn.total or turn.unpriced else ""

    def carry(self, turns: Iterable[Turn], settings: Settings) -> None:
        """Count the turns of an earlier session towards the budget, as far as their cost is known."""
        if self.budget is not None and not settings.connection.practice:
            self.budget.spent += estimate([(t.model, t.usage) for t in turns], settings.priced).total

    def limit_to(self, limit: Decimal | None) -> None:
        """Set the budget of the session, including what is already spent; None for no limit."""
        self.budget = Budget(limit, self.so_far.total) if limit is not None else None

    def unwatched(self, settings: Settings) -> str:
        """Warn once per model that its price is unknown, so that the budget cannot be watched; else ""."""
        model = settings.model
        if self.budget is None or model in self._unwatched or has_price(settings):
            return ""
        self._unwatched.add(model)
        return f"No puedo vigilar el presupuesto: «{one_line(model, 60)}» es un modelo sin precio."

    def warning(self, *, in_chat: bool = True) -> str:
        """Warn once at 80 % of the budget, and once at all of it; else ""."""
        if self.budget is None or not (due := self.budget.to_warn()):
            return ""
        left = self.budget.limit - self.budget.spent
        then = "antes de seguir te preguntaré" if in_chat else ""
        then = f"quedan {money(left)}" if due == "near" else then
        return f"Llevas gastado {self.spent()}{then and ': '}{then}."

    def spent(self) -> str:
        """Format the spent part of the budget, which must exist: `0.51 $ de 0.50 $`."""
        assert self.budget is not None
        least = "al menos " if self.so_far.uncounted else ""
        return f"{least}{money(self.budget.spent)} de {money(self.budget.limit)}"

    def objection_within(self, rounds: Sequence[Round], settings: Settings) -> str:
        """Explain why a turn must ask before it sends another request; "" if it need not.

        Args:
            rounds: the rounds of the turn so far.
            settings: those of the turn.
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
        """Explain in a Spanish sentence why a request needs the user's consent; "" if it does not.

        Args:
            settings: those of the request.
            messages: its messages; sending them may already cost more than is left.
            cached: whether all but the last message may be read from the cache, which costs less.
        """
        return self.objection_to_all([(settings, messages)], cached=cached)

    def objection_to_all(
        self, requests: Sequence[tuple[Settings, Sequence[Mapping[str, Any]]]], *, cached: bool = False
    ) -> str:
        """Explain the same of requests that are sent together: what they cost is added up.

        Args:
            requests: the settings and the messages of each.
            cached: as in `objection`.
        """
        priced = [each for each in requests if not each[0].connection.practice and has_price(each[0])]
        if self.budget is None or not priced:
            return ""
        if self.budget.standing == "spent":
            return f"Llevas gastado {self.spent()}."
        total = sum((_cost_of_sending(*each, cached=cached) for each in priced), Decimal(0))
        left = self.budget.limit - self.budget.spent
        if total <= left:
            return ""
        what = "Solo enviar esto" if len(requests) == 1 else f"Solo enviar esto a los {len(requests)}"
        return f"{what} cuesta unos {money(total)}, y del presupuesto quedan {money(left)}."


def _cost_of_sending(settings: Settings, messages: Sequence[Mapping[str, Any]], *, cached: bool) -> Decimal:
    from .request_parameters import tokens_at_least

    *before, last = messages
    old, new = tokens_at_least(before, settings.system or ""), tokens_at_least([last])
    usage = Usage(input_tokens=new, cache_read_input_tokens=old) if cached else Usage(new + old)
    price = cost(settings.model, usage, settings.priced)
    return price.total if price is not None else Decimal(0)


def _prices(rounds: Sequence[Round], settings: Settings) -> Iterator[tuple[Cost | None, Usage, bool]]:
    """Yield cost, usage and completeness of each request that brought something."""
    from .request_parameters import tokens_at_least

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
    """Whether the price of the model is known; in practice mode it is zero."""
    return settings.connection.practice or cost(settings.model, Usage(), settings.priced) is not None


def price_of(usage: Usage, settings: Settings) -> str:
    """Format what one request costs; "" in practice mode, or where the price is unknown."""
    if settings.connection.practice:
        return ""
    found = cost(settings.model, usage, settings.priced)
    return money(found.total) if found is not None else ""
