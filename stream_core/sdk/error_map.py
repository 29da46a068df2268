"""Maps each exception of the SDK and its transport to a `StreamCoreError`, or to the caller's mistake."""

from __future__ import annotations

import os
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime

import anthropic
import httpx2

from stream_core.core import errors as e
from stream_core.core.error_frames import error_from_frame

from .byte_tap import causes_of
from .redaction import redactor_of
from .routes import Route, route_of

# OpenSSL's reasons for bytes that are no TLS record: the answer of an HTTP server, most of the time.
_SPEAKS_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "UNKNOWN_PROTOCOL",
    "BAD_PACKET_LENGTH",
)
_BY_CAUSE: tuple[tuple[tuple[type[BaseException], ...], type[e.StreamCoreError]], ...] = (
    ((socket.gaierror,), e.HostNotFound),
    ((ConnectionRefusedError,), e.ConnectionRefused),
    ((httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol), e.ConnectionFailed),
    ((httpx2.TimeoutException,), e.IdleTimeout),
)
_BASE_URL = "ANTHROPIC_BASE_URL"  # of the SDK
_ALERT = re.compile(r"\A(?:SSLV3|TLSV1|TLSV13)_ALERT_")
_MAY_PASS = ("INTERNAL_ERROR", "USER_CANCELLED", "BAD_RECORD_MAC", "CLOSE_NOTIFY")


def failure_to_open(error: Exception, model: str) -> e.StreamCoreError | None:
    """Map an exception before the first event; None if it is the caller's own mistake."""
    for cause in causes_of(error):  # the SDK wraps what is raised while it reads a body
        if isinstance(cause, e.StreamCoreError):
            return cause
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
    """Map an exception between two events. Whatever the SDK cannot digest is the server's doing."""
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes_of(error)):
        return e.TlsFailed()
    if isinstance(error, (OSError, httpx2.NetworkError, httpx2.RemoteProtocolError)):  # of TLS, too
        return e.ConnectionLost()
    return failure_to_open(error, model) or e.ProtocolError(
        f"{type(error).__name__} while reading the stream"
    )


def _status_error(error: anthropic.APIStatusError, model: str) -> e.StreamCoreError:
    status, redact = error.status_code, redactor_of(error.request)
    request_id = redact(error.request_id or "") or None
    if 300 <= status < 400:
        return e.Redirected(status=status, request_id=request_id)
    route = route_of(error.request) or Route()
    if status == 407:  # only a proxy answers so (RFC 9110, 15.5.8)
        refused = e.ProxyRefused(status=status)
        refused.proxy, refused.answer = route.proxy, f"407 {error.response.reason_phrase}".rstrip()
        return refused
    # What the SDK could not read as JSON it leaves as a text, whatever the content type said.
    body = error.body if error.body is not None else ""
    found = error_from_frame(body, status, model=model, request_id=request_id, redact=redact)
    if isinstance(found, e.ProxyPage):
        found.proxy = route.proxy
    if status >= 400:
        _heed(found, error.response.headers)
    return found


def _heed(found: e.StreamCoreError, headers: Mapping[str, str]) -> None:
    """Set on an error what the response says about retrying (`x-should-retry` is the API's own header)."""
    advice = headers.get("x-should-retry", "").strip().lower()
    if advice in ("true", "false"):
        found.retryable = advice == "true"
    if isinstance(found, (e.ApiError, e.ProxyPage)) and found.retryable:
        found.retry_after = _retry_after(headers)


def _transport_error(error: Exception) -> e.StreamCoreError:
    """Map an exception of the transport before the first byte of the response."""
    request = _request_of(error)
    route = route_of(request) or Route(connected=True)
    found = _own_error(error) or _connection_error(error, list(causes_of(error)))
    if isinstance(found, e.ConnectionFailed):
        found.proxy = route.proxy
        if request is not None and (address := _named_in_environment(request.url)):
            found.address, found.address_source = address, _BASE_URL
    elif isinstance(found, e.ConnectionLost):
        found.stale = not route.connected
    return found


def _named_in_environment(url: httpx2.URL) -> str:
    """Host and port of a server that `ANTHROPIC_BASE_URL` names; "" for any other.

    The path is left out: that of a practice server holds its key.
    """
    try:
        named = httpx2.URL(os.environ.get(_BASE_URL, "").strip())
    except httpx2.InvalidURL:
        return ""
    same = (named.scheme, named.host, named.port) == (url.scheme, url.host, url.port)
    return url.netloc.decode("ascii", "replace") if same and named.host else ""


def _own_error(error: Exception) -> e.StreamCoreError | None:
    """An error of ours that came through the SDK: the way of the request could not be made."""
    return next((cause for cause in causes_of(error) if isinstance(cause, e.StreamCoreError)), None)


def _connection_error(error: Exception, causes: list[BaseException]) -> e.StreamCoreError:
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls_error(cause)
        if isinstance(cause, httpx2.ProxyError):
            refused = e.ProxyRefused()
            refused.answer = str(cause)
            return refused
    request = _request_of(error)
    if request is not None and (found := _handshake_error(request.url.scheme, causes)) is not None:
        return found
    for kinds, kind in _BY_CAUSE:
        if any(isinstance(cause, kinds) for cause in causes):
            return kind()
    return e.ConnectionLost()


def _handshake_error(scheme: str, causes: list[BaseException]) -> e.ConnectionFailed | None:
    """Map the failure of a connection that broke before any HTTP arrived; None for anything else."""
    if scheme == "https" and any(isinstance(cause, httpx2.ConnectError) for cause in causes):
        return e.TlsBroken() if _hung_up(causes) else None
    if scheme == "http" and any(isinstance(cause, httpx2.RemoteProtocolError) for cause in causes):
        # h11 says so of bytes that begin no HTTP at all: the alert or the handshake of a TLS server.
        return e.TlsExpected() if any("illegal request line" in str(cause) for cause in causes) else None
    return None


def _tls_error(error: ssl.SSLError) -> e.ConnectionFailed:
    reason = error.reason or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        return e.TlsFailed()
    if reason in _SPEAKS_NO_TLS:
        return e.NotTls()
    broken = e.TlsBroken()
    if not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) and "EOF" not in reason:
        broken.alert = _ALERT.sub("", reason).replace("_", " ").lower() or "sin más detalle"
        broken.retryable = reason.endswith(_MAY_PASS)
    return broken


def _hung_up(causes: Iterable[BaseException]) -> bool:
    """Whether the other side broke a connection that had been made: here, in its handshake."""
    names = ("BrokenResourceError", "EndOfStream", "ClosedResourceError")  # of anyio
    return any(
        isinstance(cause, (ConnectionResetError, ConnectionAbortedError, BrokenPipeError))
        or type(cause).__name__ in names
        for cause in causes
    )


def _request_of(error: Exception) -> httpx2.Request | None:
    try:
        request = getattr(error, "request", None)
    except RuntimeError:  # it was never told which
        return None
    return request if isinstance(request, httpx2.Request) else None


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
