"""The tokens of a reply. Apart from the deltas, which the prompt does not wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one reply as the API counts them (usage on `message_start`, totals on `message_delta`).

    Attributes:
        input_tokens: tokens sent that the cache had no part in.
        output_tokens: tokens of the reply, thinking included.
        cache_creation_input_tokens: tokens written into the cache.
        cache_read_input_tokens: tokens read from the cache.
        cache_creation_1h_input_tokens: those of the tokens written that stay for an hour.
        web_search_requests: searches of the API's own tool.
        web_fetch_requests: pages that its other one fetched.
        thinking_tokens: those of the output that were spent on thinking, where the API says so.
        service_tier: which tier served the request (`standard`, `priority`, `batch`), or None.
        raw: the API's own usage, as far as it came, as plain JSON: counts that have no field here, too.

    The last four are no part of what is billed here or kept, and two usages may be equal without them.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_1h_input_tokens: int = 0
    web_search_requests: int = 0
    web_fetch_requests: int = field(default=0, compare=False, kw_only=True)
    thinking_tokens: int = field(default=0, compare=False, kw_only=True)
    service_tier: str | None = field(default=None, compare=False, kw_only=True)
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False, kw_only=True)

    def __add__(self, other: Usage) -> Usage:
        """The tokens of two requests together, and what the later one says of itself."""
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTED}
        return Usage(**counts, service_tier=other.service_tier or self.service_tier, raw=other.raw)

    @property
    def billed(self) -> tuple[int, ...]:
        """The counts that are billed and kept, in the order of the fields."""
        return tuple(getattr(self, name) for name in _BILLED)


_BILLED = tuple(entry.name for entry in fields(Usage) if entry.compare)
_COUNTED = (*_BILLED, "web_fetch_requests", "thinking_tokens")
