"""The one way numbers are written for people: `2,450` and `490.0`, as in the project's first guide. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def number(value: float | Decimal, decimals: int = 0) -> str:
    """Format a number with its thousands grouped by commas and decimals after a point; zero has no sign."""
    written = f"{value:,.{decimals}f}"
    return written.removeprefix("-") if not written.strip("-0.") else written


def counted(count: int, one: str, many: str) -> str:
    """Format a count with its noun: `1 turno`, `2,450 turnos`."""
    return f"{number(count)} {one if count == 1 else many}"


def plain(value: float) -> str:
    """Write a number for a program: a whole one whole, others with the 15 digits that a float holds."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"
