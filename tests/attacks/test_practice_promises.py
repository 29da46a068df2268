"""Promises of the practice server: it answers the process that started it, and nobody else holds it up."""

from __future__ import annotations

import gc
import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from anthropic import Anthropic
from pytest_mock import MockerFixture
from support.chats import chat, leave, wait_for_prompt

from stream_core import fetch_reply, open_client
from stream_core.practice import connection
from stream_core.practice.request import Request
from stream_core.practice.server import PracticeServer, practice_server
from stream_core.streaming import event_loop

ASKED: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "Hola"}],
}
BODY = json.dumps(ASKED).encode()
BROWSER = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    with PracticeServer(pace=0, remember=True) as running:
        yield running


def key_of(server: PracticeServer) -> str:
    return urlsplit(server.base_url).path.strip("/")


def status_of(server: PracticeServer, path: str, method: str = "POST", **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
        client.request(method, path, BODY, headers)
        response = client.getresponse()
        return response.status, response.read()


def asked_by_the_sdk(url: str) -> str:
    with Anthropic(base_url=url, api_key="x", max_retries=0) as client:
        return str(client.messages.create(**ASKED).stop_reason)


# -- who is answered -------------------------------------------------------------------------------


def test_the_url_alone_is_enough_for_a_client() -> None:
    with practice_server(pace=0) as url:
        client = open_client(base_url=url)
        assert fetch_reply(client, **ASKED).reply.outcome == "complete"
        event_loop.submit(client.close()).result()
        assert asked_by_the_sdk(url) == "end_turn"


PATHS = [
    "",
    "/",
    "/v1/messages",
    "/v1/models",
    "//v1/messages",
    "/?key={key}",
    "/{key}",
    "/{cut}/v1/messages",
]


@pytest.mark.parametrize("path", [*PATHS, "/{key}x/v1/messages", "/x/{key}/v1/messages"])
def test_without_the_key_there_is_401(server: PracticeServer, path: str) -> None:
    key = key_of(server)
    status, answer = status_of(server, path.format(key=key, cut=key[:-1]))
    assert status == 401 and server.requests == []
    assert key.encode() not in answer


def test_a_stranger_is_refused_before_the_body_is_read(server: PracticeServer) -> None:
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\ncontent-length: 99999999\r\n"
    for more in ("", "expect: 100-continue\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            raw.sendall(f"{head}{more}\r\n".encode())
            assert raw.recv(65536).startswith(b"HTTP/1.1 401")
    assert server.wait_for(lambda: server.open_connections == 0)


@pytest.mark.parametrize("headers", BROWSER)
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_a_page_in_a_browser_is_refused_even_with_the_key(
    server: PracticeServer, method: str, headers: dict[str, str]
) -> None:
    status, _ = status_of(server, f"/{key_of(server)}/v1/messages", method, **headers)
    assert status == 403 and server.requests == []


@pytest.mark.parametrize("host", ["evil.example:{port}", "evil.example", "127.0.0.1", "127.0.0.1:1", "",
                                  "localhost.evil.example:{port}", "127.0.0.1.evil.example:{port}",
                                  "8.8.8.8:{port}", "[::1]:{port}", ":{port}"])  # fmt: skip
def test_another_host_is_refused_even_with_the_key(server: PracticeServer, host: str) -> None:
    status, _ = status_of(server, f"/{key_of(server)}/v1/messages", host=host.format(port=server.port))
    assert status == 403 and server.requests == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT", "PRI"])
@pytest.mark.parametrize("known", [True, False])
def test_odd_methods_are_refused_and_harm_nobody(method: str, known: bool) -> None:
    with PracticeServer(pace=0) as server:  # `stop` raises what went wrong in it
        prefix = f"/{key_of(server)}" if known else ""
        for path in ("/v1/messages", "/v1/models"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
                raw.sendall(
                    f"{method} {prefix}{path} HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\n\r\n".encode()
                )
                head, _, body = raw.recv(65536).partition(b"\r\n\r\n")
            assert head.split()[1] in ((b"405", b"200") if known else (b"401",)), head
            assert not body or method != "HEAD"


def test_each_server_has_a_key_of_its_own() -> None:
    with PracticeServer(pace=0) as one, PracticeServer(pace=0) as other:
        assert len(key_of(one)) >= 32 and key_of(one) != key_of(other)
        assert status_of(other, f"/{key_of(one)}/v1/messages")[0] == 401


def test_the_key_is_shown_nowhere() -> None:
    """Not on the screen, not in the debug log, whatever is asked for and goes wrong."""
    with chat(None, "--practice", "--debug", "--debug-content", rows=50) as terminal:
        for number, typed in enumerate(("hola", "contexto", "/ajustes", "/fallo 404", "hola", "/modelo"), 2):
            terminal.send(f"{typed}\r")
            wait_for_prompt(terminal, number)
        shown = terminal.text
        leave(terminal)
    logs = [file.read_text("utf-8") for file in Path.home().rglob("*.log")]
    assert logs
    for text in (shown, *logs):
        assert not re.search(r"127\.0\.0\.1:\d+/", text) and not re.search(r"/[\w-]{32}/v1", text)


# -- nobody holds it up ----------------------------------------------------------------------------


def connected(server_port: int, count: int, stack: ExitStack) -> list[socket.socket]:
    """Connections that say nothing, held until the stack is closed."""
    return [
        stack.enter_context(socket.create_connection(("127.0.0.1", server_port), timeout=30))
        for _ in range(count)
    ]


def test_many_who_say_nothing_starve_nobody(server: PracticeServer) -> None:
    with ExitStack() as stack:
        connected(server.port, 200, stack)
        assert asked_by_the_sdk(server.base_url) == "end_turn"
        assert server.open_connections <= 40  # the limit, and those that are being closed


def test_who_says_nothing_is_put_out(server: PracticeServer, mocker: MockerFixture) -> None:
    mocker.patch.object(connection, "HEAD_SECONDS", 0.3)
    with ExitStack() as stack:
        silent, dripping = connected(server.port, 2, stack)
        for _ in range(100):
            try:
                dripping.sendall(b"GET / HTTP/1.1\r\nx: "[:1])
            except OSError:
                break
            time.sleep(0.02)
        else:
            pytest.fail("a head that never ends is waited for")
        assert silent.recv(1) == b""
        assert server.wait_for(lambda: server.open_connections == 0)


def test_a_client_that_rests_is_put_out(server: PracticeServer, mocker: MockerFixture) -> None:
    mocker.patch.object(connection, "IDLE_SECONDS", 0.2)
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
        client.request("GET", f"/{key_of(server)}/v1/models")
        assert client.getresponse().read()
        assert server.wait_for(lambda: server.open_connections == 0)


def port_of(pid: int) -> int:
    """The TCP port that a process listens on, as Linux tells it."""
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    (port,) = [
        int(line[1].partition(":")[2], 16)
        for line in lines
        if line[3] == "0A" and f"socket:[{line[9]}]" in links
    ]
    return port


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the port is found with /proc")
def test_the_chat_answers_while_another_program_holds_all_connections() -> None:
    with chat(None, "--practice") as terminal, ExitStack() as stack:
        terminal.send("hola\r")
        wait_for_prompt(terminal, 2)
        port = port_of(terminal.pid)
        connected(port, 250, stack)
        terminal.send("¿sigues ahí?\r")
        wait_for_prompt(terminal, 3)
        assert "mensaje número 2" in " ".join(terminal.text.split())
        leave(terminal)


# -- nothing is kept -------------------------------------------------------------------------------


def test_no_body_is_remembered_unless_a_test_asks() -> None:
    with PracticeServer(pace=0) as server:
        assert asked_by_the_sdk(server.base_url) == "end_turn"
        gc.collect()
        assert not [each for each in gc.get_objects() if isinstance(each, Request)]
        with pytest.raises(RuntimeError, match="remember=True"):
            _ = server.requests
