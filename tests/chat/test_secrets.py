"""The key: whatever a server does with it, nobody gets to see it, and no file holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from support import starting
from support.chats import leave, wait_for_prompt
from support.faults import TEXT
from support.paths import PROGRAM
from support.terminal import Terminal
from support.wire import playing, read_sync

from stream_core.core.errors import ApiError
from stream_core.practice.faults import load
from stream_core.practice.lab import parse
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Head, Send, Step, error_reply, text_reply
from stream_core.practice.server import PracticeServer

KEY = "sk-ant-api03/Secreto+que=nadie&debe_ver/0123456789"
FORMS = tuple(
    form.encode()
    for form in (KEY, quote(KEY, safe=""), quote(KEY), b64encode(KEY.encode()).decode().rstrip("="))
)
SAID = b" ".join(FORMS)
WAITING = ("silencio", "pings", "cabeceras")  # nothing is said, and the reply goes on until it is cancelled
NUMBERS = {"429": ":1", "gigante": ":1"}  # seconds, megabytes
FAULTS = [fault.name + NUMBERS.get(fault.name, "") for fault in load() if fault.name not in WAITING]
SAYING = [  # of those that say something, each kind once: the chat takes its time
    fault.name + NUMBERS.get(fault.name, "")
    for fault in load()
    if (11 <= fault.row <= 15 or fault.row >= 24) and fault.name not in ("408", "409", "500", "503")
]

AT_ONCE = """
from functools import partial
from stream_core.chat.reply import request_parameters
request_parameters.RetryPolicy = partial(request_parameters.RetryPolicy, base=0.01, longest=0.02)
"""
"""Another attempt waits for nothing."""

# The one-shot mode, many times in one process: most of each time is the SDK's loading.
MANY = f"""
import runpy, sys
{AT_ONCE}
program, *questions = sys.argv[1:]
for question in questions:
    sys.argv[1:] = [question]
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit:
        pass
"""


def quoting(script: Iterable[Step]) -> Iterator[Step]:
    """A script that says the key wherever there is room for it but in the reply itself."""
    for step in script:
        if isinstance(step, Head):
            headers = [(name, value + f" {KEY}" * (name == "location")) for name, value in step.headers]
            framing = "close" if step.framing not in ("chunked", 0) else step.framing
            yield replace(
                step, headers=[*headers, ("x-key", KEY), ("request-id", f"req_{KEY}")], framing=framing
            )
        elif isinstance(step, Send):
            data = step.data
            for before in (b'"message":"', b"<body>", b'{"', b"data: ay"):
                if before != b'{"' or data.startswith(b'{"ok"'):
                    data = data.replace(before, before + SAID + b" ")
            yield replace(step, data=data)
        else:
            yield step


def answer(body: Mapping[str, Any]) -> Iterable[Step]:
    """What the question names: a fault."""
    reply = text_reply(TEXT, model=body["model"], input_tokens=5)
    if body["messages"][-1]["role"] == "assistant":  # a turn that was paused goes on
        return reply
    armed = parse(body["messages"][-1]["content"].strip())
    return quoting(armed.fault.play(reply, armed.number))


@contextmanager
def server() -> Iterator[PracticeServer]:
    with PracticeServer(
        remember=True, scenarios=[Scenario("fault", "", lambda _: True, answer)], pace=0
    ) as running:
        yield running


def environment(running: PracticeServer) -> dict[str, str]:
    return {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": running.base_url}


def assert_clean(home: Path, *shown: bytes) -> None:
    """No form of the key is in what was shown, nor in any file of the person's."""
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert kept  # else nothing was looked at
    for where, data in [*kept.items(), *enumerate(shown)]:
        for form in FORMS:
            assert form not in data, where


def test_single_answers_never_show_it(own_environment: Path) -> None:
    with server() as running:
        done = starting.run(
            [sys.executable, "-c", MANY, str(PROGRAM), *FAULTS],
            env={**environment(running), "STREAM_CORE_FULL_EXIT": "sí"},  # else the first would end them all
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        last = [request.json()["messages"][-1] for request in running.requests]
        asked = [message["content"] for message in last if message["role"] == "user"]
        assert all(KEY in " ".join(request.headers.values()) for request in running.requests)
    assert list(dict.fromkeys(asked)) == FAULTS, done.stderr.decode()
    assert b"Traceback" not in done.stderr and b"(\xc2\xab[clave] [clave] [clave] [clave] " in done.stderr
    assert_clean(own_environment, done.stdout, done.stderr)


def test_the_chat_never_shows_it(own_environment: Path) -> None:
    command = starting.prepared(AT_ONCE, PROGRAM)
    with server() as running, Terminal(command, env=environment(running)) as terminal:
        terminal.wait_for("Tú:")
        for number, name in enumerate(SAYING, 2):
            terminal.send(f"{name}\r")
            wait_for_prompt(terminal, number)
        leave(terminal)
        assert "«[clave] [clave] [clave] [clave] " in terminal.text
        assert_clean(own_environment, terminal.raw, terminal.text.encode())


def test_what_a_program_gets_is_without_it() -> None:
    """Type, text and id of an error; the client of `read_sync` sends its own word as the key."""
    word = "sin-clave"
    with playing(error_reply(418, f"odd {word}", f"no: {word}", request_id=f"req_{word}")) as running:
        error = read_sync(running.base_url).reply.error
    assert isinstance(error, ApiError)
    assert word not in json.dumps([str(error), error.detail, error.api_type, error.request_id])
    assert error.detail == "no: [clave]"
