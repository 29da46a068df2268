"""Taking credentials out of a text: those that are known, and what looks like one."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote

MARK = "[clave]"
"""The replacement of a credential."""

_SHORTEST = 8  # characters of a word in a header: "true" and "1" are no secrets, and no scheme is
_SCHEMES = ("bearer", "basic", "digest", "negotiate", "aws4-hmac-sha256")  # of the header Authorization
_SECRET = re.compile("auth|key|token|secret|cookie|passw|credential", re.IGNORECASE)  # names of headers
# The tokens that the SDK gets for a profile never come by here. Keys of the API and of those that name theirs
# alike, JSON web tokens, and what stands before the host of a URL (also in JSON that escapes its slashes):
_LOOKS = (
    r"sk-ant-[\w-]+|sk-(?=[A-Za-z_-]{0,40}\d)[\w-]{20,}|(?<![\w-])eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*"
    r"""|(?P<url>:\\?/\\?/)[^\s/?#@:"'\\]{0,256}:[^\s/?#@"'\\]{1,256}(?=@)"""
)


class Redactor:
    """Replaces credentials by `MARK`. It can be called and shows nothing of what it knows.

    A text must be given whole: a credential that is cut in two is not found in either half.
    """

    __slots__ = ("_redact",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for word in secret.split() for form in _forms(word)}
        known = (re.escape(form) for form in sorted(forms, key=len, reverse=True))
        find = re.compile("|".join((*known, _LOOKS)), re.ASCII)
        self._redact: Callable[[str], str] = lambda text: find.sub(_marked, text)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Redactor:
        """Know the credentials that an environment holds."""
        return cls(_secrets(environ))

    @classmethod
    def of_headers(cls, headers: Iterable[tuple[str, str]]) -> Redactor:
        """Return a redactor of the credentials in the headers of a request, whatever their names."""
        return cls(word for name, value in headers if _SECRET.search(name) for word in _words(value))

    def __call__(self, text: str) -> str:
        """Return the text without credentials."""
        return self._redact(text)

    def __repr__(self) -> str:
        return "Redactor()"


def _marked(found: re.Match[str]) -> str:
    return (found["url"] or "") + MARK


def _secrets(environ: Mapping[str, str]) -> Iterator[str]:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_IDENTITY_TOKEN"):
        yield environ.get(name, "")
    for header in environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines():
        yield from (word for word in header.partition(":")[2].split() if len(word) >= _SHORTEST)


def _words(value: str) -> Iterator[str]:
    """The credentials in the value of a header; not the scheme before them."""
    scheme, _, rest = value.strip().partition(" ")
    for word in value.split():
        if len(word) >= _SHORTEST and word.lower() not in _SCHEMES:
            yield word
    if scheme.lower() == "basic":
        with suppress(ValueError):
            password = b64decode(rest.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
            yield from (password,) if len(password) >= _SHORTEST else ()


def _forms(secret: str) -> Iterator[str]:
    """A credential as it is, in JSON, in a URL and in base64."""
    yield b64encode(secret.encode("utf-8", "replace")).decode().rstrip("=")
    yield from (secret, json.dumps(secret)[1:-1])
    yield from (quote(secret, safe, errors="replace") for safe in ("/", ""))
