"""Exact cost of requests in dollars: parts, sums and a budget. An unknown price is None, never 0. Pure.

A price belongs to a request: the size of its prompt decides the rates, so a turn of several requests costs
their sum, not the price of the sum of their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, TypeAlias

from stream_core.core.errors import ConfigError
from stream_core.core.numbers import number as written
from stream_core.core.sanitize import one_line
from stream_core.core.token_usage import Usage

from .catalogue import Catalogue
from .rate_types import WEB_SEARCH

NOTHING = Decimal(0)
_MAX_TOKENS = 1 << 53  # tokens, from a server: up to this, 28 digits are exact
_SMALLEST = Decimal("0.0001")  # dollars; smaller amounts are shown as less than this
_MAX_DOLLARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one request, or of several together, in dollars.

    Attributes:
        input: prompt tokens neither read from nor written to the cache.
        output: the reply, including thinking.
        cache_writes: prompt tokens written to the cache.
        cache_reads: prompt tokens read from the cache.
        searches: web searches on the server.
        saved: what the cache saved; negative if it cost more than it saved.
    """

    input: Decimal = NOTHING
    output: Decimal = NOTHING
    cache_writes: Decimal = NOTHING
    cache_reads: Decimal = NOTHING
    searches: Decimal = NOTHING
    saved: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        """The sum of all parts."""
        return self.input + self.output + self.cache_writes + self.cache_reads + self.searches

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.input + other.input,
            self.output + other.output,
            self.cache_writes + other.cache_writes,
            self.cache_reads + other.cache_reads,
            self.searches + other.searches,
            self.saved + other.saved,
        )


def cost(model: str, usage: Usage, catalogue: Catalogue) -> Cost | None:
    """Return the cost of one request, or None if the model has no price in the catalogue.

    Call it for each request of a turn: the size of the prompt may change the rates.
    """
    known = catalogue.find(model)
    if known is None or known.prices is None:
        return None
    plain, reply = _count(usage.input_tokens), _count(usage.output_tokens)
    written, read = _count(usage.cache_creation_input_tokens), _count(usage.cache_read_input_tokens)
    for_1h = min(_count(usage.cache_creation_1h_input_tokens), written)
    for_5m = written - for_1h
    rates = known.prices.of_prompt(plain + written + read)
    writes = _dollars(for_5m, rates.cache_write_5m) + _dollars(for_1h, rates.cache_write_1h)
    reads = _dollars(read, rates.cache_read)
    return Cost(
        input=_dollars(plain, rates.input),
        output=_dollars(reply, rates.output),
        cache_writes=writes,
        cache_reads=reads,
        searches=_count(usage.web_search_requests) * WEB_SEARCH,
        saved=_dollars(written + read, rates.input) - writes - reads,
    )


def estimate(usages: Iterable[tuple[str, Usage]], catalogue: Catalogue) -> Spending:
    """Estimate the cost of many requests of which only the token sums by model are known.

    Each sum is priced as one short prompt; `priced`, `estimated` and `unpriced` count models.
    """
    spending = Spending()
    for model, usage in usages:
        if usage == Usage():
            continue
        known = catalogue.find(model)
        if known is None or known.prices is None:
            spending.add(None)
            continue
        short = replace(known, prices=known.prices._replace(over=None, long=None))
        spending.add(cost(model, usage, Catalogue({model: short})))
        spending.estimated += 1
    return spending


def ever(kept: Iterable[tuple[str, Spent]], catalogue: Catalogue) -> Spending:
    """Return the cost of everything saved: requests priced at the time as they were, the rest estimated."""
    entries = list(kept)
    spending = estimate([(model, spent.usage) for model, spent in entries], catalogue)
    for _, spent in entries:
        spending.total += spent.dollars
        spending.priced += spent.priced
        spending.uncounted += spent.uncounted
    return spending


def _count(tokens: int) -> int:
    return min(max(0, tokens), _MAX_TOKENS)


def _dollars(tokens: int, rate: Decimal) -> Decimal:
    return (tokens * rate).scaleb(-6)


