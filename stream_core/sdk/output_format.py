"""A reply's text as an object of the request's `output_format`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def parser_for(request: Mapping[str, Any]) -> Callable[[str], Any] | None:
    """Return what makes an object of a reply's text; None if the request has no `output_format`."""
    wanted = request.get("output_format")
    return None if wanted is None else lambda text: _parse(wanted, text)


def _parse(wanted: Any, text: str) -> Any:
    """As `client.messages.parse` does. Raises ValueError, of pydantic, if the text does not fit."""
    from pydantic import TypeAdapter

    return TypeAdapter(wanted).validate_json(text)
