"""Usage as it comes on the wire -> `Usage`: cumulative counts, of which any may be missing or odd. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .blocks import encodable
from .deltas import Usage

# Where each count stands: the field of the wire, or the object within it.
_COUNTS: Mapping[str, tuple[str, ...]] = {
    "input_tokens": ("input_tokens",),
    "output_tokens": ("output_tokens",),
    "cache_creation_input_tokens": ("cache_creation_input_tokens",),
    "cache_read_input_tokens": ("cache_read_input_tokens",),
    "cache_creation_1h_input_tokens": ("cache_creation", "ephemeral_1h_input_tokens"),
    "web_search_requests": ("server_tool_use", "web_search_requests"),
    "web_fetch_requests": ("server_tool_use", "web_fetch_requests"),
    "thinking_tokens": ("output_tokens_details", "thinking_tokens"),
}


def merged_usage(usage: Usage, news: object) -> Usage:
    """Take in what the wire says next: counts replace those before, and what is not repeated stays."""
    if not isinstance(news, Mapping):
        return usage
    counts = {name: _count(news, path, int(getattr(usage, name))) for name, path in _COUNTS.items()}
    tier = news.get("service_tier")
    plain = {key: encodable(value) for key, value in news.items() if value is not None}
    return Usage(
        **counts,
        service_tier=encodable(tier) if isinstance(tier, str) else usage.service_tier,
        raw={**usage.raw, **plain},
    )


_MOST = 10**15  # tokens; what is more is no count, and could not be saved


def _count(news: Mapping[str, Any], path: tuple[str, ...], before: int) -> int:
    value: Any = news
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= _MOST else before
