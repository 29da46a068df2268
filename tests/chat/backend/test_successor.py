"""The chat and the single answer on a day when the default model and the names of the lines are retired."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support import starting
from support.chats import KEY, answering, chat, leave, wait_for_prompt
from support.day import VARIABLE
from support.model_lists import page
from support.oneshots import run
from support.paths import TESTS
from support.terminal import Terminal

from stream_core.chat.backend.successor import succeed
from stream_core.config.connection import Connection
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.models.catalogue import BUILT_IN
from stream_core.models.lines import DEFAULT_MODEL, KNOWN, LINES
from stream_core.models.model_list import ListedModel
from stream_core.practice.request import Request
from stream_core.practice.script import Hang, Script, Step, error_reply
from stream_core.practice.server import PracticeServer

PROGRAM = TESTS / "support" / "as_anthropic.py"
LATER = "2031-01-31"
NEW = page(
    {"id": "claude-sonnet-5-5", "lifecycle": "retired", "retires_at": "2030-06-01T00:00:00Z"},
    {"id": "claude-sonnet-6", "lifecycle": "active"},
    {"id": "claude-sonnet-7-20300101", "lifecycle": "active"},
    {"id": "claude-sonnet-8", "lifecycle": "deprecated", "retires_at": "2031-12-31T00:00:00Z"},
    {"id": "claude-opus-7", "lifecycle": "active"},
)
TAKEN = (
    "El modelo «claude-sonnet-5-5» se retiró el 01/06/2030: ahora responde «claude-sonnet-7-20300101», "
    "el Sonnet más nuevo de tu cuenta."
)
NO_LIST = (
    "El modelo «claude-sonnet-5-5» se retiró el 01/06/2030 y no pude ver qué modelos hay ahora: elige otro"
)


@pytest.fixture(autouse=True)
def later(own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 2031, and the person knows since when today's models are retired."""
    monkeypatch.setenv(VARIABLE, LATER)
    config = own_environment / "config"
    config.mkdir()
    (config / "models.json").write_text(
        json.dumps({name: {"retires": "2030-06-01"} for name in BUILT_IN.models})
    )


class _Later(PracticeServer):
    """A server of 2031: a practice server knows only the models of its own day."""

    def __init__(self, models: Iterable[Step], gone: Iterable[str]) -> None:
        super().__init__(pace=1.0, remember=True)
        self._models, self._gone = models, gone

    def _answer(self, request: Request, request_id: str) -> Script:
        super()._answer(request, request_id)  # for what it counts; its answer is that of its own day
        if request.path.startswith("/v1/models"):
            return self._models
        if (model := request.json()["model"]) in self._gone:
            return error_reply(404, "not_found_error", f"model: {model}")
        return answering("vale")


@contextmanager
def later_server(models: Iterable[Step], *, without: Iterable[str] = ()) -> Iterator[PracticeServer]:
    """A server with this answer to a request for its list; `without` these models, whatever it lists."""
    with _Later(models, without) as server:
        yield server


def environment(server: PracticeServer, **more: str) -> dict[str, str]:
    return {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url, **more}


@contextmanager
def chat_later(server: PracticeServer, *flags: str, **more: str) -> Iterator[Terminal]:
    env = environment(server, **more)
    with Terminal([sys.executable, str(PROGRAM), *flags], env=env, rows=30, cols=200) as terminal:
        terminal.wait_for("Tú:")
        yield terminal


