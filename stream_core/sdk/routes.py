"""The way of a request to its server: straight, or through the proxy that the environment names for it.

Each way is made when the first request needs it: what cannot be used of the environment stops nothing else.
"""

from __future__ import annotations

import socket
import ssl
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import anthropic
import httpx2

from stream_core.core.errors import ConfigError

from .proxies import Proxies, Proxy
from .upload_progress import watch

_EXTENSION = "stream_core"


@dataclass(slots=True)
class Route:
    """The route that a request took.

    Attributes:
        proxy: host and port of the proxy that it went through, or "".
        connected: whether a connection was made for it; else it was given one that had been kept open.
    """

    proxy: str = ""
    connected: bool = False

    async def trace(self, event: str, info: Any) -> None:
        """Take an event of the transport's trace extension."""
        if event in ("connection.connect_tcp.started", "connection.connect_unix_socket.started"):
            self.connected = True


def route_of(request: httpx2.Request | None) -> Route | None:
    """Return how a request went; None when it went through another transport than ours."""
    route = request.extensions.get(_EXTENSION) if request is not None else None
    return route if isinstance(route, Route) else None


class RoutedTransport(httpx2.AsyncBaseTransport):
    """A transport that chooses the way by the URL of each request."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._ways: dict[tuple[str, bool], httpx2.AsyncHTTPTransport] = {}

    def prepare(self, url: str) -> None:
        """Make the way to a URL.

        Raises:
            ConfigError: the proxy or the certificates that the environment names for it cannot be used.
        """
        self._way(url, self._proxies.find(url))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request on its way."""
        url = str(request.url)
        proxy = self._proxies.find(url)
        route = Route(proxy.host if proxy is not None else "")
        request.extensions = {**request.extensions, _EXTENSION: route, "trace": route.trace}
        watch(request)
        return await self._way(url, proxy).handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections of every way."""
        for way in self._ways.values():
            await way.aclose()

    def _way(self, url: str, proxy: Proxy | None) -> httpx2.AsyncHTTPTransport:
        secure = url.startswith("https:")
        key = (proxy.url if proxy is not None else "", secure)
        if key not in self._ways:
            self._ways[key] = self._make(proxy, secure)
        return self._ways[key]

    def _make(self, proxy: Proxy | None, secure: bool) -> httpx2.AsyncHTTPTransport:
        through = None
        if proxy is not None:
            over_tls = proxy.url.startswith("https:")
            try:
                through = httpx2.Proxy(proxy.url, ssl_context=self._trusted if over_tls else None)
            except (ValueError, httpx2.InvalidURL):
                raise ConfigError(
                    f"{proxy.variable} no es la dirección de un proxy que se pueda usar."
                ) from None
        # What is sent in clear needs no certificates, and loading them takes its time.
        trusted = self._trusted if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            return httpx2.AsyncHTTPTransport(
                verify=trusted,
                proxy=through,
                limits=anthropic.DEFAULT_CONNECTION_LIMITS,
                socket_options=_keep_alive(),
            )
        except ImportError:
            variable = proxy.variable if proxy is not None else "ALL_PROXY"
            raise ConfigError(
                f"{variable} nombra un proxy SOCKS y para usarlo falta el paquete socksio: instálalo con "
                "«pip install socksio», o quita la variable."
            ) from None

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        try:
            return httpx2.create_ssl_context()
        except (OSError, ValueError):
            raise ConfigError(
                "SSL_CERT_FILE (o SSL_CERT_DIR) no nombra certificados que se puedan leer: corrígelo o "
                "quítalo."
            ) from None


def _keep_alive() -> list[tuple[int, int, int]]:
    """The socket options of the SDK's own transport: a connection that is silent for minutes is not cut."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    idle = "TCP_KEEPALIVE" if sys.platform == "darwin" else "TCP_KEEPIDLE"
    for name, value in (("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5), (idle, 60)):
        number = getattr(socket, name, None)
        if number is not None:
            options.append((socket.IPPROTO_TCP, number, value))
    return options
