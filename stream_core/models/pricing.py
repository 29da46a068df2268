"""The form of a price list: dollars for a million tokens of each kind. Which has which: `catalogue.py`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

WRITE_5M, WRITE_1H, READ = Decimal("1.25"), Decimal(2), Decimal("0.1")
"""Prices of the cache as multiples of that of the input, where a model has no others.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
"""

WEB_SEARCH = Decimal("0.01")
"""Dollars for each search of the API's own web search: 10 for 1,000. Fetching a page costs its tokens only.

https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#usage-and-pricing (2026-10)
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars for a million tokens.

    Attributes:
        input: tokens sent that the cache had no part in.
        output: tokens of the reply, thinking included.
        cache_write_5m: tokens written into the cache for five minutes.
        cache_write_1h: tokens written into the cache for an hour.
        cache_read: tokens read from the cache.
    """

    input: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal

    @classmethod
    def of(cls, input: Decimal | str, output: Decimal | str, read: Decimal = READ) -> Rates:
        """Make the rates of a model whose cache costs multiples of its input.

        Args:
            read: what reading from the cache costs, as a multiple of the input.
        """
        price = Decimal(input)
        return cls(price, Decimal(output), price * WRITE_5M, price * WRITE_1H, price * read)


@dataclass(frozen=True, slots=True)
class Prices:
    """The price list of a model.

    Attributes:
        rates: what holds for a request.
        over: prompt tokens above which `long` holds instead, for all tokens of that request; None for never.
        long: the rates of longer prompts.
        own: whether the person told these prices, instead of the table.
    """

    rates: Rates
    over: int | None = None
    long: Rates | None = None
    own: bool = False

    def of_prompt(self, tokens: int) -> Rates:
        """Give what holds for a request with so many prompt tokens, cached ones included."""
        if self.over is not None and self.long is not None and tokens > self.over:
            return self.long
        return self.rates