def ask_later(server: PracticeServer, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return starting.run(
        [sys.executable, str(PROGRAM), *arguments],
        env=environment(server, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shown(terminal: Terminal) -> str:
    return " ".join(terminal.text.split())


def models_asked(server: PracticeServer) -> list[str]:
    return [request.json()["model"] for request in server.requests if request.path == "/v1/messages"]


def lists_fetched(server: PracticeServer) -> int:
    return sum(request.path.startswith("/v1/models") for request in server.requests)


# -- where the catalogue knows that it is retired ----------------------------------------------


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_the_chat_takes_the_newest_of_the_line(term: str) -> None:
    with later_server(NEW) as server, chat_later(server, TERM=term) as terminal:
        if term != "dumb":  # it stands above the prompt before anything is typed
            terminal.wait_for(lambda t: TAKEN in shown(t))
        terminal.send("hola\r")
        wait_for_prompt(terminal, 2)
        terminal.send("otra\r")
        wait_for_prompt(terminal, 3)
        assert shown(terminal).count(TAKEN) == shown(terminal).count("se retiró") == 1
        assert models_asked(server) == ["claude-sonnet-7-20300101"] * 2 and lists_fetched(server) == 1
        leave(terminal)
        assert KEY not in terminal.text


def test_one_answer_takes_the_newest_of_the_line() -> None:
    with later_server(NEW) as server:
        done = ask_later(server, "hola")
        assert (done.returncode, done.stdout) == (0, "vale") and done.stderr.splitlines() == [TAKEN]
        assert models_asked(server) == ["claude-sonnet-7-20300101"] and lists_fetched(server) == 1


@pytest.mark.parametrize("by_flag", [True, False])
def test_the_name_of_a_line_too(by_flag: bool) -> None:
    with later_server(NEW) as server:
        flags, variables = (["-m", "opus"], {}) if by_flag else ([], {"ANTHROPIC_MODEL": "Opus"})
        done = ask_later(server, *flags, "hola", **variables)
        assert "ahora responde «claude-opus-7», el Opus más nuevo de tu cuenta." in done.stderr
        assert done.returncode == 0 and models_asked(server) == ["claude-opus-7"]


@pytest.mark.parametrize("by_flag", [True, False])
def test_one_that_was_named_is_an_error_with_what_lasts(by_flag: bool) -> None:
    with later_server(NEW) as server:
        flags, variables = (
            (["-m", "claude-opus-5-5"], {}) if by_flag else ([], {"ANTHROPIC_MODEL": "claude-opus-5-5"})
        )
        done = ask_later(server, *flags, "hola", **variables)
        assert done.returncode == 2 and done.stdout == "" and server.requests == []
        assert done.stderr == (
            "El modelo «claude-opus-5-5» se retiró el 01/06/2030 y ya no responde. Prueba con opus.\n"
        )


def test_without_the_list_the_chat_names_the_command() -> None:
    no_list = list(error_reply(404, "not_found_error", "Not Found"))
    with later_server(no_list) as server, chat_later(server) as terminal:
        terminal.wait_for(lambda t: f"{NO_LIST} con «/modelo»." in shown(t))
        terminal.send("hola\r")  # perhaps it answers all the same
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        assert models_asked(server) == [DEFAULT_MODEL] and shown(terminal).count("se retiró") == 1
        leave(terminal)


def test_without_the_list_one_answer_names_the_flag() -> None:
    with later_server([Hang()]) as server:
        done = ask_later(server, "hola", TEST_PATIENCE_SECONDS="0.2")
        assert done.stderr.splitlines() == [f"{NO_LIST} con --model."]
        assert (done.returncode, done.stdout) == (0, "vale") and models_asked(server) == [DEFAULT_MODEL]


def test_a_list_without_the_line_names_what_there_is() -> None:
    with later_server(page({"id": "claude-nuevo-1"})) as server:
        done = ask_later(server, "hola")
        assert (
            "y no hay otro Sonnet en la lista de tu cuenta: "
            "elige otro con --model, por ejemplo --model claude-nuevo-1." in done.stderr
        )


def test_nobody_waits_for_the_list_at_the_prompt_and_a_question_can_be_cancelled() -> None:
    with later_server([Hang()]) as server, chat_later(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("Pidiendo la lista de modelos…")
        assert server.wait_for(lambda: len(server.requests) == 1, 20)  # the SDK is being loaded
        terminal.send("\x03")
        terminal.wait_for("Cancelaste antes de que se enviara. Tu pregunta está en el historial")
        assert server.wait_for(lambda: server.hangups == 1)
        wait_for_prompt(terminal, 2)
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 3)
        assert models_asked(server) == [DEFAULT_MODEL]
        leave(terminal)


def test_a_list_that_does_not_come_is_waited_for_no_longer_than_the_limit() -> None:
    with later_server([Hang()]) as server:
        with chat_later(server, TEST_PATIENCE_SECONDS="0.2") as terminal:
            terminal.send("hola\r")
            terminal.wait_for("(completa)")
            assert f"{NO_LIST} con «/modelo»." in shown(terminal)
            assert server.wait_for(lambda: server.hangups == 1)
            wait_for_prompt(terminal, 2)
            leave(terminal)


def test_who_chooses_another_meanwhile_keeps_it() -> None:
    with later_server(NEW) as server, chat_later(server) as terminal:
        terminal.send("/modelo claude-sonnet-6\r")
        terminal.wait_for("responde «claude-sonnet-6»")
        wait_for_prompt(terminal, 2)
        terminal.send("hola\r")
        wait_for_prompt(terminal, 3)
        assert models_asked(server) == ["claude-sonnet-6"]
        leave(terminal)


# -- where only the server knows ---------------------------------------------------------------


FOUND = (
    "El modelo «claude-sonnet-5-5» ya no está disponible: ahora responde «claude-sonnet-7-20300101», "
    "el Sonnet más nuevo de este servidor."
)


def test_the_chat_asks_the_newest_when_the_server_does_not_have_the_default() -> None:
    with later_server(NEW, without=[DEFAULT_MODEL]) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 3)  # the question stands above the reply that it got
        assert "/modelo" not in terminal.text and "/reintentar" not in terminal.text
        assert shown(terminal).count(FOUND) == 1 and lists_fetched(server) == 1
        assert models_asked(server) == [DEFAULT_MODEL, "claude-sonnet-7-20300101"]
        first, second = (request.json() for request in server.requests if request.path == "/v1/messages")
        assert first["messages"] == second["messages"]
        terminal.send("otra\r")
        wait_for_prompt(terminal, 4)
        assert len(server.requests[-1].json()["messages"]) == 3  # the turn that failed is not kept
        leave(terminal)


def test_one_answer_too_and_it_is_kept_once() -> None:
    with later_server(NEW, without=[DEFAULT_MODEL]) as server:
        done = run(server, "hola")
        assert (done.returncode, done.stdout) == (0, b"vale")
        assert done.stderr.decode().splitlines()[-1] == FOUND
        run(server, "--continue", "-m", "claude-sonnet-6", "otra")
        sent = server.requests[-1].json()["messages"]
        assert [message["content"] for message in sent] == ["hola", "vale", "otra"]


@pytest.mark.parametrize("flags", [["-m", DEFAULT_MODEL], ["-m", "sonnet"]])
def test_a_model_that_was_named_is_not_changed(flags: list[str]) -> None:
    with later_server(NEW, without=[DEFAULT_MODEL, "sonnet"]) as server:
        done = run(server, *flags, "hola")
        named = flags[1] == DEFAULT_MODEL
        assert (done.returncode == 1) == named and lists_fetched(server) == (not named)
        assert ("no existe, ya se retiró o tu cuenta" in done.stderr.decode()) == named


def test_a_server_that_has_no_other_is_asked_once() -> None:
    for models in (page({"id": "llama"}), page({"id": DEFAULT_MODEL}), list(error_reply(404, "x", "x"))):
        with later_server(models, without=[DEFAULT_MODEL]) as server:
            done = run(server, "hola")
            assert done.returncode == 1 and models_asked(server) == [DEFAULT_MODEL]
            assert "ahora responde" not in done.stderr.decode()
            assert done.stderr.decode().count("«claude-sonnet-5-5»") == 1


def test_the_chat_says_how_to_choose_when_there_is_no_other() -> None:
    with later_server(page({"id": "llama"}), without=[DEFAULT_MODEL]) as server, chat(server) as terminal:
        terminal.send("hola\r")
        wait_for_prompt(terminal, 2)
        assert shown(terminal).count("no existe, ya se retiró o tu cuenta no tiene acceso.") == 1
        assert "Elige otro con «/modelo»" in shown(terminal) and lists_fetched(server) == 1
        leave(terminal)


# -- practice, which never expires -------------------------------------------------------------


def test_practice_is_as_it_was() -> None:
    with chat(None, "--practice", "-m", "opus") as terminal:
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 2)
        assert "se retiró" not in terminal.text and "disponible" not in terminal.text
        leave(terminal)
    done = run(None, "--practice", "hola")
    assert done.returncode == 0 and done.stdout and "retir" not in done.stderr.decode()


# -- what the settings say ---------------------------------------------------------------------

GONE = {name: replace(model, retires=date(2030, 6, 1)) for name, model in BUILT_IN.models.items()}
DAY = date(2031, 1, 31)
SETTINGS = Settings(
    connection=Connection(credential="ANTHROPIC_API_KEY"),
    line="sonnet",
    models=BUILT_IN.changed(GONE),
    today=DAY,
)


def test_a_model_is_outdated_only_where_it_was_not_chosen_and_the_api_answers() -> None:
    assert SETTINGS.outdated == date(2030, 6, 1)
    for other in (
        replace(SETTINGS, line=""),
        replace(SETTINGS, connection=replace(SETTINGS.connection, practice=True)),
        replace(SETTINGS, connection=replace(SETTINGS.connection, base_url="http://localhost:1")),
        replace(SETTINGS, today=date(2030, 5, 31)),
        replace(SETTINGS, models=BUILT_IN),
        replace(SETTINGS, listed=(ListedModel(DEFAULT_MODEL, lifecycle="deprecated"),)),
    ):
        assert other.outdated is None
    assert replace(SETTINGS, today=date(2030, 6, 1)).outdated == date(2030, 6, 1)


@pytest.mark.parametrize("name", [None, *LINES])
def test_a_retired_line_starts_and_a_retired_id_does_not(name: str | None, own_environment: Path) -> None:
    flags = ["-m", name] if name else []
    environ = {"ANTHROPIC_API_KEY": KEY, "STREAM_CORE_CONFIG_DIR": str(own_environment / "config")}
    settings = Settings.load(flags, dict(environ), today=DAY)
    assert settings.model in KNOWN and settings.line == (name or "sonnet") and settings.outdated
    with pytest.raises(ConfigError, match=f"Prueba con {settings.line}"):
        Settings.load(["-m", settings.model], dict(environ), today=DAY)


def test_a_model_that_still_answers_stays() -> None:
    listed = (ListedModel(DEFAULT_MODEL, lifecycle="deprecated"), ListedModel("claude-sonnet-9"))
    found, told = succeed(SETTINGS, listed, in_chat=True)
    assert (found.model, told, found.listed) == (DEFAULT_MODEL, "", listed)


def test_hostile_names_are_not_taken() -> None:
    listed = (ListedModel("claude-sonnet-9\x1b[31m"), ListedModel("\x1b]0;x\x07"))
    found, told = succeed(SETTINGS, listed, in_chat=True)
    assert found.model == DEFAULT_MODEL and "\x1b" not in told and "«/modelo" in told
