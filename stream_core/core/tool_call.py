"""A tool call that waits for permission, and the mark of a tool that must not run without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that waits for permission. Name and input come from the model, untrusted."""

    tool_id: str
    name: str
    input: Mapping[str, Any]


def asks_first(function: F) -> F:
    """Mark a tool that must not run before a person agreed (it changes something, or costs something)."""
    function.asks_first = True  # type: ignore[attr-defined]
    return function


def must_ask(function: Callable[..., Any]) -> bool:
    """Whether a tool is marked with `asks_first`."""
    return bool(getattr(function, "asks_first", False))
