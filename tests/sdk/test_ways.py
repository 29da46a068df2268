"""The way to the server on real sockets: TLS, proxies of the environment, connections that were kept open."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_mock import MockerFixture
from support.sockets import (
    CERTIFICATE,
    Handler,
    answering,
    hang_up,
    http,
    reset,
    saying,
    server_context,
)
from support.wire import REQUEST, read_async, read_sync, recorded

from stream_core import RetryPolicy, Waiting, astream_reply, open_client, stream_reply
from stream_core.core import errors as e
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from stream_core.texts.errors_es import explain

ALERT = b"\x15\x03\x03\x00\x02\x02"
REPLY = http(recorded("text"))


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Any:
    """Both shells."""
    return request.param


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the certificate of the fixtures."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def error_of(read: Any, url: str) -> e.StreamCoreError:
    error = read(url).reply.error
    assert isinstance(error, e.StreamCoreError)
    assert explain(error)
    return error


# -- TLS -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("trusting")
def test_a_reply_over_tls(read: Any) -> None:
    with answering(saying(REPLY), server_context()) as server:
        result = read(f"https://localhost:{server.port}")
    assert result.reply.outcome == "complete" and result.reply.text


def test_only_a_certificate_that_is_not_trusted_is_told_so(read: Any) -> None:
    with answering(saying(REPLY), server_context()) as server:
        error = error_of(read, f"https://localhost:{server.port}")
    assert type(error) is e.TlsFailed and not error.retryable
    assert "SSL_CERT_FILE" in explain(error)


@pytest.mark.usefixtures("trusting")
def test_a_certificate_of_another_name(read: Any, mocker: MockerFixture) -> None:
    found = socket.getaddrinfo
    mocker.patch("socket.getaddrinfo", lambda host, *more, **named: found("127.0.0.1", *more, **named))
    with answering(saying(REPLY), server_context()) as server:
        assert type(error_of(read, f"https://other.localhost:{server.port}")) is e.TlsFailed


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("handler", [hang_up, reset])
def test_a_handshake_that_is_broken_off_may_pass(read: Any, handler: Handler) -> None:
    with answering(handler) as server:
        error = error_of(read, f"https://localhost:{server.port}")
    assert type(error) is e.TlsBroken and error.retryable and not error.alert
    assert "certificado" not in explain(error)


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("number", "words", "retryable"),
    [(40, "handshake failure", False), (70, "protocol version", False), (80, "internal error", True)],
)
def test_an_alert_is_told(read: Any, number: int, words: str, retryable: bool) -> None:
    with answering(saying(ALERT + bytes([number]))) as server:
        error = error_of(read, f"https://localhost:{server.port}")
    assert isinstance(error, e.TlsBroken) and words in error.alert and error.retryable is retryable
    assert words in explain(error)


@pytest.mark.usefixtures("trusting")
def test_a_server_that_wants_a_certificate(read: Any) -> None:
    context = server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(CERTIFICATE)
    with answering(saying(REPLY), context) as server:
        error = error_of(read, f"https://localhost:{server.port}")
    assert isinstance(error, e.TlsBroken) and not error.retryable
    assert error.alert == "certificate required"


@pytest.mark.usefixtures("trusting")
def test_https_spoken_to_an_http_port(read: Any) -> None:
    with answering(saying(http(b"", "400 Bad Request"))) as server:
        error = error_of(read, f"https://localhost:{server.port}")
    assert type(error) is e.NotTls and not error.retryable
    assert "http://" in explain(error)


@pytest.mark.parametrize(
    "answer",
    [
        ALERT + bytes([40]),
        http(
            b"Client sent an HTTP request to an HTTPS server.\n", "400 Bad Request", content_type="text/plain"
        ),
        http(
            b"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
            "400 Bad Request",
            content_type="text/html",
        ),
        http(
            b"<!DOCTYPE HTML><html><body>Reason: You're speaking plain HTTP to an SSL-enabled server port."
            b"</body></html>",
            "400 Bad Request",
            content_type="text/html",
        ),
    ],
)
def test_http_spoken_to_an_https_port(read: Any, answer: bytes) -> None:
    with answering(saying(answer)) as server:
        error = error_of(read, f"http://127.0.0.1:{server.port}")
    assert type(error) is e.TlsExpected and not error.retryable
    assert "https://" in explain(error)


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("end", [b"", b"no TLS at all, no TLS at all", ALERT + bytes([80])])
def test_tls_that_breaks_in_the_middle_of_a_reply_is_a_lost_connection(read: Any, end: bytes) -> None:
    def handler(connection: socket.socket, said: bytes) -> None:
        connection.sendall(http(recorded("text")[:700]))
        assert isinstance(connection, ssl.SSLSocket)
        below = socket.socket(fileno=connection.detach())
        with below:
            below.sendall(end)

    with answering(handler, server_context()) as server:
        result = read(f"https://localhost:{server.port}")
    assert isinstance(result.reply.error, e.ConnectionLost) and result.reply.outcome == "interrupted"
    assert result.reply.text


def test_what_can_pass_is_tried_again(read: Any) -> None:
    with answering(hang_up) as server:
        result = read(f"https://localhost:{server.port}", retry=RetryPolicy(attempts=2, base=0.0))
    waits = [delta for delta in result.deltas if isinstance(delta, Waiting) and delta.reason == "retry"]
    assert [type(wait.cause) for wait in waits] == [e.TlsBroken]
    assert server.connections == 2


# -- proxies -------------------------------------------------------------------------------------

PROXIED = "http://proxied.test"  # never looked up: the proxy would do that


def through(monkeypatch: pytest.MonkeyPatch, port: int, name: str = "HTTPS_PROXY") -> None:
    monkeypatch.setenv(name, f"http://maria:contrasena@127.0.0.1:{port}")


@pytest.mark.parametrize("answer", ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"])
def test_a_proxy_that_refuses_is_named(read: Any, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    with answering(saying(http(b"<html>no</html>", answer))) as server:
        through(monkeypatch, server.port)
        error = error_of(read, "https://proxied.test")
    assert isinstance(error, e.ProxyRefused) and error.answer == answer
    told = explain(error)
    assert f"127.0.0.1:{server.port}" in told and answer in told
    assert "contrasena" not in told and "maria" not in told
    assert server.heard[0].startswith(b"CONNECT proxied.test:443")


def test_a_proxy_that_is_not_there_is_named(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(hang_up) as server:
        pass
    through(monkeypatch, server.port)
    error = error_of(read, "https://proxied.test")
    assert type(error) is e.ConnectionRefused and error.proxy == f"127.0.0.1:{server.port}"
    assert f"«127.0.0.1:{server.port}»" in explain(error) and "contrasena" not in explain(error)


def test_an_address_that_the_environment_names_is_told_with_its_source(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(hang_up) as server:
        pass
    url = f"http://127.0.0.1:{server.port}/la-clave-de-la-practica"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    told = explain(error_of(read, url))
    assert f"(en 127.0.0.1:{server.port}, la dirección de ANTHROPIC_BASE_URL)" in told
    assert "quita ANTHROPIC_BASE_URL" in told and "la-clave" not in told
    for other in ("http://127.0.0.1:1", "http://[", ""):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", other)
        assert "ANTHROPIC_BASE_URL" not in explain(error_of(read, url)), other


def test_the_page_of_a_proxy_is_told_as_one(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = http(b"<html><title>Blocked by policy</title></html>", "403 Forbidden", content_type="text/html")
    with answering(saying(page)) as server:
        through(monkeypatch, server.port, "HTTP_PROXY")
        error = error_of(read, PROXIED)
    assert type(error) is e.ProxyPage and error.status == 403
    assert "Blocked by policy" in explain(error) and f"127.0.0.1:{server.port}" in explain(error)


def test_a_proxy_that_wants_a_password(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(saying(http(b"", "407 Proxy Authentication Required"))) as server:
        through(monkeypatch, server.port, "HTTP_PROXY")
        error = error_of(read, PROXIED)
    assert type(error) is e.ProxyRefused and error.proxy == f"127.0.0.1:{server.port}"


def test_a_proxy_that_lets_pass_is_no_matter(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(saying(REPLY)) as server:
        through(monkeypatch, server.port, "ALL_PROXY")
        assert read(PROXIED).reply.outcome == "complete"
    assert server.heard[0].startswith(b"POST http://proxied.test/v1/messages")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost.", "LOCALHOST", "127.1"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "http_proxy"])
def test_a_loopback_server_is_never_reached_through_a_proxy(
    read: Any, monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture, host: str, variable: str
) -> None:
    found = socket.getaddrinfo
    mocker.patch("socket.getaddrinfo", lambda host, *more, **named: found("127.0.0.1", *more, **named))
    with answering(hang_up) as proxy, PracticeServer(remember=True, pace=0) as server:
        through(monkeypatch, proxy.port, variable)
        url = server.base_url.replace("127.0.0.1", host)
        assert read(url, max_tokens=4000).reply.outcome == "complete"
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-the-environment")
        client = open_client()  # the SDK reads the URL itself
        with stream_reply(client, **{**REQUEST, "max_tokens": 4000}) as stream:
            for _ in stream:
                pass
        assert stream.reply.outcome == "complete"
        event_loop.submit(client.close()).result()
    assert proxy.connections == 0


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_nor_one_of_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(hang_up) as proxy:
        through(monkeypatch, proxy.port, "HTTP_PROXY")
        error = error_of(read_sync, "http://[::1]:9")
    assert isinstance(error, e.ConnectionFailed) and not error.proxy
    assert proxy.connections == 0


# -- what of the environment cannot be used -------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"HTTPS_PROXY": "socks5://127.0.0.1:9"}, "socksio"),
        ({"ALL_PROXY": "socks5h://127.0.0.1:9"}, "ALL_PROXY"),
        ({"HTTPS_PROXY": "gopher://127.0.0.1:9"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://yo:contrasena@:99999"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[::1"}, "NO_PROXY"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "a.es,10.0.0.0/99"}, "10.0.0.0/99"),
        ({"SSL_CERT_FILE": "/no/such/file"}, "SSL_CERT_FILE"),
        ({"ANTHROPIC_CUSTOM_HEADERS": "X-Equipo: España"}, "X-Equipo"),
        ({"ANTHROPIC_CUSTOM_HEADERS": "dos palabras: x"}, "ANTHROPIC_CUSTOM_HEADERS"),
    ],
)
def test_what_cannot_be_used_is_named_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(e.ConfigError) as raised:
        open_client(api_key="sk-ant-of-a-test")
    assert named in raised.value.hint and "contrasena" not in raised.value.hint
    assert "España" not in raised.value.hint


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTPS_PROXY": "socks5://127.0.0.1:9", "HTTP_PROXY": "gopher://x", "NO_PROXY": "[::1"},
        {"SSL_CERT_FILE": "/no/such/file"},
        {"ALL_PROXY": "socks5://127.0.0.1:9"},
        {"ANTHROPIC_CUSTOM_HEADERS": "a line without a colon\nX-Team: one\n\n"},
    ],
)
def test_what_is_not_needed_stops_nothing(
    read: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with PracticeServer(remember=True, pace=0) as server:
        assert read(server.base_url, max_tokens=4000).reply.outcome == "complete"


def test_a_bad_entry_stops_nothing_where_a_good_one_covers_the_host(
    read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "[::1,.proxied.test")
    assert type(error_of(read, "http://api.proxied.test")) is e.HostNotFound


# -- a credential in clear ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://192.168.1.20:11434", "http://host.docker.internal:1", "http://ollama:1"]
)
def test_a_credential_goes_in_clear_only_on_purpose(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    open_client(base_url=url)
    with pytest.raises(e.ConfigError, match="sin cifrar"):
        open_client(base_url=url, api_key="sk-ant-of-a-test")
    open_client(base_url=url, api_key="sk-ant-of-a-test", insecure_http=True)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a-token-of-a-test")
    open_client(base_url=url)
    with pytest.raises(e.ConfigError):
        open_client(base_url=url, send_credential=True)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    with pytest.raises(e.ConfigError):
        open_client()
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Team: one")
    open_client(base_url=url)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "Authorization: Bearer of-a-test")
    with pytest.raises(e.ConfigError):
        open_client(base_url=url)


# -- connections that were kept open --------------------------------------------------------------


class KeptOpen:
    """A server that keeps connections open, and drops one when the second request comes on it."""

    def __init__(self, drops: int, first: bytes = b"") -> None:
        self.drops, self.first = drops, first
        self.requests = 0
        self.lock = threading.Lock()

    def __call__(self, connection: socket.socket, said: bytes) -> None:
        whole = recorded("text")
        answer = (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: "
            + str(len(whole)).encode()
            + b"\r\n\r\n"
            + whole
        )
        for number in range(100):
            while b"\r\n\r\n" not in said or not said.rstrip().endswith(b"}"):
                said += (more := connection.recv(65536))
                if not more:
                    return
            with self.lock:
                self.requests += 1
                drop = self.drops > 0 and (number > 0 or self.requests > 1)
                self.drops -= drop
            if drop:
                connection.sendall(self.first)
                reset(connection, said)
                return
            connection.sendall(answer)
            said = b""


def ask_twice(url: str, **options: Any) -> list[Any]:
    """Ask two questions over one client, sync and async; give the second streams with their deltas."""
    found: list[Any] = []
    client = open_client(base_url=url)
    for _ in range(2):
        with stream_reply(client, **REQUEST, **options) as stream:
            deltas = list(stream)
    event_loop.submit(client.close()).result()
    found.append((stream.reply, deltas))
    return found


async def ask_twice_async(url: str, **options: Any) -> list[Any]:
    async with open_client(base_url=url) as client:
        for _ in range(2):
            async with astream_reply(client, **REQUEST, **options) as stream:
                deltas = [delta async for delta in stream]
    return [(stream.reply, deltas)]


@pytest.fixture(params=["sync", "async"])
def twice(request: pytest.FixtureRequest) -> Iterator[Any]:
    def ask(url: str, **options: Any) -> tuple[Any, list[Any]]:
        if request.param == "sync":
            return ask_twice(url, **options)[0]  # type: ignore[no-any-return]
        return asyncio.run(ask_twice_async(url, **options))[0]  # type: ignore[no-any-return]

    yield ask


@pytest.mark.parametrize("retry", [None, RetryPolicy(attempts=1), RetryPolicy(attempts=3, base=0.0)])
def test_a_dead_connection_is_opened_once_more_and_visibly(twice: Any, retry: RetryPolicy | None) -> None:
    handler = KeptOpen(drops=1)
    with answering(handler) as server:
        reply, deltas = twice(f"http://127.0.0.1:{server.port}", retry=retry)
    assert reply.outcome == "complete" and reply.text
    waits = [delta for delta in deltas if isinstance(delta, Waiting) and delta.reason == "retry"]
    assert [type(wait.cause) for wait in waits] == [e.ConnectionLost]
    assert waits[0].attempt == 2 <= waits[0].of
    assert handler.requests == 3 and server.connections == 2


def test_but_only_once_without_a_policy(twice: Any) -> None:
    handler = KeptOpen(drops=9)
    with answering(handler) as server:
        reply, _ = twice(f"http://127.0.0.1:{server.port}")
    assert type(reply.error) is e.ConnectionLost
    assert handler.requests == 3


def test_nor_where_something_of_the_response_had_come(twice: Any) -> None:
    handler = KeptOpen(drops=1, first=http(recorded("text")[:40]))
    with answering(handler) as server:
        reply, deltas = twice(f"http://127.0.0.1:{server.port}")
    assert isinstance(reply.error, (e.ConnectionLost, e.ProtocolError)) and handler.requests == 2
    assert not [delta for delta in deltas if isinstance(delta, Waiting) and delta.reason == "retry"]


def test_a_new_connection_that_breaks_is_not_opened_again_without_a_policy(read: Any) -> None:
    with answering(reset) as server:
        result = read(f"http://127.0.0.1:{server.port}")
    assert type(result.reply.error) is e.ConnectionLost and server.connections == 1
