"""Requests that are refused with an error response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Refused(Exception):
    """An error response: HTTP status, error type of the API, message, and `details` for programs."""

    def __init__(
        self, status: int, api_type: str, message: str, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.details = details
        self.status = status
        self.api_type = api_type
        self.message = message


def invalid(message: str) -> Refused:
    return Refused(400, "invalid_request_error", message)


def unknown_tag(where: str, given: object, known: Iterable[str]) -> Refused:
    """The API's message about an unknown `type`."""
    tags = ", ".join(f"'{name}'" for name in known)
    return invalid(
        f"{where}: Input tag '{given}' found using 'type' does not match any of the expected tags: {tags}"
    )


def no_model(name: str) -> Refused:
    return Refused(404, "not_found_error", f"model: {name}")
