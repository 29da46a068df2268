"""The redactor of a request: it knows the key that the request was sent with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream_core.core.redact import Redactor

if TYPE_CHECKING:
    import httpx2

_SHORTEST_KEY = 8  # characters; a shorter one, as for a server at home, is no secret but a word


def redactor_of(request: httpx2.Request) -> Redactor:
    """Return what takes the key of a request out of a server's words: there are some that quote it."""
    return Redactor.of_headers(request.headers.items())


def redactor_of_client(client: Any) -> Redactor:
    """Return what takes the credentials of a client of the SDK out of a text, before its request is made."""
    known = (getattr(client, name, None) for name in ("api_key", "auth_token"))
    return Redactor(key for key in known if isinstance(key, str) and len(key) >= _SHORTEST_KEY)
