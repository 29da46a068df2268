"""Whether a host or a URL is this very machine: what is sent there crosses no network."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


def is_loopback(host: str) -> bool:
    """Whether a host name is this very machine."""
    try:
        return host == "localhost" or parse_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Whether a URL's host is this very machine; what is no URL is not."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def parse_address(host: str) -> IPv4Address | IPv6Address:
    """Return the IP address that a host name spells.

    Raises:
        ValueError: it is a name.
    """
    import ipaddress

    return ipaddress.ip_address(host)
