"""`/modelo` as a person has it: the list, another model in mid-conversation, and what cannot be asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.day import VARIABLE
from support.model_lists import HOSTILE, page
from support.terminal import Terminal
from support.wire import listing, playing

from stream_core.chat.backend.account import FRESH_SECONDS, Account
from stream_core.chat.backend.client import Backend
from stream_core.chat.commands import next_words
from stream_core.chat.repl import handle
from stream_core.chat.session.session import Session
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.config.connection import Connection
from stream_core.config.options.appearance import Look
from stream_core.config.settings import Settings
from stream_core.core.errors import NoModelList
from stream_core.models.catalogue import BUILT_IN
from stream_core.models.lines import KNOWN, LINES
from stream_core.models.model_list import ListedModel
from stream_core.practice.script import Hang, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from stream_core.terminal.screen import Screen

GONE = next(name for name, model in BUILT_IN.models.items() if "2025" in name)
GOING = "claude-sonnet-4-5-20250929"
PRACTICE = (*KNOWN, GOING, GONE)
NO_LIST = list(error_reply(404, "not_found_error", "Not Found"))


def say(terminal: Terminal, line: str, *, prompt: int) -> str:
    """Type a line; gives what came between it and the n-th prompt."""
    terminal.send(f"{line}\r")
    wait_for_prompt(terminal, prompt)
    return " ".join(terminal.text.rpartition(f"Tú: {line}")[2].split())


# -- the practice server's list ----------------------------------------------------------------


@pytest.mark.parametrize(("rows", "cols"), [(30, 100), (20, 60), (30, 200)])
def test_the_list_says_what_each_model_is(rows: int, cols: int) -> None:
    with chat(None, "--practice", rows=rows, cols=cols) as terminal:
        shown = say(terminal, "/modelo", prompt=2)
        numbers = [shown.index(f" {number}. {name} ") for number, name in enumerate(PRACTICE, 1)]
        assert numbers == sorted(numbers)
        assert shown.count("activo") == 4 and shown.count("retirado") == 1
        assert "▸ 1. claude-sonnet-5-5" in shown and shown.count("▸") == 1
        assert "Claude Sonnet 5.5" in shown and "1,000,000" in shown and "64,000" in shown
        assert shown.count("sin precio") == 6
        assert "Responde «claude-sonnet-5-5»." in shown
        leave(terminal)
        lines = terminal.text.splitlines()
        assert (
            sum("se retira el" in line for line in lines) == sum("30/11/2026" in line for line in lines) == 1
        )
        for name in PRACTICE:  # no id is cut in two
            assert sum(f". {name} " in line for line in lines) == 1


def test_another_model_answers_from_then_on() -> None:
    with chat(None, "--practice") as terminal:
        say(terminal, "hola", prompt=2)
        told = say(terminal, "/modelo opus", prompt=3)
        assert (
            "Desde ahora responde «claude-opus-5-5». En modo práctica no hay precio. La conversación sigue."
            in told
        )
        assert "▸ 2. claude-opus-5-5" in say(terminal, "/modelo", prompt=4)
        told = say(terminal, "/modelo 5", prompt=5)
        assert f"Desde ahora responde «{GOING}»" in told and "se retira el 30/11/2026" in told
        assert "(completa)" in say(terminal, "¿y ahora?", prompt=6)
        assert f"Ya responde «{GOING}»." in say(terminal, "/modelo 5", prompt=7)
        leave(terminal)


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-11-29", "se retira el 30/11/2026"),
        ("2026-11-30", "se retiró el 30/11/2026 y aún responde"),
        ("2031-01-31", "se retiró el 30/11/2026 y aún responde"),
    ],
)
def test_the_list_and_the_switch_agree_on_any_day(
    today: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, today)
    with chat(None, "--practice", cols=200) as terminal:
        assert told in (shown := say(terminal, "/modelo", prompt=2)) and shown.count(told[:12]) == 1
        switched = say(terminal, "/modelo 5", prompt=3)
        assert f"Desde ahora responde «{GOING}»" in switched and f"Ese modelo {told}." in switched
        assert "(completa)" in say(terminal, "hola", prompt=4)
        leave(terminal)


def test_what_cannot_be_asked_is_not_switched_to() -> None:
    with chat(None, "--practice") as terminal:
        told = say(terminal, "/modelo 3", prompt=2)
        assert "Primero mira la lista: «/modelo»." in told
        told = say(terminal, "/modelo claude-sonet-5-5", prompt=3)
        assert "no está en la lista de modelos del modo práctica. ¿Querías decir «claude-sonnet-5-5»?" in told
        for prompt, line in enumerate(("/modelo", f"/modelo {GONE}", "/modelo 6"), 4):
            told = say(terminal, line, prompt=prompt)
            assert ("se retiró el 15/06/2026 y ya no responde. Prueba con" in told) == (line != "/modelo")
        assert "En la lista no hay ningún número 7." in say(terminal, "/modelo 7", prompt=7)
        assert "no sirve como nombre de modelo" in say(terminal, "/modelo dos palabras", prompt=8)
        assert "Responde «claude-sonnet-5-5»" in say(terminal, "/modelo", prompt=9)
        leave(terminal)


def test_thinking_of_the_model_before_is_not_sent_along() -> None:
    with (
        PracticeServer(remember=True, pace=0) as server,
        chat(server, "--model", "claude-opus-5-5") as terminal,
    ):
        say(terminal, "hola", prompt=2)
        told = say(terminal, "/modelo claude-fable-5-2", prompt=3)
        assert "La conversación sigue, sin lo que pensó el modelo de antes." in told
        say(terminal, "¿y ahora?", prompt=4)
        request = server.requests[-1].json()
        assert request["model"] == "claude-fable-5-2" and len(request["messages"]) == 3
        assert isinstance(request["messages"][1]["content"], str)
        leave(terminal)


def test_lines_without_any_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with chat(None, "--practice", cols=200) as terminal:
        shown = say(terminal, "/modelo", prompt=2)
        assert (
            "1. claude-sonnet-5-5 (en uso). Claude Sonnet 5.5. Estado: activo. Contexto: 1,000,000. "
            "Salida: 128,000. Precio: sin precio. 2. claude-opus-5-5. " in shown
        )
        assert "Estado: se retira el 30/11/2026." in shown and "Estado: retirado." in shown
        assert "Desde ahora responde «claude-haiku-5-5»" in say(terminal, "/modelo haiku", prompt=3)
        leave(terminal)
        assert b"\x1b" not in terminal.raw


# -- other servers -----------------------------------------------------------------------------


def test_the_name_of_a_line_means_the_newest_on_any_list() -> None:
    ids = ({"id": "claude-opus-5"}, {"id": "claude-opus-5-5"}, {"id": "llama"})
    with listing(page(*ids)) as server, chat(server) as terminal:
        assert "Desde ahora responde «claude-opus-5-5»." in say(terminal, "/modelo opus", prompt=2)
        assert "Desde ahora responde «haiku»." in say(
            terminal, "/modelo haiku", prompt=3
        )  # none of that line
        leave(terminal)


def test_a_server_without_a_list() -> None:
    with listing(NO_LIST, reply=answering("vale")) as server, chat(server) as terminal:
        shown = say(terminal, "/modelo", prompt=2)
        assert (
            "Este servidor no tiene lista de modelos. Muestro los modelos que conoce este programa." in shown
        )
        assert all(f". {name} " in shown for name in BUILT_IN.models)
        told = say(terminal, "/modelo lo-que-sea", prompt=3)
        assert "Desde ahora responde «lo-que-sea». De este modelo no sé el precio." in told
        say(terminal, "hola", prompt=4)
        assert server.requests[-1].json()["model"] == "lo-que-sea"
        assert "Responde «lo-que-sea», que no está en la lista." in say(terminal, "/modelo", prompt=5)
        leave(terminal)


def test_any_name_is_taken_and_the_list_is_fetched_once_or_when_told_to() -> None:
    first, second = page({"id": "llama"}), page({"id": "qwen"}, {"id": "llama"})
    with listing(first, second) as server, chat(server) as terminal:
        say(terminal, "/modelo banana", prompt=2)
        assert server.requests == []
        assert "▸" not in say(terminal, "/modelo", prompt=3)
        assert " 1. llama " in say(terminal, "/modelo", prompt=4) and len(server.requests) == 1
        assert " 2. llama " in say(terminal, "/modelo Actualizar", prompt=5) and len(server.requests) == 2
        assert "responde «qwen»" in say(terminal, "/modelo 1", prompt=6)
        leave(terminal)


def test_a_list_that_hangs_is_cancelled() -> None:
    with listing([Hang()], page({"id": "llama"})) as server, chat(server) as terminal:
        terminal.send("/modelo\r")
        terminal.wait_for("Pidiendo la lista de modelos…")
        assert server.wait_for(lambda: len(server.requests) == 1, 20)  # the SDK is being loaded
        terminal.send("\x03")
        terminal.wait_for("Cancelaste. El modelo sigue siendo «claude-sonnet-5-5».")
        assert server.wait_for(lambda: server.hangups == 1)
        assert " 1. llama " in say(terminal, "/modelo", prompt=3)
        leave(terminal)


def test_a_signal_ends_the_wait_for_a_list() -> None:
    with listing([Hang()]) as server, chat(server) as terminal:
        before = terminal.termios_now()
        terminal.send("/modelo\r")
        terminal.wait_for("Pidiendo la lista de modelos…")
        terminal.signal(15)
        assert terminal.wait_exit() == 143
        assert "Traceback" not in terminal.text and before != terminal.termios_now()


def test_hostile_names_are_text_and_cannot_be_asked() -> None:
    with (
        listing(page({"id": HOSTILE, "display_name": HOSTILE}, {"id": "ok"})) as server,
        chat(server) as terminal,
    ):
        shown = say(terminal, "/modelo", prompt=2)
        assert "1. [red]m" in shown and "2. ok " in shown
        assert "no sirve como nombre de modelo" in say(terminal, "/modelo 1", prompt=3)
        assert "responde «ok»" in say(terminal, "/modelo 2", prompt=4)
        leave(terminal)
        assert b"robado" not in terminal.raw and "\u202e" not in terminal.text


def test_a_model_that_does_not_exist_gets_a_suggestion_from_the_list() -> None:
    no_model = list(error_reply(404, "not_found_error", "model: llama9"))
    with listing(page({"id": "llama3.2"}), reply=no_model) as server, chat(server) as terminal:
        say(terminal, "/modelo llama9", prompt=2)
        assert "«llama9» no existe" in (told := say(terminal, "hola", prompt=3)) and "llama3.2" not in told
        say(terminal, "/modelo", prompt=4)
        assert "¿Querías decir «llama3.2»?" in say(terminal, "/reintentar", prompt=5)
        leave(terminal)


# -- in this process ---------------------------------------------------------------------------


def session_of(settings: Settings, backend: Backend) -> tuple[Session, Callable[[str], str]]:
    """A session, and what types a line and gives what is shown."""
    file = io.StringIO()
    session = Session(settings, Screen(file, Look(plain=True)), backend, Interrupts())

    def type_line(line: str) -> str:
        before = len(file.getvalue())
        handle(session, line)
        return " ".join(file.getvalue()[before:].split())

    return session, type_line


@contextmanager
def backend_of(server: PracticeServer) -> Iterator[Backend]:
    """A backend of the server, whose connections end."""
    backend = Backend(Settings(connection=Connection(base_url=server.base_url)))
    try:
        yield backend
    finally:
        event_loop.submit(backend.client().close()).result()


@contextmanager
def as_anthropic(server: PracticeServer) -> Iterator[tuple[Session, Callable[[str], str]]]:
    """A session that takes the server for Anthropic's own."""
    with backend_of(server) as backend:
        yield session_of(Settings(connection=Connection(credential="ANTHROPIC_API_KEY")), backend)


