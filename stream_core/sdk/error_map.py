"""Maps each exception of the SDK and its transport to a `StreamCoreError`, or to the caller's mistake."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import anthropic
import httpx2

from stream_core.core import errors as e
from stream_core.core.error_frames import error_from_frame
from stream_core.core.redact import Redactor

from .byte_tap import causes_of

_SHORTEST_KEY = 8  # characters; a shorter one, as for a server at home, is no secret but a word


def failure_to_open(error: Exception, model: str) -> e.StreamCoreError | None:
    """What an exception before the first event means; None when it is the caller's own mistake."""
    if isinstance(error, e.StreamCoreError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return _status_error(error, model)
    if isinstance(error, (anthropic.APIConnectionError, httpx2.HTTPError)):
        return _transport_error(error)
    if isinstance(error, anthropic.CredentialsError):  # they cannot be loaded or exchanged
        return e.AuthFailed(type(error).__name__)
    if isinstance(error, anthropic.AnthropicError):
        return e.ProtocolError(type(error).__name__)
    if isinstance(error, TypeError) and "authentication method" in str(error):
        return e.NoCredential()
    return None


def failure_in_stream(error: Exception, model: str) -> e.StreamCoreError:
    """What an exception between two events means. Whatever the SDK cannot digest is the server's doing."""
    return failure_to_open(error, model) or e.ProtocolError(
        f"{type(error).__name__} while reading the stream"
    )


def _status_error(error: anthropic.APIStatusError, model: str) -> e.StreamCoreError:
    status, redact = error.status_code, redactor_of(error.request)
    request_id = redact(error.request_id or "") or None
    if 300 <= status < 400:
        return e.Redirected(status=status, request_id=request_id)
    # What the SDK could not read as JSON it leaves as a text, whatever the content type said.
    body = error.body if error.body is not None else ""
    found = error_from_frame(body, status, model=model, request_id=request_id, redact=redact)
    if status >= 400:
        _heed(found, error.response.headers)
    return found


def redactor_of(request: httpx2.Request) -> Redactor:
    """Return what takes the key of a request out of a server's words: there are some that quote it."""
    sent = (request.headers.get(name, "").removeprefix("Bearer ") for name in ("authorization", "x-api-key"))
    return Redactor(key for key in sent if len(key) >= _SHORTEST_KEY)


def _heed(found: e.StreamCoreError, headers: Mapping[str, str]) -> None:
    """Let an error say what the response says of trying again (`x-should-retry` is the API's own header)."""
    told = headers.get("x-should-retry", "").strip().lower()
    if told in ("true", "false"):
        found.retryable = told == "true"
    if isinstance(found, (e.ApiError, e.ProxyPage)) and found.retryable:
        found.retry_after = _retry_after(headers)


def _transport_error(error: Exception) -> e.StreamCoreError:
    causes = list(causes_of(error))

    def among(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if among(ssl.SSLError):
        return e.TlsFailed()
    if among(socket.gaierror):
        return e.HostNotFound()
    if among(ConnectionRefusedError):
        return e.ConnectionRefused()
    if among(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol):
        return e.ConnectionFailed()
    if among(httpx2.TimeoutException):
        return e.IdleTimeout()
    return e.ConnectionLost()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the API asks to wait, or None.

    `retry-after-ms` is the API's own header; `retry-after` is a number or a date (RFC 9110, 10.2.3).
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            seconds = float(value) / unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except ValueError:
                continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None
