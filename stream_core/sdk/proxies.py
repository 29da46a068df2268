"""The proxy of the environment that a URL is reached through, if any. Pure; the variables are given.

`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name one, `NO_PROXY` the hosts that are reached without. Loopback
hosts always are: a proxy cannot reach them, and would be given the key and the conversation.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from stream_core.core.errors import ConfigError
from stream_core.core.hosts import comes_out_here
from stream_core.core.sanitize import one_line

_SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy of the environment.

    Attributes:
        url: its URL, with what credentials there are in it.
        variable: the variable that names it.
        host: host and port, without credentials: what may be shown.
    """

    url: str = field(repr=False)
    variable: str
    host: str


class Proxies:
    """The proxies of an environment.

    Args:
        table: what `urllib.request.getproxies()` finds: a URL by scheme, one for `all`, and as `no` the
            hosts that are reached without.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._table = table

    def find(self, url: str) -> Proxy | None:
        """Return the proxy for a URL; None when it is reached without.

        An entry of the environment that cannot be used matters only when it decides about this URL.

        Raises:
            ConfigError: that of the proxy cannot be used, or NO_PROXY does not tell whether it is to be.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        named = next((name for name in (parts.scheme, "all") if self._table.get(name)), None)
        if named is None or comes_out_here(host) or self._excepted(parts, host):
            return None
        return _proxy(self._table[named], f"{named.upper()}_PROXY")

    def _excepted(self, url: SplitResult, host: str) -> bool:
        wrong = ""
        for entry in filter(None, (part.strip() for part in self._table.get("no", "").split(","))):
            try:
                if _covers(entry, url, host):
                    return True
            except ValueError:
                wrong = wrong or entry
        if wrong:
            shown = one_line(wrong.rpartition("@")[2], 60)
            raise ConfigError(
                f"NO_PROXY: no entiendo «{shown}», así que no sé si «{one_line(host, 80)}» va por el proxy. "
                "Escribe nombres o direcciones separados por comas, como «localhost,.ejemplo.com,10.0.0.0/8»."
            )
        return False


def _covers(entry: str, url: SplitResult, host: str) -> bool:
    """Whether an entry of NO_PROXY covers a host: a name and all below it, an address, a network.

    Raises:
        ValueError: it is none of these.
    """
    if entry == "*":
        return True
    scheme, marked, rest = entry.rpartition("://")
    if marked and scheme not in ("all", url.scheme):
        return False
    if "/" in rest and not marked:
        network = ipaddress.ip_network(rest.replace("[", "").replace("]", ""), strict=False)
        return (address := _address(host)) is not None and address in network
    name, port = _name_and_port(rest.rstrip("/"))
    if port is not None and port != (url.port or {"http": 80, "https": 443}.get(url.scheme)):
        return False
    if (own := _address(name)) is not None:
        return own == _address(host)
    name = name.lower().removesuffix(".")
    if name.startswith(("*.", ".")):
        return host.endswith(name.removeprefix("*"))
    return host == name or host.endswith(f".{name}")


def _name_and_port(entry: str) -> tuple[str, int | None]:
    """The parts of an entry: a name or an address, with or without a port.

    Raises:
        ValueError: it is neither.
    """
    if _address(entry) is not None:
        return entry, None  # also one of IPv6 without brackets
    parts = urlsplit(f"//{entry}")
    name = parts.hostname or ""
    wild = name.removeprefix("*").removeprefix(".")
    if not wild or any(character in wild for character in "*?@[] \t\\") or not wild.isprintable():
        raise ValueError(entry)
    if ":" in wild and _address(wild) is None:
        raise ValueError(entry)
    return name, parts.port


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _proxy(value: str, variable: str) -> Proxy:
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host or " " in url or not url.isprintable():
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"{variable} no es la dirección de un proxy. Por ejemplo: http://proxy.ejemplo.com:3128"
        ) from None
    if parts.scheme not in _SCHEMES:
        raise ConfigError(
            f"{variable}: no sé usar un proxy «{one_line(parts.scheme, 20)}://»; valen http, https, socks5 y "
            "socks5h."
        )
    shown = f"[{host}]" if ":" in host else host
    return Proxy(url, variable, shown if port is None else f"{shown}:{port}")