def test_prices_are_told_where_there_are_any() -> None:
    new = {"id": "claude-new-1", "lifecycle": "active"}
    listed = page({"id": "claude-haiku-5-5"}, {"id": "claude-opus-5-5"}, new)
    with listing(listed) as server, as_anthropic(server) as (_, type_line):
        shown = type_line("/modelo")
        assert "claude-opus-5-5. Claude Opus 5.5. Estado: —. Contexto: 1,000,000. Salida: 128,000." in shown
        assert "Precio: 4.00 $ de entrada y 20.00 $ de salida por millón." in shown
        assert "Un millón de tokens cuesta 4.00 $ de entrada y 20.00 $ de salida." in type_line(
            "/modelo opus"
        )
        told = type_line("/modelo 1")
        assert "cuesta 0.10 $ de entrada y 0.50 $ de salida; 0.50 $ y 2.50 $ si pasa de 100,000." in told
        assert "De este modelo no sé el precio." in type_line("/modelo claude-new-1")
        assert "no está en la lista de modelos de tu cuenta" in type_line("/modelo claude-fable-5-2")
        assert len(server.requests) == 1


def test_without_the_list_what_is_known_decides() -> None:
    refused = list(error_reply(401, "authentication_error", "no"))
    with listing(refused) as server, as_anthropic(server) as (session, type_line):
        told = type_line("/modelo opus")
        assert "Desde ahora responde «claude-opus-5-5»." in told
        assert "La API no aceptó la clave (viene de ANTHROPIC_API_KEY). Sin la lista no sé si" in told
        assert "se retiró el 15/06/2026" in type_line(f"/modelo {GONE}")
        assert session.settings.model == "claude-opus-5-5"


