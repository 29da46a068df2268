"""Whether a host or a URL is this very machine: what is sent there crosses no network."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


def is_loopback(host: str) -> bool:
    """Whether a host name is this very machine.

    Names below `localhost` are, too (RFC 6761, 6.3), and so is the address that stands for none: whoever
    connects to `0.0.0.0` or `::` comes out on this machine.
    """
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = parse_address(name)
    except ValueError:
        return _is_short_loopback(name)
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def is_loopback_url(url: str) -> bool:
    """Whether a URL's host is this very machine; what is no URL is not."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def is_clear_text(url: str) -> bool:
    """Whether what is sent to a URL crosses a network without being encrypted."""
    return urlsplit(url).scheme == "http" and not is_loopback_url(url)


def parse_address(host: str) -> IPv4Address | IPv6Address:
    """Return the IP address that a host name spells.

    Raises:
        ValueError: it is a name.
    """
    import ipaddress

    return ipaddress.ip_address(host)


def _is_short_loopback(name: str) -> bool:
    """Whether a name is a short way to write an address of 127.0.0.0/8, such as `127.1` (inet_aton(3))."""
    if not name[:1].isdigit() or not name.isascii() or " " in name:
        return False
    try:
        return socket.inet_aton(name)[0] == 127
    except OSError:
        return False
