"""What is kept, as a person has it: the real program, killed, started again, and twice at once."""

from __future__ import annotations

import json
import re
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.chats import answering, chat, leave, prompts, wait_for_prompt
from support.oneshots import command, run
from support.terminal import Terminal
from support.wire import playing

from stream_core.core.conversation import Turn
from stream_core.practice.script import Hang
from stream_core.store.protocol import FOLDER, Store, Summary
from stream_core.store.sqlite import SqliteStore


def reading(home: Path, read: Callable[[Store], Any], *, practice: bool = False) -> Any:
    store = SqliteStore(home / "data" / "practice" if practice else home / "data")
    try:
        return read(store)
    finally:
        store.close()


def kept(home: Path, *, practice: bool = False) -> list[tuple[Summary, list[Turn]]]:
    """Every conversation that is kept, the one last used first."""

    def read(store: Store) -> list[tuple[Summary, list[Turn]]]:
        return [(each, list(store.turns(each.id))) for each in store.conversations(limit=100)]

    found: list[tuple[Summary, list[Turn]]] = reading(home, read, practice=practice)
    return found


def until(holds: Callable[[], object], limit: float = 20) -> None:
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def ask(terminal: Terminal, line: str, shows: str) -> None:
    """Type a line and wait for what it shows, and for the next prompt."""
    before = prompts(terminal)
    terminal.send(f"{line}\r")
    terminal.wait_for(lambda t: shows in " ".join(t.text.split()))
    wait_for_prompt(terminal, before + 1)


def wait_for_count(terminal: Terminal, text: str, count: int) -> None:
    terminal.wait_for(lambda t: told(t).count(text) >= count)


def told(terminal: Terminal) -> str:
    return " ".join(terminal.text.split())


def test_a_reply_that_was_killed_is_there_again(own_environment: Path, tmp_path: Path) -> None:
    with playing(answering("Había una vez una CANCIÓN", then=[Hang()]), answering("y colorín")) as server:
        with chat(server) as terminal:
            terminal.send("Cuéntame algo\r")
            terminal.wait_for("CANCIÓN")
            until(lambda: any("CANCIÓN" in turns[0].text for _, turns in kept(own_environment)))
            terminal.signal(signal.SIGKILL)
            assert terminal.wait_exit() == -signal.SIGKILL
        with chat(server) as terminal:
            terminal.send("/buscar can")  # what is typed meanwhile stays as it was typed
            terminal.wait_for(lambda t: "Conservo los 25 caracteres que llegaron" in told(t))
            assert "La última vez se interrumpió una respuesta, en «Cuéntame algo»." in told(terminal)
            terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú: /buscar can"))
            ask(terminal, "cion", "1. Había una vez una CANCIÓN")
            assert terminal.text.count("/buscar") == 1
            leave(terminal)
        with chat(server, "--continue") as terminal:
            terminal.wait_for(lambda t: t.text.rstrip().endswith("Tú:"))
            for text in ("Sigues en «Cuéntame algo»", "🤖 Claude (interrumpida)", "CANCIÓN"):
                assert text in terminal.text
            assert "se cortó" not in told(terminal)  # it is told once
            ask(terminal, "Sigue", "(completa)")
            assert server.requests[-1].json()["messages"] == [
                {"role": "user", "content": "Cuéntame algo"},
                {"role": "assistant", "content": "Había una vez una CANCIÓN"},
                {"role": "user", "content": "Sigue"},
            ]
            for form in ("md", "json", "html"):
                ask(terminal, f"/exportar {form} {tmp_path}/x.{form}", f"x.{form}.")
            ask(terminal, "stats", "Mensajes del usuario")
            assert re.search(r"Mensajes del usuario\W+2 ", terminal.text)
            leave(terminal)
    for file in tmp_path.iterdir():
        text = file.read_text("utf-8")
        assert "Cuéntame algo" in text and "CANCIÓN" in text and "y colorín" in text
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    outcomes = [turn["outcome"] for turn in json.loads((tmp_path / "x.json").read_text("utf-8"))["turns"]]
    assert outcomes == ["interrupted", "complete"]


def test_a_question_is_kept_before_it_is_answered_and_a_signal_leaves_nothing_open(
    own_environment: Path,
) -> None:
    with playing([Hang()], answering("Esto llegó", then=[Hang()])) as server, chat(server) as terminal:
        terminal.send("lo primero\r")
        assert server.wait_for(lambda: len(server.requests) == 1, timeout=20)
        until(lambda: [turns[0].question for _, turns in kept(own_environment)] == ["lo primero"])
        ask(terminal, "\x03", "no cuenta")
        terminal.send("hola\r")
        terminal.wait_for("Esto llegó")
        terminal.signal(signal.SIGHUP)
        terminal.wait_exit()
    ((_, [first, last]),) = kept(own_environment)
    assert (first.text, first.outcome) == ("", "cancelled")
    assert (last.question, last.text, last.outcome) == ("hola", "Esto llegó", "cancelled")
    assert reading(own_environment, lambda store: store.recover()) == []


