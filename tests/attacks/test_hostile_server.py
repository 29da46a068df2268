"""Promises about a server that wants to exhaust its client: bounded memory, a clear ending, Ctrl+C works."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from support import starting
from support.chats import answering, chat, leave, wait_for_prompt
from support.continuing import kept
from support.hostile import ATTACKS, FLOODS, LIMIT, MB, MESSAGE_START, STRUCTURES, TOOL, event
from support.oneshots import run
from support.paths import ROOT, TESTS
from support.replies import Read
from support.replies import read as _read
from support.wire import REQUEST, playing

from stream_core import Cancelled, Failed, Finished, Settings, explain, fetch_reply, open_client
from stream_core.config.options.limits import Limits
from stream_core.core.errors import ConfigError, ReplyTooLarge, ServerError
from stream_core.practice.events import (
    block_start,
    block_stop,
    input_delta,
    message_delta,
    message_stop,
    ping,
)
from stream_core.practice.script import Head, Send, Step
from stream_core.sdk.body_limit import MAX_REPLY_BYTES
from stream_core.streaming import event_loop

read = _read  # the fixture that gives both shells
ENDINGS = {name: "ServerError" if name == "error_body" else "ReplyTooLarge" for name in ATTACKS}


@pytest.mark.parametrize("name", [*ATTACKS, *STRUCTURES])
def test_memory_is_bounded_and_the_ending_is_clear(name: str, soaking: bool) -> None:
    if name in list(STRUCTURES)[3:] and not soaking:
        pytest.skip("minutes: make soak")
    limit = LIMIT // 4 if name in FLOODS else LIMIT
    with playing({**ATTACKS, **STRUCTURES}[name]()) as server:
        done = starting.run(
            [sys.executable, str(TESTS / "support/hostile.py"), server.base_url, str(limit)],
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"},
            capture_output=True,
            check=True,
            timeout=120,
        )
    told = json.loads(done.stdout)
    assert told["error"] == ENDINGS.get(name, "ReplyTooLarge")
    assert told["memory"] <= 3 * limit
    assert done.stderr == b""


@pytest.mark.parametrize("levels", [96, 400, 100_000])
@pytest.mark.parametrize("place", ["block", "input", "whole", "error", "unknown"])
def test_what_is_nested_deeply_ends_as_any_reply_does(place: str, levels: int, read: Read) -> None:
    deep = '{"a":[' * (levels // 2) + "]}" * (levels // 2)
    bodies: dict[str, list[Step]] = {
        "block": [Send(event("content_block_start", content_block=f'{{"type":"q","x":{deep}}}'))],
        "input": [Send(block_start(0, TOOL) + input_delta(deep)), *map(Send, TOOL_ENDING)],
        "whole": [Send(event("message", message=f'{{"content":[{{"type":"q","x":{deep}}}]}}'))],
        "error": [Send(event("error", error=deep))],
        "unknown": [Send(event("q", x=deep))],
    }
    with playing([Head(), Send(MESSAGE_START), *bodies[place]]) as server:
        result = read(server.base_url)
    assert isinstance(result.deltas[-1], (Finished, Failed))
    repr(result.reply)


@pytest.mark.parametrize("name", ["json_body", "error_body"])
def test_a_reply_without_streaming_is_bounded_too(name: str) -> None:
    with playing(ATTACKS[name]()) as server:
        client = open_client(base_url=server.base_url, max_reply_bytes=LIMIT)
        error = fetch_reply(client, **REQUEST).reply.error
        event_loop.submit(client.close()).result()
    assert type(error) is (ServerError if name == "error_body" else ReplyTooLarge)
    assert explain(error)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_cancel_ends_it_at_once(read: Read, name: str) -> None:
    """Cancelled at its first sign of life, it takes no more of the flood."""

    def watch(stream: Any, delta: Any) -> None:
        stream.cancel()

    with playing(ATTACKS[name]()) as server:
        result = read(server.base_url, watch)
    assert isinstance(result.deltas[-1], (Cancelled, Failed))
    assert len(result.deltas) <= 3


TOOL_ENDING = (block_stop(), message_delta("tool_use", {"output_tokens": 2}), message_stop())
PAUSED = answering("Érase ", "una vez", then=[Send(ping() * (2 * MB // len(ping())))])
"""Text, 2 MB without any, and no end."""


@pytest.mark.parametrize("by_flag", [True, False])
def test_how_much_is_read_can_be_chosen(
    by_flag: bool, own_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not by_flag:
        monkeypatch.setenv("STREAM_CORE_MAX_REPLY_SIZE", "1 MB")
    flags = ("--max-reply-size", "1") if by_flag else ()
    with playing(PAUSED) as server:
        done = run(server, *flags, "cuento")
        assert len(server.requests) == 1
    told = done.stderr.decode()
    assert done.returncode == 1 and done.stdout.decode().strip() == "Érase una vez"
    assert "El servidor envía más de lo que puede ocupar" in told and "--max-reply-size" in told
    assert [(turn.text, turn.outcome) for turn in kept(own_environment)] == [("Érase una vez", "interrupted")]


def test_more_can_be_read_than_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_CORE_MAX_REPLY_SIZE", "1")  # the flag goes before the variable
    ending = [block_stop(), message_delta("end_turn", {"output_tokens": 2}), message_stop()]
    with playing([*PAUSED, *map(Send, ending)]) as server:
        done = run(server, "--max-reply-size", "3MB", "cuento")
    assert done.returncode == 0 and done.stdout.decode().strip() == "Érase una vez"
    assert Limits().reply_size << 20 == MAX_REPLY_BYTES


@pytest.mark.parametrize("name", ["gzip_bomb", "json_body", "blank_lines"])
def test_a_flood_without_text_is_not_asked_for_again(name: str) -> None:
    with playing(ATTACKS[name]()) as server:
        done = run(server, "--max-reply-size", "1", "cuento")
        assert len(server.requests) == 1
    assert done.returncode == 1 and done.stdout == b""
    assert "El servidor envía más de lo que puede ocupar" in done.stderr.decode()


@pytest.mark.parametrize("size", ["0", "257", "no", "-1", "1.5", "mucho", "1 GB"])
def test_a_size_that_cannot_be_is_refused(size: str) -> None:
    with pytest.raises(ConfigError, match=r"«tamaño»\. Puede ser un número de 1 a 256"):
        Settings.load(["--practice", f"--max-reply-size={size}", "hola"], {})


def test_a_person_can_stop_it_and_go_on() -> None:
    with playing(ATTACKS["empty_events"](), ATTACKS["tiny_text"]()) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("Hola")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        terminal.send("otra vez\r")
        terminal.wait_for("aaaaaaaa")
        terminal.send("\x03")
        wait_for_prompt(terminal, 3)
        leave(terminal)
