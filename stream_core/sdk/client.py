"""The only place that knows the SDK and its transport: the client, the opening of a stream, and what each of
their exceptions means. Importing this module loads the SDK (1.5 to 2.5 s of CPU): do it late.

Facts about the SDK here were read in, or measured with, anthropic 2.12 and 2.13.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from email.utils import parsedate_to_datetime
from inspect import iscoroutinefunction
from typing import Any

import anthropic
import httpx2
from anthropic import AsyncAnthropic

from stream_core.config.settings import Settings
from stream_core.core import errors as e
from stream_core.core.deltas import Delta, Failed
from stream_core.core.events import whole_message
from stream_core.core.redact import Redactor
from stream_core.texts.tool_errors_es import Refused, wrong_arguments

from .byte_tap import Tap, causes_of, run_out

PLACEHOLDER_KEY = "sin-clave"
"""What is sent as the key to a server that needs none: the SDK refuses to send nothing."""


_MARGIN_SECONDS = 10.0


def open_client(settings: Settings | None = None) -> AsyncAnthropic:
    """Open a client for `settings`; its retries are off, because ours are visible (`RetryPolicy`).

    The credential itself is found by the SDK (environment or profile); it never passes through here. A
    redirect is not followed: the key would go along.

    With a base URL and no credential in `settings` a placeholder is sent as the key, not one that may stand
    in the environment: a server that is not Anthropic's gets a key only through `Settings.load`.

    Raises:
        UsageError: practice mode without the practice server's base URL.
        AuthFailed: a profile that is chosen cannot be loaded.
        ConfigError: the environment names a proxy or certificates that cannot be used.
    """
    settings = settings or Settings()
    if settings.practice and not settings.base_url:
        raise e.UsageError("practice mode needs the base URL of practice_server()")
    keyless = settings.practice or (settings.base_url is not None and settings.credential is None)
    try:
        return AsyncAnthropic(
            api_key=PLACEHOLDER_KEY if keyless else None,
            base_url=settings.base_url,
            max_retries=0,
            # The practice server is on loopback: a proxy of the environment must not stand between.
            http_client=anthropic.DefaultAsyncHttpxClient(
                follow_redirects=False, trust_env=not settings.practice
            ),
        )
    except anthropic.AnthropicError as error:
        raise e.AuthFailed(type(error).__name__) from error
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
        raise e.ConfigError(
            "El proxy o los certificados del entorno no se pueden usar: revisa HTTPS_PROXY, ALL_PROXY y "
            "SSL_CERT_FILE."
        ) from error


def fitted(client: AsyncAnthropic, connect: float | None, silence: float) -> AsyncAnthropic:
    """The same client (and connections) with the SDK's own, silent retries off, and room for our limits.

    Args:
        client: whose connections.
        connect: seconds for a connection; None: as the client has it.
        silence: seconds that are borne; the transport must not give up before.
    """
    told: dict[str, Any] = {}
    if client.max_retries != 0:
        told["max_retries"] = 0
    limits = client.timeout if isinstance(client.timeout, httpx2.Timeout) else httpx2.Timeout(client.timeout)
    read = limits.read if limits.read is None or limits.read > silence else silence + _MARGIN_SECONDS
    soon = limits.connect if connect is None else connect
    fit = httpx2.Timeout(connect=soon, read=read, write=limits.write, pool=limits.pool)
    if (fit.connect, fit.read) != (limits.connect, limits.read):
        told["timeout"] = fit
    return client.with_options(**told) if told else client


class Tool:
    """A plain annotated function as a tool, by the SDK's own helper: schema from its signature and docstring.

    Attributes:
        schema: the tool in the API's form (`name`, `description`, `input_schema`).
        function: the function itself.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        wrap: Any = anthropic.beta_async_tool if iscoroutinefunction(function) else anthropic.beta_tool
        self._wrapped = wrap(function)
        self.function = function
        self.schema: dict[str, Any] = dict(self._wrapped.to_dict())

    def call(self, arguments: object) -> Any:
        """Call the function with checked arguments; gives a coroutine when it is one.

        Raises:
            Refused: the arguments do not fit the signature.
        """
        if not isinstance(arguments, dict):
            raise Refused("los argumentos tienen que ser un objeto JSON")
        if iscoroutinefunction(self.function):
            return self._later(arguments)
        with self._telling():
            return self._wrapped.call(arguments)

    async def _later(self, arguments: dict[str, Any]) -> Any:
        with self._telling():
            return await self._wrapped.call(arguments)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell of wrong arguments in our words; what the function itself raises comes through as it is."""
        try:
            yield
        except ValueError as error:
            details = getattr(error.__cause__, "errors", None)
            if details is None or error.args != (f"Invalid arguments for function {self.schema['name']}",):
                raise
            raise wrong_arguments(details()) from None


def tool_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """The schema of a function in the API's form, for `tools=[...]`."""
    return Tool(function).schema


# -- a stream ---------------------------------------------------------------------------------


@asynccontextmanager
async def open_stream(manager: Any, tap: Tap) -> AsyncIterator[Any]:
    """Send the request of a `messages.stream(...)` and give the SDK's stream once the headers are there.

    Raises:
        NotTheApi: the answer is a success, but not an event stream.
    """
    async with manager as stream:
        response = stream.response
        content_type = response.headers.get("content-type", "text/event-stream")
        if not content_type.lower().startswith("text/event-stream"):
            raise e.NotTheApi(status=response.status_code, request_id=stream.request_id)
        # On the decoded bytes of this one response: whatever client it came from, nothing else is touched.
        tapped = tap.over(type(response).aiter_bytes(response))
        response.aiter_bytes = lambda: tapped
        try:
            yield stream
        finally:
            await run_out(stream, tap, tapped)
            del response.aiter_bytes  # response and function would hold each other


async def fetch(client: AsyncAnthropic, request: Mapping[str, Any]) -> list[Delta]:
    """Ask without streaming, and give the whole answer as deltas that all arrive at the same moment."""
    try:
        message = await client.messages.create(**request)
    except Exception as error:
        found = failure_to_open(error, str(request.get("model", "")))
        if found is None:
            raise
        return [Failed(found, time.monotonic())]
    return list(whole_message(message, time.monotonic()))


# -- what the exceptions mean ------------------------------------------------------------------

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
        return e.Stalled()
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
