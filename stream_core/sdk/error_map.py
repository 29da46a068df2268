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
from stream_core.core.redact import Redactor

from .byte_tap import causes_of

_SHORTEST_KEY = 8  # characters; a shorter one, as for a server at home, is no secret but a word

_BY_API_TYPE: Mapping[str, type[e.ApiError]] = {
    "invalid_request_error": e.BadRequest,
    "request_too_large": e.TooLarge,
    "authentication_error": e.AuthFailed,
    "permission_error": e.AccessDenied,
    "billing_error": e.AccessDenied,
    "not_found_error": e.ModelNotFound,
    "rate_limit_error": e.RateLimited,
    "overloaded_error": e.Overloaded,
    "timeout_error": e.ServerError,
    "api_error": e.ServerError,
}
_BY_STATUS: Mapping[int, type[e.ApiError]] = {
    400: e.BadRequest,
    401: e.AuthFailed,
    402: e.AccessDenied,
    403: e.AccessDenied,
    408: e.ServerError,
    409: e.ServerError,
    413: e.TooLarge,
    422: e.BadRequest,
    429: e.RateLimited,
    529: e.Overloaded,
}
# The API says this with a plain invalid_request_error.
_TOO_LONG = ("prompt is too long", "exceed context limit", "context window")


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
    status, request_id = error.status_code, _without_key(error.request_id, error.request) or None
    if 300 <= status < 400:
        return e.Redirected(status=status, request_id=request_id)
    body = error.body if isinstance(error.body, Mapping) else {}
    inner = body.get("error")
    told = inner if isinstance(inner, Mapping) else {}
    detail, api_type = (_without_key(told.get(name), error.request) for name in ("message", "type"))
    kind = _kind(status, api_type, detail)
    if kind is None:
        return e.NotTheApi(status=status, request_id=request_id)
    found = kind(
        f"{kind.__name__}: HTTP {status} {api_type}".rstrip(),
        status=status,
        request_id=request_id,
        api_type=api_type,
        detail=detail,
    )
    if isinstance(found, e.ModelNotFound):
        found.model = model
    if isinstance(found, (e.RateLimited, e.Overloaded, e.ServerError)):
        found.retry_after = _retry_after(error.response.headers)
    return found


def _without_key(said: object, request: httpx2.Request) -> str:
    """What a server says, without the key that it was sent: there are some that quote it."""
    sent = (request.headers.get(name, "").removeprefix("Bearer ") for name in ("authorization", "x-api-key"))
    return Redactor(key for key in sent if len(key) >= _SHORTEST_KEY)(str(said or ""))


def _kind(status: int, api_type: str, detail: str) -> type[e.ApiError] | None:
    """The class of an error answer; None for one that the API does not give."""
    if any(phrase in detail.lower() for phrase in _TOO_LONG):
        return e.TooLarge
    kind = _BY_API_TYPE.get(api_type) or _BY_STATUS.get(status)
    if kind is None and status >= 500:
        return e.ServerError
    # An `error` event comes under status 200; what it says is from the API, even of a type unknown here.
    return kind or (e.ApiError if api_type or status == 200 else None)


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
    """Seconds that the API asks to wait (RFC 9110, 10.2.3: a number or a date), or None."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return seconds if 0 <= seconds < float("inf") else None
