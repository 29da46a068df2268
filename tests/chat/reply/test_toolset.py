"""Tools in the chat: they run live, files only with permission, and what is left can be sent."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.chats import KEY, answering, leave, permit, wait_for_prompt
from support.continuing import ask, kept
from support.oneshots import run
from support.paths import PROGRAM
from support.starting import PRACTICE_SPEED
from support.terminal import Terminal
from support.tool_calls import calling, sent
from support.wire import playing

from stream_core import Settings
from stream_core.chat.commands import next_words
from stream_core.config.tool_options import ToolOptions
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Hang, Head, Send, Step
from stream_core.practice.server import PracticeServer
from stream_core.store.sqlite import SqliteStore

SUM = "¿Cuánto es 6 * 7?"


def saying(text: str) -> list[Step]:
    start = message_start("claude-sonnet-5-5", 5) + block_start() + text_delta(text) + block_stop()
    return [Head(), Send(start + message_delta("end_turn", {"output_tokens": 4}) + message_stop())]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "notas"
    notes.mkdir()
    (notes / "lunes.txt").write_text("comprar pan\n")
    return notes


@contextmanager
def chat(
    server: PracticeServer | None, *flags: str, cols: int = 100, lifelike: bool = False
) -> Iterator[Terminal]:
    env = dict(os.environ)
    if lifelike:
        env.pop(PRACTICE_SPEED, None)
    if server is not None:
        env.update(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.base_url)
    argv = [sys.executable, str(PROGRAM), *flags]
    with Terminal(argv, env=env, cols=cols, answers_cpr=True) as terminal:
        terminal.wait_for("Tú:")
        yield terminal
        assert "Traceback" not in terminal.text and "defecto" not in terminal.text


def results(server: PracticeServer, number: int) -> list[str]:
    return [block["content"] for block in sent(server, number)["messages"][-1]["content"]]


# -- those that only compute -------------------------------------------------------------------


def test_a_tool_runs_live_in_practice(own_environment: Path) -> None:
    with chat(None) as terminal:
        ask(terminal, SUM, prompt=2)
        assert "calculate" in terminal.text and "42" in terminal.text
        ask(terminal, "¿Qué hora es en Tokio?", prompt=3)
        assert "current_time" in terminal.text
        ask(terminal, "contexto", prompt=4)
        assert "llevará 2 de 2 turnos" in terminal.text
        leave(terminal)
    store = own_environment / "data" / "practice"
    assert store.exists()


def test_another_server_is_offered_no_tools_until_they_are_turned_on() -> None:
    with playing(
        saying("Hola."), calling(("calculate", '{"expression": "6*7"}')), saying("Son 42.")
    ) as server:
        with chat(server) as terminal:
            ask(terminal, "hola", prompt=2)
            ask(terminal, "/herramientas calculate sí", prompt=3)
            ask(terminal, SUM, prompt=4)
            assert "Son 42." in terminal.text
            ask(terminal, "/herramientas calculate", prompt=5)
            assert "«calculate» está apagada" in terminal.text
            leave(terminal)
        assert "tools" not in sent(server, 0)
        assert [tool["name"] for tool in sent(server, 1)["tools"]] == ["calculate"]
        assert results(server, 2) == ["42"]


def test_what_a_tool_said_goes_along_with_the_next_question(own_environment: Path) -> None:
    scripts = calling(("calculate", '{"expression": "6*7"}')), saying("Son 42."), saying("Vale.")
    with playing(*scripts) as server:
        with chat(server) as terminal:
            ask(terminal, "/herramientas calculate sí", prompt=2)
            ask(terminal, SUM, prompt=3)
            ask(terminal, "gracias", prompt=4)
            leave(terminal)
        with chat(server, "-c") as terminal:
            ask(terminal, "otra vez", prompt=terminal.text.count("Tú:") + 1)
            leave(terminal)
        for number in (2, 3):
            question, called, answered, said, *_ = sent(server, number)["messages"]
            assert question["content"] == SUM and said["content"][0]["text"] == "Son 42."
            assert called["content"][1]["type"] == "tool_use"
            assert answered["role"] == "user" and answered["content"][0]["content"] == "42"
    assert [turn.text for turn in kept(own_environment)] == ["Voy.\n\nSon 42.", "Vale.", "Vale."]


def test_tools_can_be_left_out() -> None:
    with chat(None, "--no-tools") as terminal:
        ask(terminal, SUM, prompt=2)
        assert "42" not in terminal.text
        leave(terminal)


def test_a_conversation_with_thinking_goes_on_when_the_tools_change(own_environment: Path) -> None:
    thinking = ("--thinking", "sí")
    with PracticeServer(place="chat", pace=0) as server:  # which checks who signed the thinking that it gets
        with chat(server, *thinking) as terminal:
            ask(terminal, SUM, prompt=2)
            ask(terminal, "/herramientas calculate no", prompt=3)
            ask(terminal, "¿y ahora?", prompt=4)
            ask(terminal, "/herramientas calculate sí", prompt=5)
            ask(terminal, "¿y ahora?", prompt=6)
            assert "no aceptó" not in terminal.text
            leave(terminal)
    with PracticeServer(place="chat", pace=0) as server:  # another: nothing of before is remembered there
        with chat(server, *thinking, "-c", "--system", "Sé breve.") as terminal:
            ask(terminal, "¿y después?", prompt=terminal.text.count("Tú:") + 1)
            leave(terminal)
        assert run(server, *thinking, "-c", "--no-tools", "¿y al final?").returncode == 0
    store = SqliteStore(own_environment / "data")
    turns = list(store.turns(store.latest() or ""))
    store.close()
    assert [turn.outcome for turn in turns] == ["complete"] * 5
    assert all(any(block["type"] == "thinking" for block in turn.blocks) for turn in turns)


def test_a_cancel_in_a_tool_leaves_a_conversation_that_can_be_sent(tmp_path: Path) -> None:
    own = tmp_path / "mias.py"
    own.write_text(
        'import time\n\n\ndef slow() -> str:\n    """Wait."""\n    time.sleep(60)\n    return "x"\n'
    )
    with (
        playing(calling(("slow", "{}")), saying("Vale.")) as server,
        chat(server, "--tools", str(own)) as terminal,
    ):
        terminal.send("espera\r")
        terminal.wait_for("Usando slow")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        ask(terminal, "otra", prompt=3)
        assert "Vale." in terminal.text
        leave(terminal)


def test_a_single_answer_uses_those_that_compute(own_environment: Path) -> None:
    done = run(None, "--practice", SUM)
    assert done.returncode == 0 and "42" in done.stdout.decode()
    assert "\n\n" in done.stdout.decode()  # between what came before the tool and after it


# -- files, with permission --------------------------------------------------------------------

READ = calling(("read_file", '{"path": "lunes.txt"}'))


@pytest.mark.parametrize("flags", [[], ["--plain"]])
@pytest.mark.parametrize(("answer", "result"), [("sí", "comprar pan"), ("no", "no dio permiso")])
def test_a_file_is_read_when_the_person_says_so(
    folder: Path, flags: list[str], answer: str, result: str
) -> None:
    with playing(READ, saying("Listo.")) as server, chat(server, "--files", str(folder), *flags) as terminal:
        terminal.send("lee\r")
        terminal.wait_for("Claude quiere leer el archivo «lunes.txt». ¿Lo permites?")
        if flags:
            terminal.wait_for("(sí/no/siempre)")
            terminal.send(f"{answer}\r")
        else:
            permit(terminal, answer[0])
        terminal.wait_for("Listo.")
        wait_for_prompt(terminal, 2)
        assert result in results(server, 1)[0]
        leave(terminal)


def test_always_is_asked_once(folder: Path) -> None:
    with playing(READ, saying("Uno."), READ, saying("Dos.")) as server:
        with chat(server, "--files", str(folder)) as terminal:
            terminal.send("lee\r")
            terminal.wait_for("¿Lo permites?")
            permit(terminal, "t")
            terminal.wait_for("Uno.")
            wait_for_prompt(terminal, 2)
            ask(terminal, "otra vez", prompt=3)
            assert terminal.text.count("¿Lo permites?") == 1
            leave(terminal)
        assert results(server, 3) == results(server, 1)


def test_a_word_typed_at_the_question_is_no_answer_and_waits_for_the_prompt(folder: Path) -> None:
    with playing(READ, saying("Listo.")) as server, chat(server, "--files", str(folder)) as terminal:
        terminal.send("lee\r")
        terminal.wait_for("¿Lo permites?")
        permit(terminal, "siguiente")
        permit(terminal, "\x03")
        terminal.wait_for("Tú: siguiente")
        assert len(server.requests) == 1 and "→" not in terminal.text
        terminal.send("\x15")
        leave(terminal)


def test_ctrl_c_at_the_question_cancels_everything(folder: Path) -> None:
    with playing(READ, saying("Vale.")) as server, chat(server, "--files", str(folder)) as terminal:
        terminal.send("lee\r")
        terminal.wait_for("¿Lo permites?")
        terminal.send("\x03")
        terminal.wait_for("Cancelada por ti")
        wait_for_prompt(terminal, 2)
        ask(terminal, "otra", prompt=3)
        assert "Vale." in terminal.text and len(server.requests) == 2
        leave(terminal)


@pytest.mark.parametrize("look", [[], ["--plain"]])
def test_what_was_typed_before_is_no_answer(folder: Path, look: list[str]) -> None:
    typed = threading.Event()

    def slow() -> Iterator[Step]:
        yield READ[0]
        typed.wait(20)
        yield from READ[1:]

    with playing(slow(), saying("Listo."), saying("Vale.")) as server:
        with chat(server, "--files", str(folder), *look) as terminal:
            terminal.send("lee\r")
            assert server.wait_for(lambda: bool(server.requests))
            terminal.send("sí\r")
            if not look:
                terminal.wait_for("› sí")  # read before the question, however slow this machine is
            typed.set()
            terminal.wait_for("¿Lo permites?")
            if look:
                terminal.send("no\r")
            else:
                permit(terminal, "n")
            terminal.wait_for("Listo.")
            assert "no dio permiso" in results(server, 1)[0]
            leave_with(terminal, server)


def leave_with(terminal: Terminal, server: PracticeServer) -> None:
    """What was typed ahead is sent as a question of its own."""
    assert server.wait_for(lambda: len(server.requests) == 3)
    wait_for_prompt(terminal, 3)
    assert sent(server, 2)["messages"][-1]["content"] == "sí"
    leave(terminal)


def test_a_single_answer_reads_no_file(folder: Path) -> None:
    with playing(READ, saying("Nada.")) as server:
        done = run(server, "--files", str(folder), "lee")
        assert "no dio permiso" in results(server, 1)[0]
    assert done.returncode == 0


def test_the_call_stands_above_the_question_about_it(folder: Path) -> None:
    wordless = calling(("read_file", '{"path": "lunes.txt"}'), text=" ")
    with playing(wordless, saying("Listo.")) as server:
        with chat(server, "--files", str(folder)) as terminal:
            terminal.send("lee\r")
            terminal.wait_for("¿Lo permites?")
            # Each argument stands once: in the question, which nothing else on the screen looks like.
            assert "⚙ read_file\n Permiso: Claude quiere leer el archivo «lunes.txt»" in terminal.text
            permit(terminal, "S")
            terminal.wait_for("Listo.")
            wait_for_prompt(terminal, 2)
            leave(terminal)


def test_a_question_is_broken_between_words(folder: Path) -> None:
    with playing(READ, saying("Listo.")) as server:
        with chat(server, "--files", str(folder), cols=60) as terminal:
            terminal.send("lee\r")
            terminal.wait_for("¿Lo\n permites?")
            terminal.resize(30, 40)
            terminal.wait_for("leer el\n archivo «lunes.txt». ¿Lo permites?")
            # In reverse video, which no text of a reply has on this screen.
            assert re.search(rb"\x1b\[0;[17;]*7m Permiso: Claude", terminal.raw)
            permit(terminal, "s")
            terminal.wait_for("Listo.")
            wait_for_prompt(terminal, 2)
            leave(terminal)


def test_parallel_calls_ask_one_by_one(folder: Path) -> None:
    (folder / "martes.txt").write_text("leche\n")
    both = calling(("read_file", '{"path": "lunes.txt"}'), ("read_file", '{"path": "martes.txt"}'))
    with playing(both, saying("Listo.")) as server, chat(server, "--files", str(folder)) as terminal:
        terminal.send("lee\r")
        for name in ("lunes", "martes"):
            terminal.wait_for(f"«{name}.txt». ¿Lo permites?")
            permit(terminal, "s")
        terminal.wait_for("Listo.")
        assert [result.split()[-1] for result in results(server, 1)] == ["pan", "leche"]
        wait_for_prompt(terminal, 2)
        leave(terminal)


@pytest.mark.parametrize("together", [True, False])
def test_a_yes_is_for_one_call_whatever_its_id(folder: Path, together: bool) -> None:
    (folder / "martes.txt").write_text("leche\n")
    first, second = (("read_file", f'{{"path": "{name}.txt"}}') for name in ("lunes", "martes"))
    rounds = [calling(first, second, ids=("toolu_1",) * 2)] if together else [calling(first), calling(second)]
    with playing(*rounds, saying("Listo.")) as server, chat(server, "--files", str(folder)) as terminal:
        terminal.send("lee\r")
        for name, answer in (("lunes", "sí"), ("martes", "no")):
            terminal.wait_for(f"«{name}.txt». ¿Lo permites?")
            permit(terminal, answer[0])
        wait_for_prompt(terminal, 2)
        assert "comprar pan" in terminal.text and "no dio permiso" in terminal.text
        assert all(b"leche" not in request.body for request in server.requests)
        leave(terminal)


# -- cut and gone on with ------------------------------------------------------------------------


def test_a_turn_with_tools_that_is_cut_goes_on_to_its_end() -> None:
    with chat(None, "--practice", lifelike=True) as terminal:
        terminal.send("¿Cuánto es 12 * 7?\r")
        terminal.wait_for("Esto es lo que")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        terminal.send("/continuar\r")
        terminal.wait_for("(completa)")
        wait_for_prompt(terminal, 3)
        terminal.send("limpiar\r/abrir 1\r")  # as it is kept
        terminal.wait_for(lambda t: t.text.count("de ahí salen estos resultados") > 1)
        terminal.send("contexto\r")
        terminal.wait_for("llevará 1 de 1 turno")
        assert terminal.text.count('calculate {"expression": "12 * 7"}') == 3
        leave(terminal)


@pytest.mark.parametrize("text", ["Voy.", " "])
def test_tools_do_not_run_again_when_their_answer_was_cut(own_environment: Path, text: str) -> None:
    call = calling(("calculate", '{"expression": "6 * 7"}'), text=text)
    hanging: list[Step] = [Head(), Send(message_start("claude-sonnet-5-5", 5)), Hang()]
    with playing(call, hanging, answering("Son ", "42."), answering("vale")) as server:
        with chat(server) as terminal:
            ask(terminal, "/herramientas calculate sí", prompt=2)
            terminal.send("¿cuánto?\r")
            assert server.wait_for(lambda: len(server.requests) == 2)
            terminal.send("\x03")
            wait_for_prompt(terminal, 3)
            ask(terminal, "/continuar", prompt=4)
            asked, said, given = sent(server, 2)["messages"]
            assert asked["content"] == "¿cuánto?" and said["content"][-1]["name"] == "calculate"
            assert [block["content"] for block in given["content"]] == ["42"]
            assert terminal.text.count("→ 42") == 1
            ask(terminal, "¿y luego?", prompt=5)
            assert len(sent(server, 3)["messages"]) == 5
            leave(terminal)
    (turn, _) = kept(own_environment)
    assert turn.outcome == "complete"
    assert turn.text.strip() == ("Voy.\n\nSon 42." if text.strip() else "Son 42.")


def test_only_the_tools_that_there_are_are_offered_for_completion(folder: Path) -> None:
    def offered(settings: Settings) -> list[str]:
        return [name for name, _ in next_words("/herramientas ", settings)]

    assert offered(Settings()) == ["calculate", "current_time", "web_search"]
    assert "read_file" in offered(Settings(tools=ToolOptions(folder=folder)))


# -- what can be wrong -------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [["--files", "/no/hay"], ["--tools", "/no/hay.py"]])
def test_a_wrong_folder_or_file_is_told_before_anything_else(flags: list[str]) -> None:
    done = run(None, "--practice", *flags, "hola")
    assert done.returncode == 2 and len(done.stderr.decode().strip().splitlines()) <= 2
    with Terminal([sys.executable, str(PROGRAM), *flags]) as terminal:
        assert terminal.wait_exit() == 2
        assert "Traceback" not in terminal.text


def test_a_tool_of_ones_own_cannot_be_called_as_the_servers(tmp_path: Path) -> None:
    own = tmp_path / "mias.py"
    own.write_text('def web_search(text: str) -> str:\n    """Search."""\n    return text\n')
    done = run(None, "--practice", "--tools", str(own), "--web-search", "hola")
    assert done.returncode == 2
    assert "«web_search» se llama como otra herramienta que ya está" in done.stderr.decode()


def test_the_list_and_wrong_words() -> None:
    with chat(None, "--web-search", cols=60) as terminal:
        ask(terminal, "/herramientas", prompt=2)
        for name in ("calculate", "current_time", "web_search"):
            assert name in terminal.text
        ask(terminal, "/herramientas sierra", prompt=3)
        assert "No hay ninguna herramienta «sierra»" in terminal.text
        ask(terminal, "/herramientas calculate quizá", prompt=4)
        assert "puede ser sí o no" in terminal.text
        leave(terminal)


def test_the_servers_search_is_offered() -> None:
    with playing(saying("Hola."), [Hang()]) as server:
        run(server, "--web-search", "hola")
        assert [tool["type"] for tool in sent(server, 0)["tools"]] == ["web_search_20250305"]
