"""Access to the server: only the process that started it, known by a random key in its base URL's path.

Everybody on the machine can reach a loopback port, pages in a browser included: by DNS rebinding under a name
of their own. None of them knows the key, and what a browser sends is refused before that.
"""

from __future__ import annotations

import hmac
import re
import secrets
import socket
from collections.abc import Mapping

from .refusal import Refused

_BROWSER = "sec-fetch-"
_NUMERIC = re.compile(r"[\da-fx.]+")  # inet_aton also takes `127.1` and `0x7f000001`


class Gate:
    """Checks the head of a request, before its body is read.

    Attributes:
        prefix: of every path, with the key: `/KEY`.
    """

    def __init__(self) -> None:
        self.prefix = f"/{secrets.token_urlsafe(24)}"

    def admit(self, target: str, headers: Mapping[str, str], port: int) -> str:
        """Check a request for this port and return its path without the key.

        Args:
            target: as in the request line.
            headers: with lower-case names.
            port: that the server listens on.

        Raises:
            Refused: 403 for a page in a browser or another `Host`, 401 without the key.
        """
        if "origin" in headers or any(name.startswith(_BROWSER) for name in headers):
            raise Refused(403, "permission_error", "Requests of web pages are not allowed.")
        name, _, its_port = headers.get("host", "").rpartition(":")
        if its_port != str(port) or not _is_loopback(name.lower()):
            raise Refused(403, "permission_error", "The host header does not name this server.")
        given, path = target[: len(self.prefix)], target[len(self.prefix) :]
        if not hmac.compare_digest(given.encode(), self.prefix.encode()) or not path.startswith("/"):
            raise Refused(
                401,
                "authentication_error",
                "This server answers only at its whole base URL, which has a key.",
            )
        return path


def _is_loopback(host: str) -> bool:
    """Whether this is an IPv4 address of this machine, or a name that nobody else can register."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return _NUMERIC.fullmatch(name) is not None and socket.inet_aton(name)[0] == 127
    except OSError:
        return False
