"""Two people on one gateway and one PostgreSQL, as real chats, while servers are killed under them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support import postgres
from support.chats import leave, prompts, wait_for_prompt
from support.gateway import HAPROXY, PEOPLE, Gateway, gateway
from support.paths import PROGRAM
from support.terminal import Terminal

from stream_core.practice import events, script
from stream_core.practice.request import question
from stream_core.practice.scenarios import Scenario
from stream_core.practice.server import PracticeServer

if HAPROXY is None:
    pytest.skip("haproxy is not installed", allow_module_level=True)
if reason := postgres.missing():
    pytest.skip(reason, allow_module_level=True)

WORDS = 30


def _reply(body: Any) -> Iterator[script.Step]:
    """Words that name the question; of those in the middle of which a server dies, in about a second."""
    asked = question(body)
    yield script.Head()
    yield script.Send(events.message_start("claude-sonnet-5-5", 5) + events.block_start())
    for number in range(WORDS):
        yield script.Send(events.text_delta(f"{asked}{number} "))
        yield script.Wait(0.03 if asked in ("clavo", "sonda") else 0.0)
    yield script.Send(events.text_delta("fin.") + events.block_stop())
    yield script.Send(events.message_delta("end_turn", {"output_tokens": WORDS}) + events.message_stop())


@pytest.fixture
def database() -> Iterator[postgres.Server]:
    server = postgres.Server(durable=True)
    try:
        server.set_up()
        yield server
    finally:
        server.stop()


@contextmanager
def person(name: str, door: Gateway, database: postgres.Server, home: Path) -> Iterator[Terminal]:
    env = {
        **os.environ,
        "ANTHROPIC_API_KEY": PEOPLE[name],
        "ANTHROPIC_BASE_URL": door.url,
        "STREAM_CORE_STORE": database.url(name),
        "STREAM_CORE_DATA_DIR": str(home / name),
    }
    with Terminal([sys.executable, str(PROGRAM)], env=env) as terminal:
        terminal.wait_for("Tú:")
        yield terminal


def ask(terminal: Terminal, text: str) -> None:
    """Ask and wait for the whole answer and the prompt."""
    number = prompts(terminal) + 1
    terminal.send(f"{text}\r")
    terminal.wait_for(lambda t: f"{text}{WORDS - 1} fin." in t.text)
    wait_for_prompt(terminal, number)


def kept(database: postgres.Server, name: str) -> list[tuple[str, str]]:
    """Question and outcome of each turn of a person, in order."""
    return [
        (str(row[0]), str(row[1]))
        for row in database.admin(
            f"SELECT question, outcome FROM stream_core.turns WHERE owner = '{name}' ORDER BY begun"
        )
    ]


def test_two_people_chat_share_and_search_while_servers_die(
    database: postgres.Server, tmp_path: Path
) -> None:
    scenario = Scenario("team", "", lambda _: True, _reply)
    one, two = (PracticeServer(scenarios=[scenario]) for _ in range(2))
    with one, two, gateway({"one": one.base_url, "two": two.base_url}, 100) as door:
        with person("ana", door, database, tmp_path) as ana, person("luis", door, database, tmp_path) as luis:
            for terminal, text in ((ana, "bizcocho"), (luis, "tornillo")):
                ask(terminal, text)
            ana.send("/compartir\r")
            ana.wait_for("ya puede leer")
            luis.send("/buscar bizcocho\r")
            luis.wait_for("«bizcocho»")
            luis.send("/conversaciones\r")
            luis.wait_for("de ana")
            assert "tornillo" not in ana.text

            luis.send("clavo\r")
            ana.send("/comparar sonnet haiku sonda\r")
            ana.wait_for("sonda3")
            luis.wait_for("clavo3")
            database.kill()  # in the middle of his answer
            one.stop()
            luis.wait_for(f"clavo{WORDS - 1} fin." if luis_whole(luis) else "cort")
            ana.wait_for("/elegir 2")
            wait_for_prompt(ana, prompts(ana))
            ask(ana, "galleta")
            ask(luis, "martillo")
            database.start()
            ask(ana, "tarta")
            leave(ana)
            leave(luis)
        # What a chat could not hand over before it ended, its next one does.
        with person("ana", door, database, tmp_path) as ana, person("luis", door, database, tmp_path) as luis:
            for terminal in (ana, luis):
                terminal.send("/conversaciones\r")
                terminal.wait_for("id ")
                leave(terminal)
    of_ana = kept(database, "ana")
    assert [text for text, _ in of_ana if text != "sonda"] == ["bizcocho", "galleta", "tarta"]
    assert [text for text, _ in of_ana].count("sonda") == 2  # the answer that goes on, and its alternative
    assert all(outcome == "complete" for text, outcome in of_ana if text != "sonda")
    questions = dict(kept(database, "luis"))
    assert list(questions) == ["tornillo", "clavo", "martillo"]
    assert questions["tornillo"] == questions["martillo"] == "complete"


def luis_whole(terminal: Terminal) -> bool:
    """Wait until the answer has ended, whole or cut with its server."""
    terminal.wait_for(lambda t: f"clavo{WORDS - 1} fin." in t.text or "cort" in t.text)
    return f"clavo{WORDS - 1} fin." in terminal.text
