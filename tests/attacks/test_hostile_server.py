"""Promises about a server that wants to exhaust its client: bounded memory, a clear ending, Ctrl+C works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from support.chats import chat, leave, wait_for_prompt
from support.hostile import ATTACKS, LIMIT
from support.paths import ROOT, TESTS
from support.replies import Read
from support.replies import read as _read
from support.wire import REQUEST, playing

from stream_core import Cancelled, Failed, explain, fetch_reply, open_client
from stream_core.core.errors import ReplyTooLarge, ServerError
from stream_core.streaming import event_loop

read = _read  # the fixture that gives both shells
ENDINGS = {name: "ServerError" if name == "error_body" else "ReplyTooLarge" for name in ATTACKS}


@pytest.mark.parametrize("name", ATTACKS)
def test_memory_is_bounded_and_the_ending_is_clear(name: str) -> None:
    with playing(ATTACKS[name]()) as server:
        done = subprocess.run(
            [sys.executable, str(TESTS / "support/hostile.py"), server.base_url],
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"},
            capture_output=True,
            check=True,
            timeout=120,
        )
    told = json.loads(done.stdout)
    assert told["error"] == ENDINGS[name]
    assert told["memory"] <= 3 * LIMIT
    assert done.stderr == b""


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