def test_two_terminals_lose_nothing(own_environment: Path) -> None:
    with playing(answering("vale")) as server, chat(server) as one, chat(server) as two:
        for number in range(2):
            one.send(f"uno {number}\r")
            two.send(f"dos {number}\r")
            for terminal in (one, two):
                wait_for_count(terminal, "(completa)", number + 1)

        def asked() -> list[list[str]]:
            return sorted([turn.question for turn in turns] for _, turns in kept(own_environment))

        until(lambda: asked() == [["dos 0", "dos 1"], ["uno 0", "uno 1"]])
        found = kept(own_environment)
        (of_two,) = [summary.id for summary, _ in found if summary.title == "dos 0"]
        ask(one, f"/abrir {of_two}", "Turno 2")
        one.send("tres\r")
        two.send("cuatro\r")
        for terminal in (one, two):
            wait_for_count(terminal, "(completa)", 3)
            leave(terminal)
    found = kept(own_environment)
    last = [turn.question for turn in found[0][1]]
    assert last[:2] == ["dos 0", "dos 1"] and {*last[2:]} == {"tres", "cuatro"} and len(found) == 2


def test_no_save_leaves_no_file(own_environment: Path) -> None:
    with playing(answering("vale")) as server:
        with chat(server, "--no-save") as terminal:
            ask(terminal, "un secreto", "(completa)")
            ask(terminal, "/conversaciones", "Ahora no se guarda nada")
            terminal.send("\x1b[A\x1b[A")  # in this session it is remembered
            terminal.wait_for(lambda t: t.text.count("Tú: un secreto") == 2)
            terminal.send("\x03")
            wait_for_prompt(terminal, 4)
            leave(terminal)
        assert run(server, "--no-save", "otro secreto").returncode == 0
    assert not [file for file in own_environment.rglob("*") if file.is_file()]


def test_what_cannot_be_undone_is_asked_for_first(own_environment: Path, quick_path: Path) -> None:
    file = quick_path / "mía.md"
    file.write_text("lo mío")
    with playing(answering("vale")) as server, chat(server) as terminal:
        ask(terminal, "primera", "(completa)")
        for answer, shows in (
            ("\r", "No se exportó nada."),
            ("\x03", ""),
            ("\x04", ""),
            ("sí\r", "Exportada"),
        ):
            before, asked = prompts(terminal), told(terminal).count("¿Lo reemplazo?")
            terminal.send(f"/exportar {file}\r")
            wait_for_count(terminal, "¿Lo reemplazo?", asked + 1)
            assert file.read_text() == "lo mío"
            terminal.send(answer)
            terminal.wait_for(shows)
            wait_for_prompt(terminal, before + 1)
        assert "vale" in file.read_text()
        ask(terminal, "limpiar", "«/conversaciones» la muestra")
        ask(terminal, "segunda", "segunda")
        wait_for_count(terminal, "(completa)", 2)
        ask(terminal, "/conversaciones", "2. primera")
        terminal.send("/borrar 2\r")
        terminal.wait_for("¿Borro «primera» (1 turno)?")
        terminal.send("s\r")
        terminal.wait_for("Borrada.")
        leave(terminal)
    ((summary, _),) = kept(own_environment)
    assert summary.title == "segunda"


def test_practice_is_kept_apart(own_environment: Path) -> None:
    with chat(None, lifelike=True) as terminal:
        terminal.send("de mentira\r")
        terminal.wait_for("(Streaming)")
        ask(terminal, "\x03", "Cancelada por ti.")
        ask(terminal, "/conversaciones", "las demás están aparte")
        leave(terminal)
    ((practised, _),) = kept(own_environment, practice=True)
    assert practised.title == "de mentira" and not (own_environment / "data" / FOLDER).exists()


# -- from the command line ---------------------------------------------------------------------


def test_one_answer_is_kept_and_gone_on_with(own_environment: Path) -> None:
    with playing(answering("una"), answering("dos")) as server:
        assert run(server, "primera").stdout == b"una"
        ((summary, _),) = kept(own_environment)
        done = run(server, "-r", summary.id[:-1].upper(), "segunda")
        assert (done.stdout, done.returncode) == (b"dos", 0)
        asked, answered, last = server.requests[1].json()["messages"]
        assert (asked["content"], last["content"]) == ("primera", "segunda")
        assert answered == {"role": "assistant", "content": [{"type": "text", "text": "una"}]}
    ((_, turns),) = kept(own_environment)
    assert [(turn.question, turn.text) for turn in turns] == [("primera", "una"), ("segunda", "dos")]


