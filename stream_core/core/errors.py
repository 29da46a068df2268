"""The errors of calls, the network and the API. Messages are English; `texts.explain` tells them in Spanish.

A failure of the network or the API never leaves an iteration as an exception: it is carried by
`deltas.Failed`. What is raised is only a programmer's or a configuration mistake.
"""

from __future__ import annotations


class StreamCoreError(Exception):
    """The root of everything `stream_core` reports.

    Attributes:
        request_id: the API's id of the request, or None when no response came.
        status: the HTTP status, or None when no response came.
        retryable: whether the same request may succeed if it is sent again.
    """

    retryable: bool = False

    def __init__(
        self, message: str = "", *, request_id: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(message or (type(self).__doc__ or type(self).__name__).partition("\n")[0])
        self.request_id = request_id
        self.status = status


# -- the caller's mistakes: raised -------------------------------------------------------------


class UsageError(StreamCoreError):
    """The library was called in a way that cannot work."""


class WrongLoop(UsageError):
    """One client was used from two event loops."""


class ConfigError(StreamCoreError):
    """A flag, variable or file holds a value that cannot be used.

    Attributes:
        hint: a Spanish sentence that names the value and what to write instead.
    """

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


# -- failures of the network: carried ----------------------------------------------------------


class ConnectionFailed(StreamCoreError):
    """No connection to the server could be made.

    Attributes:
        proxy: host and port of the proxy that it would have gone through, or "".
        address: host and port of the server, if a variable of the environment names it, or "".
        address_source: the name of that variable, or "".
    """

    retryable = True
    proxy: str = ""
    address: str = ""
    address_source: str = ""


class HostNotFound(ConnectionFailed):
    """The server's name could not be resolved."""


class ConnectionRefused(ConnectionFailed):
    """The server's port does not accept connections."""


class ProxyRefused(ConnectionFailed):
    """A proxy of the environment did not let the connection pass.

    Attributes:
        answer: what it answered, such as `407 Proxy Authentication Required`, or ""; untrusted text.
    """

    retryable = False
    answer: str = ""


class TlsFailed(ConnectionFailed):
    """The server's certificate could not be trusted."""

    retryable = False


class TlsBroken(ConnectionFailed):
    """A TLS handshake did not come to its end.

    Attributes:
        alert: the other side's alert, such as `handshake failure`, or "" where it just hung up.
    """

    alert: str = ""


class NotTls(ConnectionFailed):
    """The server at an https address does not speak TLS."""

    retryable = False


class TlsExpected(ConnectionFailed):
    """The server at an http address requires TLS."""

    retryable = False


class ConnectionLost(StreamCoreError):
    """The connection broke before the reply was complete.

    Attributes:
        stale: whether it had been kept open, and the server had given it up before this request.
        sending: whether it broke while the request was being sent.
    """

    retryable = True
    stale: bool = False
    sending: bool = False


class Truncated(ConnectionLost):
    """The body ended cleanly, but before the reply was complete."""


class IdleTimeout(StreamCoreError):
    """The server went silent for longer than the limit."""

    retryable = True


class TotalTimeout(StreamCoreError):
    """The reply took longer than the limit for all of it."""


class ProtocolError(StreamCoreError):
    """The body is not a well-formed stream of the Messages API."""


class ReplyTooLarge(ProtocolError):
    """The body is larger than the client's limit for a reply (`open_client(max_reply_bytes=...)`).

    Attributes:
        at_once: whether a single event is larger than any limit allows.
    """

    at_once: bool = False


class NotTheApi(ProtocolError):
    """Something answered, but it is not the Messages API (a captive portal, a proxy, another service)."""


class ProxyPage(NotTheApi):
    """A page of HTML came in place of the API's answer.

    Attributes:
        title: the page's title, untrusted text, or "".
        retry_after: seconds it asks to wait, or None when it does not say.
        proxy: host and port of the proxy of the environment that it came through, or "".
    """

    retry_after: float | None = None
    proxy: str = ""

    def __init__(
        self, message: str = "", *, request_id: str | None = None, status: int | None = None, title: str = ""
    ) -> None:
        super().__init__(message, request_id=request_id, status=status)
        self.title = title
        self.retryable = status in (408, 425, 429)


class Redirected(StreamCoreError):
    """The server redirects elsewhere; the key is not sent along."""


class TooManyRounds(StreamCoreError):
    """The model asked for tools more often in one turn than the limit allows."""


# -- the API's answers: carried ----------------------------------------------------------------


class ApiError(StreamCoreError):
    """The API answered with an error.

    Attributes:
        api_type: the API's `error.type`, such as `overloaded_error`, or "".
        detail: the API's own short message, untrusted text, or "".
        retry_after: seconds the API asks to wait, or None when it does not say.
    """

    retry_after: float | None = None

    def __init__(
        self,
        message: str = "",
        *,
        request_id: str | None = None,
        status: int | None = None,
        api_type: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(message, request_id=request_id, status=status)
        self.api_type = api_type
        self.detail = detail


class BadRequest(ApiError):
    """The API refused the request as it was written."""


class TooLarge(BadRequest):
    """The request, or the conversation in it, is larger than the model takes."""


class InputNotSupported(BadRequest):
    """The model or its server does not take a kind of content that was sent, such as images."""


class AuthFailed(ApiError):
    """The API did not accept the credential, or there was none.

    Attributes:
        source: where the credential came from, such as a variable's name; never the credential itself.
    """

    source: str = ""


class NoCredential(AuthFailed):
    """No credential was found, so nothing was sent."""


class AccessDenied(ApiError):
    """The credential is valid, but may not do this (permission or billing)."""


class ModelNotFound(ApiError):
    """The model does not exist, is retired, or is not open to this account.

    Attributes:
        model: the model that was asked for.
        available: ids of the account's list, where it is at hand; untrusted text.
    """

    model: str = ""
    available: tuple[str, ...] = ()


class EndpointNotFound(ApiError):
    """The server has nothing at this address, or nothing that takes a question."""


class FileGone(ApiError):
    """A file that was uploaded is not on the server any more: expired, deleted, or another account's."""


class NoFiles(ApiError):
    """The server keeps no files."""


class NoModelList(ApiError):
    """The server has no list of its models."""


class RateLimited(ApiError):
    """Too many requests or tokens in a short time."""

    retryable = True


class Overloaded(ApiError):
    """The API is overloaded for everybody."""

    retryable = True


class ServerError(ApiError):
    """The API failed on its side.

    Attributes:
        from_proxy: whether a page of HTML says so: then it was something between here and the API.
    """

    retryable = True
    from_proxy: bool = False