def test_a_list_grows_old_and_the_one_before_is_better_than_none() -> None:
    now = 0.0
    lists = page({"id": "a"}), page({"id": "b"}), NO_LIST
    with listing(*lists) as server, backend_of(server) as backend:
        account = Account(
            backend, Screen(io.StringIO(), Look(plain=True)), Interrupts(), Suspension(), lambda: now
        )
        assert account.models() == (ListedModel("a"),)
        now = FRESH_SECONDS
        assert account.models() == (ListedModel("a"),)
        now += 1
        assert account.models() == account.models() == (ListedModel("b"),)
        with pytest.raises(NoModelList):
            account.models(anew=True)
        assert account.models() == (ListedModel("b"),)

        session, type_line = session_of(Settings(connection=Connection(base_url=server.base_url)), backend)
        session.settings = replace(session.settings, listed=(ListedModel("b"),))
        assert "Muestro la lista de antes. 1. b." in type_line("/modelo")


def test_completion_offers_the_list_that_is_at_hand() -> None:
    def offered(settings: Settings) -> list[str]:
        return [word for word, _ in next_words("/modelo ", settings)]

    assert offered(Settings()) == [*KNOWN, *LINES, "actualizar"]
    listed = (
        ListedModel("claude-x"),
        ListedModel("claude-y", lifecycle="retired"),
        ListedModel(HOSTILE),
    )
    assert offered(Settings(listed=listed)) == ["claude-x", *LINES, "actualizar"]
    assert offered(Settings(connection=Connection(base_url="http://localhost:1"), listed=listed)) == [
        "claude-x",
        "actualizar",
    ]
    assert not next_words("/modelo claude-x ", Settings(listed=listed))


def test_the_completion_of_the_chat_knows_the_list() -> None:
    with listing(page({"id": "llama3.2"})) as server, chat(server) as terminal:
        say(terminal, "/modelo", prompt=2)
        terminal.send("/modelo lla")
        terminal.wait_for(lambda t: t.text.count("llama3.2") == 2)  # the menu
        terminal.send("\t")
        terminal.wait_for("Tú: /modelo llama3.2")
        terminal.send("\r")
        terminal.wait_for("Desde ahora responde «llama3.2»")
        wait_for_prompt(terminal, 3)
        leave(terminal)


def test_a_question_does_not_need_the_list() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        say(terminal, "hola", prompt=2)
        assert [request.path for request in server.requests] == ["/v1/messages"]
        leave(terminal)
