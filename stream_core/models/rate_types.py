"""The form of a price list: dollars per million tokens of each kind. `catalogue.py` holds the prices."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

WRITE_5M, WRITE_1H, READ = Decimal("1.25"), Decimal(2), Decimal("0.1")
"""Cache prices as multiples of the input price, for models without cache prices of their own.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
"""

WEB_SEARCH = Decimal("0.01")
"""Dollars per web search on the server (10 for 1,000). Fetching a page costs its tokens only.

https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#usage-and-pricing (2026-10)
"""


class Rates(NamedTuple):
    """Dollars per million tokens.

    Attributes:
        input: prompt tokens that were neither read from nor written to the cache.
        output: tokens of the reply, including thinking.
        cache_write_5m: prompt tokens written to the five-minute cache.
        cache_write_1h: prompt tokens written to the one-hour cache.
        cache_read: prompt tokens read from the cache.
    """

    input: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal

    @classmethod
    def of(cls, input: Decimal | str, output: Decimal | str, read: Decimal = READ) -> Rates:
        """Return rates whose cache prices are multiples of the input price.

        Args:
            input: dollars per million input tokens.
            output: dollars per million output tokens.
            read: the price of a cache read, as a multiple of the input price.
        """
        price = Decimal(input)
        return cls(price, Decimal(output), price * WRITE_5M, price * WRITE_1H, price * read)


class Prices(NamedTuple):
    """The price list of a model.

    Attributes:
        rates: the rates of a request.
        over: prompt tokens above which `long` applies to all tokens of that request; None for never.
        long: the rates of longer prompts, or None.
        own: whether these prices come from the user's own file.
    """

    rates: Rates
    over: int | None = None
    long: Rates | None = None
    own: bool = False

    def of_prompt(self, tokens: int) -> Rates:
        """Return the rates of a request with that many prompt tokens, including cached ones."""
        if self.over is not None and self.long is not None and tokens > self.over:
            return self.long
        return self.rates
