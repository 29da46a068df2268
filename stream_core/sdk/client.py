"""Opens clients and fits their timeouts. Importing this loads the SDK (1.5 to 2.5 s of CPU)."""

from __future__ import annotations

import os
from typing import Any
from urllib.request import getproxies

import anthropic
import httpx2
from anthropic import AsyncAnthropic

from stream_core.core import errors as e
from stream_core.core.hosts import is_clear_text
from stream_core.core.request_headers import VARIABLE as CUSTOM_HEADERS
from stream_core.core.request_headers import cannot_be_sent, carries_credential
from stream_core.core.sanitize import one_line

from .body_limit import MAX_REPLY_BYTES, BodyLimit
from .proxies import Proxies
from .routes import RoutedTransport

PLACEHOLDER_KEY = "sin-clave"
"""The placeholder key for a server that needs none: the SDK requires a key."""


_MARGIN_SECONDS = 10.0


def open_client(
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    send_credential: bool = False,
    insecure_http: bool = False,
    max_reply_bytes: int = MAX_REPLY_BYTES,
) -> AsyncAnthropic:
    """Open a client; its retries are off, because ours are visible (`RetryPolicy`).

    Without arguments it talks to Anthropic (or to `ANTHROPIC_BASE_URL`) with the credential that the SDK
    finds in the environment or a profile. A redirect is not followed: the key would go along. A server on
    this machine is never reached through a proxy of the environment.

    Args:
        base_url: another server, such as the URL of `practice_server()`. It gets no credential of the
            environment, but a placeholder, unless `send_credential` says so.
        api_key: the key to send, instead of one of the environment.
        send_credential: whether `base_url` gets the credential of the environment, too.
        insecure_http: whether a credential may go in clear (`http://`) to another machine.
        max_reply_bytes: bytes of a response's body after which it fails with `ReplyTooLarge`.

    Raises:
        AuthFailed: a profile that is chosen cannot be loaded.
        ConfigError: the environment names a proxy, certificates or headers that cannot be used, or a
            credential would travel in clear.
    """
    headers = os.environ.get(CUSTOM_HEADERS, "")
    if problem := cannot_be_sent(headers):
        raise e.ConfigError(problem)
    if api_key is None and base_url is not None and not send_credential:
        api_key = PLACEHOLDER_KEY
    transport = RoutedTransport(Proxies(getproxies()))
    try:
        client = AsyncAnthropic(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            http_client=anthropic.DefaultAsyncHttpxClient(
                follow_redirects=False,
                transport=transport,
                event_hooks={"response": [BodyLimit(max_reply_bytes)]},
            ),
        )
    except anthropic.AnthropicError as error:
        raise e.AuthFailed(type(error).__name__) from error
    except (OSError, ValueError, httpx2.InvalidURL) as error:
        raise e.ConfigError("ANTHROPIC_BASE_URL no es una dirección que se pueda usar.") from error
    url = str(client.base_url)
    sends = client.api_key not in (None, PLACEHOLDER_KEY) or client.auth_token or client.credentials
    if (sends or carries_credential(headers)) and is_clear_text(url) and not insecure_http:
        raise e.ConfigError(
            f"Con «{one_line(url, 100)}» la clave viajaría sin cifrar. Usa https://, o pide a propósito que "
            "se envíe así (insecure_http)."
        )
    transport.prepare(url)
    return client


def with_our_timeouts(client: AsyncAnthropic, connect: float | None, silence: float) -> AsyncAnthropic:
    """The same client (and connections) with the SDK's own, silent retries off, and room for our limits.

    Args:
        client: whose connections.
        connect: seconds for a connection; None: as the client has it.
        silence: seconds that are borne; the transport must not give up before.
    """
    overrides: dict[str, Any] = {}
    if client.max_retries != 0:
        overrides["max_retries"] = 0
    limits = client.timeout if isinstance(client.timeout, httpx2.Timeout) else httpx2.Timeout(client.timeout)
    read = limits.read if limits.read is None or limits.read > silence else silence + _MARGIN_SECONDS
    soon = limits.connect if connect is None else connect
    fit = httpx2.Timeout(connect=soon, read=read, write=limits.write, pool=limits.pool)
    if (fit.connect, fit.read) != (limits.connect, limits.read):
        overrides["timeout"] = fit
    return client.with_options(**overrides) if overrides else client
