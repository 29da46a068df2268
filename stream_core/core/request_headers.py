"""The headers that `ANTHROPIC_CUSTOM_HEADERS` adds to each request. Pure.

The SDK takes a line `name: value` each and passes over lines without a colon; what cannot be sent it finds
out only when it sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

VARIABLE = "ANTHROPIC_CUSTOM_HEADERS"

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.1)
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_SECRET = re.compile(r"auth|key|token|secret|cookie|password|credential|session", re.IGNORECASE)


def custom_headers(text: str) -> Iterator[tuple[str, str]]:
    """The name and the value of each header that the SDK takes from the variable."""
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value.strip()


def cannot_be_sent(text: str) -> str:
    """Describe in Spanish which header cannot be sent, without its value; "" if all can."""
    for number, (name, value) in enumerate(custom_headers(text), 1):
        if not _NAME.fullmatch(name):
            return f"{VARIABLE}: la cabecera número {number} no tiene un nombre válido."
        if not _VALUE.fullmatch(value):
            return (
                f"{VARIABLE}: el valor de «{name[:60]}» tiene tildes o caracteres que no se pueden enviar "
                "en una cabecera."
            )
    return ""


def carries_credential(text: str) -> bool:
    """Whether one of the headers is likely to be a credential, by its name."""
    return any(value and _SECRET.search(name) for name, value in custom_headers(text))
