"""What is known of the models, with the date of the figures. The API's own list wins where it is at hand."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches

# The tables below were last compared with the documentation of the API on 2026-11-24.

KNOWN = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5-2")
"""Models that can be asked today; the first is the default."""

DEFAULT_MODEL = KNOWN[0]

RETIRED = {
    "claude-sonnet-4-20250514": date(2026, 6, 15),
    "claude-sonnet-4-5": date(2026, 11, 30),
    "claude-sonnet-4-5-20250929": date(2026, 11, 30),
}
"""Models that requests can no longer name from that day on."""


def retired_on(model: str, today: date) -> date | None:
    """Say since when a model is retired, or None when it is not (as far as is known here)."""
    day = RETIRED.get(model)
    return day if day is not None and day <= today else None


def suggest(model: str) -> str:
    """Give the known id nearest to one that does not exist; the default model when none is near."""
    near = get_close_matches(model.lower(), KNOWN, n=1, cutoff=0.6)
    return near[0] if near else DEFAULT_MODEL


def accepts_prefill(model: str) -> bool:
    """Say whether a model takes the beginning of its answer from the request: those up to 4.5 do."""
    return re.match(r"claude-(2|3|instant)|claude-[a-z]+-4(-[0-5])?(-\d{8})?$", model) is not None
