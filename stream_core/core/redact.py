"""Taking credentials out of a text: those that are known, and what looks like one."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote

MARK = "[clave]"
"""The replacement of a credential."""

_SHORTEST = 8  # characters of a word in a header of one's own: "true" and "1" are no secrets
# The tokens that the SDK gets for a profile never come by here. Keys of the API, and JSON web tokens:
_LOOKS = r"sk-ant-[\w-]+|\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*"


class Redactor:
    """Replaces credentials by `MARK`. It can be called and shows nothing of what it knows.

    A text must be given whole: a credential that is cut in two is not found in either half.
    """

    __slots__ = ("_redact",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for word in secret.split() for form in _forms(word)}
        known = (re.escape(form) for form in sorted(forms, key=len, reverse=True))
        find = re.compile("|".join((*known, _LOOKS)), re.ASCII)
        self._redact: Callable[[str], str] = lambda text: find.sub(MARK, text)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Redactor:
        """Know the credentials that an environment holds."""
        return cls(_secrets(environ))

    def __call__(self, text: str) -> str:
        """Return the text without credentials."""
        return self._redact(text)

    def __repr__(self) -> str:
        return "Redactor()"


def _secrets(environ: Mapping[str, str]) -> Iterator[str]:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_IDENTITY_TOKEN"):
        yield environ.get(name, "")
    for header in environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines():
        yield from (word for word in header.partition(":")[2].split() if len(word) >= _SHORTEST)


def _forms(secret: str) -> Iterator[str]:
    """A credential as it is, in JSON, in a URL and in base64."""
    yield b64encode(secret.encode("utf-8", "replace")).decode().rstrip("=")
    yield from (secret, json.dumps(secret)[1:-1])
    yield from (quote(secret, safe, errors="replace") for safe in ("/", ""))