def test_what_cannot_be_gone_on_with(own_environment: Path) -> None:
    with playing(answering("una")) as server:
        for flags, sentence in (
            (["-c"], "Todavía no hay ninguna conversación guardada que seguir."),
            (["-r", "zzz"], "No hay ninguna conversación guardada cuyo id empiece por «zzz»."),
            (["-c", "-r", "x"], "--continue y --resume no van juntas"),
            (["-c", "--no-save"], "--continue y --no-save no van juntas"),
            (["-r"], "le falta su valor"),
        ):
            done = run(server, "hola", *flags)
            assert done.returncode == 2 and done.stdout == b"" and done.stderr.count(b"\n") <= 2
            assert sentence in done.stderr.decode()
        assert server.requests == []
        with Terminal(command("-r", "zzz")) as terminal:
            assert terminal.wait_exit() == 2
            assert "cuyo id empiece por «zzz»" in told(terminal) and "Tú:" not in terminal.text


def test_a_store_that_fails_changes_no_answer(own_environment: Path) -> None:
    (own_environment / "data").write_text("un archivo en el sitio de la carpeta")
    with playing(answering("una")) as server:
        done = run(server, "hola")
        assert (done.stdout, done.returncode) == (b"una", 0)
        assert done.stderr.decode().count("\n") == 2, done.stderr.decode()  # the server, and the failure
        with chat(server) as terminal:
            ask(terminal, "hola", "(completa)")
            ask(terminal, "otra", "(completa)")
            ask(terminal, "stats", "Estadísticas")
            assert terminal.text.count("⚠") == 1 and "Todo lo guardado" not in terminal.text
            leave(terminal)


def test_another_model_than_before_is_told(own_environment: Path) -> None:
    with playing(answering("una")) as server:
        assert run(server, "--model", "haiku", "hola").returncode == 0
        (before,) = (turn.model for _, turns in kept(own_environment) for turn in turns)
        with chat(server, "-c") as terminal:
            terminal.wait_for(lambda t: "Ahora responde «claude-sonnet-5-5»; hasta aquí," in told(t))
            assert f"«{before}»" in told(terminal) and before != "claude-sonnet-5-5"
            leave(terminal)
        with chat(server, "-c", "--model", "haiku") as terminal:
            leave(terminal)  # all that is told of it has been drawn then
            assert "Sigues en" in terminal.text and "hasta aquí" not in told(terminal)


def test_where_everything_is(own_environment: Path) -> None:
    (own_environment / "config").mkdir()
    (own_environment / "config" / ".env").write_text("ANTHROPIC_BASE_URL=esto no vale\n")
    done = run(None, "--where")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    data, config = own_environment / "data", own_environment / "config"
    assert lines[:11] == [
        f"Conversaciones: {data / FOLDER} (aún no existe)",
        f"Archivos adjuntos: {data / FOLDER / 'attachments'} (aún no existe)",
        f"Conversaciones de práctica: {data / 'practice' / FOLDER} (aún no existe)",
        f"Lo que tecleas: {data / 'history'} (aún no existe)",
        f"Partes de --chunked: {data / 'por-partes'} (aún no existe)",
        f"Lo subido al servidor: {data / 'uploads.json'} (aún no existe)",
        f"Configuración: {config / 'config.toml'} (aún no existe)",
        f"Roles: {config / 'roles'} (aún no existe)",
        f"Lo elegido en el chat: {config / 'preferences.json'} (aún no existe)",
        f"Modelos y precios: {config / 'models.json'} (aún no existe)",
        f"Registros de --debug: {data / 'logs'} (aún no existe)",
    ]
    assert f"Otro .env que se lee: {config / '.env'}" in lines
    assert not data.exists() and "quitarlo" not in lines[-1], "a folder that the user chose may hold more"


def test_how_to_remove_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("STREAM_CORE_DATA_DIR", "STREAM_CORE_CONFIG_DIR"):
        monkeypatch.delenv(variable)
    run(None, "--practice", "Hola")
    last = run(None, "--where").stdout.decode().splitlines()[-1]
    (data,) = Path.home().rglob("streaming-chatbot")
    assert (
        last == f"Para quitarlo todo: desinstala streaming-chatbot (con pip, pipx o uv tool) y borra {data}"
    )