@dataclass(slots=True)
class Spending:
    """The cost of several requests together.

    Attributes:
        total: dollars for the requests with a price.
        saved: dollars that the cache saved.
        priced: requests with a price.
        unpriced: requests without one.
        uncounted: requests with a price whose usage is incomplete.
        estimated: how many of those with a price are estimates from token sums.
    """

    total: Decimal = NOTHING
    saved: Decimal = NOTHING
    priced: int = 0
    unpriced: int = 0
    uncounted: int = 0
    estimated: int = 0

    def add(self, cost: Cost | None, *, complete: bool = True) -> None:
        """Add a request.

        Args:
            cost: its cost, or None without a price.
            complete: whether the API reported the usage of its whole reply.
        """
        if cost is None:
            self.unpriced += 1
            return
        self.priced += 1
        self.uncounted += not complete
        self.total += cost.total
        self.saved += cost.saved

    def __str__(self) -> str:
        """Format the total in Spanish: `0.25 $`, `al menos 0.25 $` if incomplete, `≈ 0.25 $` if estimated,
        `sin precio` without a price.
        """
        if self.unpriced and not self.priced:
            return money(None)
        if self.total < _SMALLEST:
            return money(self.total)
        least = "al menos " if self.unpriced or self.uncounted else ""
        about = "≈ " if self.estimated else ""
        return f"{least}{about}{money(self.total)}"


@dataclass(frozen=True, slots=True)
class Spent:
    """The spending on one model at the prices of its time; sums stay valid when prices change.

    Attributes:
        dollars: the exact cost of the requests with a price.
        priced: the number of requests with a price.
        uncounted: the number of requests with incomplete usage.
        usage: the tokens of the requests without a price.
    """

    dollars: Decimal = NOTHING
    priced: int = 0
    uncounted: int = 0
    usage: Usage = field(default_factory=Usage)

    @classmethod
    def of(cls, cost: Cost | None, usage: Usage, *, complete: bool = True) -> Spent:
        """Return the spending of one request.

        Args:
            cost: its cost, or None without a price.
            usage: its tokens.
            complete: whether the API reported the usage of its whole reply.
        """
        if cost is None:
            return cls(uncounted=int(not complete), usage=usage)
        return cls(cost.total, 1, int(not complete))

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.dollars + other.dollars,
            self.priced + other.priced,
            self.uncounted + other.uncounted,
            self.usage + other.usage,
        )


Standing: TypeAlias = Literal["below", "near", "spent"]
"""How far a budget is spent: `below` 80 %, `near` from there on, `spent`."""


@dataclass(slots=True)
class Budget:
    """A spending limit. Once it is reached, the user must be asked before spending more.

    Attributes:
        limit: dollars, greater than 0.
        spent: dollars so far; requests without a price do not count.
    """

    limit: Decimal
    spent: Decimal = NOTHING
    _warned: Standing = "below"

    def add(self, cost: Cost | None) -> None:
        """Add the cost of a request; None without a price."""
        if cost is not None:
            self.spent += cost.total

    @property
    def standing(self) -> Standing:
        """Return how far the budget is spent."""
        if self.spent >= self.limit:
            return "spent"
        return "near" if self.spent * 5 >= self.limit * 4 else "below"

    def to_warn(self) -> Standing | None:
        """Return the standing when it is time to warn: once from 80 % on, and once when spent; else None."""
        standing = self.standing
        if standing in ("below", self._warned):
            return None
        self._warned = standing
        return standing


def limit(text: str) -> Decimal:
    """Parse an amount of dollars as people type it: `0.50`, `0,50`, `$0.50`, `2 $`.

    Raises:
        ConfigError: it is not an amount, or an ambiguous one (`1.000`).
    """
    number = re.fullmatch(r"\s*\$?\s*([0-9]{1,7})(?:[.,]([0-9]{1,6}))?\s*\$?\s*", text, re.ASCII)
    shown = one_line(text, 40)
    if number is None or text.count("$") > 1:
        raise ConfigError(f"«{shown}» no es una cantidad de dólares. Por ejemplo: 0.50")
    whole, part = number[1], number[2] or "0"
    if len(part) == 3 and int(whole):
        raise ConfigError(f"«{shown}» se puede leer de dos formas: escribe los miles sin separar, como 1500.")
    amount = Decimal(f"{whole}.{part}")
    if not 0 < amount <= _MAX_DOLLARS:
        raise ConfigError(
            f"«{shown}» no sirve de límite: debe ser más que cero y hasta {written(_MAX_DOLLARS)} $."
        )
    return amount


def money(amount: Decimal | None) -> str:
    """Format dollars in Spanish: `12.30 $`, `0.012 $`, `< 0.0001 $`, `sin precio` for None.

    Below 0.10 $ two significant digits are kept, so that a small amount is never shown as zero.
    """
    if amount is None:
        return "sin precio"
    if amount < 0:
        positive = money(-amount)
        return f"> -{positive[2:]}" if positive.startswith("<") else f"-{positive}"
    if not amount:
        return "0 $"
    if amount < _SMALLEST:
        return f"< {_SMALLEST} $"
    rounded = round(amount, max(2, 1 - amount.adjusted()))
    return f"{written(rounded, max(2, 1 - rounded.adjusted()))} $"
