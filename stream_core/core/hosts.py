"""Whether a host or a URL is this very machine: what is sent there crosses no network."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


def is_loopback(host: str) -> bool:
    """Whether a host name is for certain this very machine: a credential may go there in clear."""
    try:
        # Python says so of a mapped address from 3.13 on only.
        return host.lower() == "localhost" or _unmapped(parse_address(host)).is_loopback
    except ValueError:
        return False


def comes_out_here(host: str) -> bool:
    """Whether a host name is this very machine, in whatever way it says so: no proxy can reach it.

    Beyond `is_loopback` these are names below `localhost` (RFC 6761, 6.3), short ways to write an address,
    and the addresses that stand for none: whoever connects to `0.0.0.0` or `::` comes out on this machine.
    """
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = _unmapped(parse_address(name))
    except ValueError:
        return _is_short_loopback(name)
    return address.is_loopback or address.is_unspecified


def is_clear_text(url: str) -> bool:
    """Whether what is sent to a URL crosses a network without being encrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not comes_out_here(parts.hostname or "")


def parse_address(host: str) -> IPv4Address | IPv6Address:
    """Return the IP address that a host name spells.

    Raises:
        ValueError: it is a name.
    """
    import ipaddress

    return ipaddress.ip_address(host)


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address such as `::ffff:127.0.0.1` stands for, or the address itself."""
    return getattr(address, "ipv4_mapped", None) or address


def _is_short_loopback(name: str) -> bool:
    """Whether a name is a short way to write an address of 127.0.0.0/8, such as `127.1` (inet_aton(3))."""
    if not name[:1].isdigit() or not name.isascii() or " " in name:
        return False
    try:
        return socket.inet_aton(name)[0] == 127
    except OSError:
        return False
