"""How a client is opened, and with which timeouts. Importing this loads the SDK (1.5 to 2.5 s of CPU)."""

from __future__ import annotations

from typing import Any

import anthropic
import httpx2
from anthropic import AsyncAnthropic

from stream_core.core import errors as e
from stream_core.core.hosts import is_loopback_url

PLACEHOLDER_KEY = "sin-clave"
"""What is sent as the key to a server that needs none: the SDK refuses to send nothing."""


_MARGIN_SECONDS = 10.0


def open_client(
    *, base_url: str | None = None, api_key: str | None = None, send_credential: bool = False
) -> AsyncAnthropic:
    """Open a client; its retries are off, because ours are visible (`RetryPolicy`).

    Without arguments it talks to Anthropic (or to `ANTHROPIC_BASE_URL`) with the credential that the SDK
    finds in the environment or a profile. A redirect is not followed: the key would go along.

    Args:
        base_url: another server, such as the URL of `practice_server()`. It gets no credential of the
            environment, but a placeholder, unless `send_credential` says so.
        api_key: the key to send, instead of one of the environment.
        send_credential: whether `base_url` gets the credential of the environment, too.

    Raises:
        AuthFailed: a profile that is chosen cannot be loaded.
        ConfigError: the environment names a proxy or certificates that cannot be used.
    """
    if api_key is None and base_url is not None and not send_credential:
        api_key = PLACEHOLDER_KEY
    try:
        return AsyncAnthropic(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            # A proxy of the environment must not stand between this machine and itself.
            http_client=anthropic.DefaultAsyncHttpxClient(
                follow_redirects=False, trust_env=not (base_url and is_loopback_url(base_url))
            ),
        )
    except anthropic.AnthropicError as error:
        raise e.AuthFailed(type(error).__name__) from error
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
        raise e.ConfigError(
            "El proxy o los certificados del entorno no se pueden usar: revisa HTTPS_PROXY, ALL_PROXY y "
            "SSL_CERT_FILE."
        ) from error


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
