"""The tools: one file each, plain annotated functions. Their names, signatures and docstrings are what the
model is told; no tool knows of the SDK. `below.py` opens files for them, `loading.py` brings a
person's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def asks_first(function: F) -> F:
    """Mark a tool that must not run before a person agreed (it changes something, or costs something)."""
    function.asks_first = True  # type: ignore[attr-defined]
    return function


def must_ask(function: Callable[..., Any]) -> bool:
    """Whether a tool is marked with `asks_first`."""
    return bool(getattr(function, "asks_first", False))
