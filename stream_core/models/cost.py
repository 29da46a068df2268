"""What requests cost, in dollars and exactly: parts, sums and a limit. No price is None, never 0. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, TypeAlias

from stream_core.core.deltas import Usage
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .catalogue import Catalogue
from .pricing import WEB_SEARCH

NOTHING = Decimal(0)
_MOST = 1 << 53  # tokens, from a server: what is within this is exact with the usual 28 digits
_SMALLEST = Decimal("0.0001")  # dollars; less is told as less than this
_MOST_DOLLARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request cost, or several together, in dollars.

    Attributes:
        input: the tokens that the cache had no part in.
        output: the reply, thinking included.
        cache_writes: the tokens that were put into the cache.
        cache_reads: the tokens that were read from it.
        searches: web searches of the API's own tool.
        saved: how much more it would have been without the cache; negative when the cache was not worth it.
    """

    input: Decimal = NOTHING
    output: Decimal = NOTHING
    cache_writes: Decimal = NOTHING
    cache_reads: Decimal = NOTHING
    searches: Decimal = NOTHING
    saved: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        """All parts together."""
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
    """Give what one request cost, or None when the model has no price there.

    The size of the prompt may change the price, so each request of a turn must be asked for by itself.
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
    """Give about what many requests cost of which only the sums are known, by model.

    Each is taken for one with a short prompt; `priced`, `estimated` and `unpriced` count models.
    """
    spending = Spending()
    for model, usage in usages:
        if usage == Usage():
            continue
        known = catalogue.find(model)
        if known is None or known.prices is None:
            spending.add(None)
            continue
        short = replace(known, prices=replace(known.prices, over=None, long=None))
        spending.add(cost(model, usage, Catalogue({model: short})))
        spending.estimated += 1
    return spending


def ever(kept: Iterable[tuple[str, Spent]], catalogue: Catalogue) -> Spending:
    """Give what everything cost, by model: what had a price then as it was, the rest as `estimate` does."""
    entries = list(kept)
    spending = estimate([(model, spent.usage) for model, spent in entries], catalogue)
    for _, spent in entries:
        spending.total += spent.dollars
        spending.priced += spent.priced
        spending.uncounted += spent.uncounted
    return spending


def _count(tokens: int) -> int:
    return min(max(0, tokens), _MOST)


def _dollars(tokens: int, rate: Decimal) -> Decimal:
    return (tokens * rate).scaleb(-6)


@dataclass(slots=True)
class Spending:
    """What several requests cost together.

    Attributes:
        total: dollars for those with a price.
        saved: what the cache saved them.
        priced: requests with a price.
        unpriced: requests without one.
        uncounted: requests with a price whose reply the API did not count to its end.
        estimated: how many of those with a price are only known as a sum of tokens.
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
            complete: whether the API counted all of its reply.
        """
        if cost is None:
            self.unpriced += 1
            return
        self.priced += 1
        self.uncounted += not complete
        self.total += cost.total
        self.saved += cost.saved

    def __str__(self) -> str:
        """Tell the total in Spanish: `0.25 $`, `al menos 0.25 $` where something is missing, `sin precio`.

        What is estimated is told as `≈ 0.25 $`.
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
    """What requests to one model took, by the prices of their time; sums of it may be kept for ever.

    Attributes:
        dollars: what those with a price cost, exactly.
        priced: how many those are.
        uncounted: requests that the API did not count to their end.
        usage: the tokens of those without a price.
    """

    dollars: Decimal = NOTHING
    priced: int = 0
    uncounted: int = 0
    usage: Usage = field(default_factory=Usage)

    @classmethod
    def of(cls, cost: Cost | None, usage: Usage, *, complete: bool = True) -> Spent:
        """Make it of one request.

        Args:
            cost: None when it has no price.
            complete: whether the API counted all of its reply.
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
"""How far a budget is spent: less than 80 %, from there on, all of it."""


@dataclass(slots=True)
class Budget:
    """A limit to what is spent. Once it is reached, the person must be asked before more is.

    Attributes:
        limit: dollars, more than nothing.
        spent: dollars so far. What has no price does not count: it has no limit either.
    """

    limit: Decimal
    spent: Decimal = NOTHING
    _warned: Standing = "below"

    def add(self, cost: Cost | None) -> None:
        """Count what a request cost."""
        if cost is not None:
            self.spent += cost.total

    @property
    def standing(self) -> Standing:
        """How far it is spent."""
        if self.spent >= self.limit:
            return "spent"
        return "near" if self.spent * 5 >= self.limit * 4 else "below"

    def to_warn(self) -> Standing | None:
        """Give how far it is spent when it is time to warn: once from 80 % on, and once when it is spent."""
        standing = self.standing
        if standing in ("below", self._warned):
            return None
        self._warned = standing
        return standing


def limit(text: str) -> Decimal:
    """Read a limit in dollars as a person types it: `0.50`, `0,50`, `$0.50`, `2 $`.

    Raises:
        ConfigError: it is no amount, or one that could be read in two ways (`1.000`).
    """
    number = re.fullmatch(r"\s*\$?\s*([0-9]{1,7})(?:[.,]([0-9]{1,6}))?\s*\$?\s*", text, re.ASCII)
    shown = one_line(text, 40)
    if number is None or text.count("$") > 1:
        raise ConfigError(f"«{shown}» no es una cantidad de dólares. Por ejemplo: 0.50")
    whole, part = number[1], number[2] or "0"
    if len(part) == 3 and int(whole):
        raise ConfigError(f"«{shown}» se puede leer de dos formas: escribe los miles sin separar, como 1500.")
    amount = Decimal(f"{whole}.{part}")
    if not 0 < amount <= _MOST_DOLLARS:
        raise ConfigError(f"«{shown}» no sirve de límite: debe ser más que cero y hasta {_MOST_DOLLARS:,} $.")
    return amount


def money(amount: Decimal | None) -> str:
    """Tell dollars in Spanish: `12.30 $`, `0.012 $`, `< 0.0001 $`, `sin precio` for None.

    Less than a dime keeps two significant digits, and what is more than nothing never looks like nothing.
    """
    if amount is None:
        return "sin precio"
    if amount < 0:
        told = money(-amount)
        return f"> -{told[2:]}" if told.startswith("<") else f"-{told}"
    if not amount:
        return "0 $"
    if amount < _SMALLEST:
        return f"< {_SMALLEST} $"
    rounded = round(amount, max(2, 1 - amount.adjusted()))
    return f"{rounded:,.{max(2, 1 - rounded.adjusted())}f} $"
