"""The six demos: each run to its end on a terminal, cancelled in the middle and cut in the middle."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from support import starting
from support.chats import KEY
from support.paths import ROOT
from support.terminal import Terminal

from stream_core.practice.events import (
    block_delta,
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Cut, Hang, Head, Send, Step, Wait, error_reply
from stream_core.practice.server import PracticeServer

PROGRAM = ROOT / "streaming_examples.py"
NUMBERS = range(1, 7)


@contextmanager
def demos(server: PracticeServer | None, *words: str, rows: int = 30, cols: int = 100) -> Iterator[Terminal]:
    env = dict(os.environ)
    if server is not None:
        env.update(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.base_url)
    command = starting.prepared(starting.SHORT_SLEEPS, PROGRAM, *words)
    with Terminal(command, env=env, rows=rows, cols=cols) as terminal:
        yield terminal
        assert "Traceback" not in terminal.text and KEY not in terminal.text


def reply(body: Mapping[str, Any]) -> Iterable[Step]:
    """Twenty pieces of text; a tool call first where tools are offered and have not answered yet."""
    answered = not isinstance(body["messages"][-1]["content"], str)
    yield Head()
    yield Send(message_start(body["model"], 5) + block_start())
    for number in range(20):
        yield Send(text_delta(f"pieza{number:02} "))
        yield Wait(0.01, fixed=True)
    end = block_stop()
    reason = "end_turn"
    if body.get("tools") and not answered:
        reason = "tool_use"
        for index, (name, arguments) in enumerate(
            [("calculate", {"expression": "6*7"}), ("current_time", {"zone": "UTC"})], 1
        ):
            call = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}
            piece = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
            end += block_start(index, call) + block_delta(piece, index) + block_stop(index)
    yield Send(end + message_delta(reason, {"output_tokens": 20}) + message_stop())


def stopping(*stop: Step) -> Scenario:
    """A reply that stops in the middle, each time it is asked for."""

    def script(body: Mapping[str, Any]) -> Iterable[Step]:
        yield Head()
        yield Send(message_start(body["model"], 5) + block_start() + text_delta("a medias"))
        yield from stop

    return Scenario("stop", "", lambda _: True, script)


@contextmanager
def serving(scenario: Scenario | None = None) -> Iterator[PracticeServer]:
    with PracticeServer(
        remember=True, scenarios=[scenario or Scenario("reply", "", lambda _: True, reply)]
    ) as server:
        yield server


def wait_for_count(terminal: Terminal, text: str, count: int) -> None:
    terminal.wait_for(lambda t: t.text.count(text) == count)


def finish(terminal: Terminal, number: int) -> None:
    """Answer what demo 4 asks."""
    if number == 4:
        for turn in range(1, 4):
            wait_for_count(terminal, "Tú [", turn)
            terminal.send("\r")


@pytest.mark.parametrize("number", NUMBERS)
def test_each_demo_runs_to_its_end(number: int) -> None:
    with serving() as server, demos(server, str(number)) as terminal:
        finish(terminal, number)
        assert terminal.wait_exit() == 0
        assert re.search(r"Primer texto: [\d.]+ s · total: [\d.]+ s · deltas: \d+", terminal.text)
        if number in (1, 2, 4, 5, 6):
            assert "pieza19" in terminal.text


@pytest.mark.parametrize("number", NUMBERS)
def test_each_demo_in_practice_mode_in_forty_columns(number: int) -> None:
    with demos(None, str(number), cols=40, rows=20) as terminal:
        finish(terminal, number)
        assert terminal.wait_exit(timeout=60) == 0
        assert "ANTHROPIC_API_KEY no encontrada" in terminal.text
        assert "no responde ninguna IA" in " ".join(terminal.text.split())
        assert "Primer texto:" in terminal.text


@pytest.mark.parametrize("number", NUMBERS)
def test_ctrl_c_in_a_demo_goes_back_to_the_menu_and_another_leaves(number: int) -> None:
    with serving(stopping(Hang())) as server, demos(server) as terminal:
        terminal.wait_for("Elige un número:")
        terminal.send(f"{number}\r")
        if number == 4:
            terminal.wait_for("Tú [")
            terminal.send("\r")
        assert server.wait_for(lambda: len(server.requests) == 1, timeout=20)
        if number != 6:  # without streaming nothing is there to see
            terminal.wait_for("a medias" if number != 3 else "≈2/1,024")
        terminal.send("\x03")
        kept = "Cancelada por ti: se conservan los 8 caracteres"
        terminal.wait_for("Demo cancelada." if number == 6 else kept)
        wait_for_count(terminal, "Elige un número:", 2)
        assert server.wait_for(lambda: server.open_connections == 0)
        while terminal.status is None:  # one that comes between the prompt and the reading of it is not seen
            terminal.send("\x03")
            with contextlib.suppress(AssertionError):
                terminal.wait_exit(timeout=2)
        assert terminal.status == 130


@pytest.mark.parametrize("number", NUMBERS)
def test_a_server_that_dies_is_one_sentence_and_the_menu_again(number: int) -> None:
    with serving(stopping(Wait(0.2, fixed=True), Cut())) as server, demos(server) as terminal:
        terminal.wait_for("Elige un número:")
        terminal.send(f"{number}\r")
        if number == 4:
            terminal.wait_for("Tú [")
            terminal.send("\r")
        terminal.wait_for("se cortó")
        assert terminal.text.count("⚠") == 1
        terminal.wait_for("Pulsa una tecla")
        terminal.send(" ")
        wait_for_count(terminal, "Elige un número:", 2)
        terminal.send("0\r")
        assert terminal.wait_exit() == 0


def test_a_demo_that_fails_has_the_exit_code_of_a_failure() -> None:
    with serving(stopping(Cut())) as server, demos(server, "1") as terminal:
        assert terminal.wait_exit() == 1


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("reason", "told", "code"),
    [("refusal", "Claude no quiso responder a esto.", 1), ("max_tokens", "al máximo de tokens", 0)],
)
def test_a_reply_that_is_not_whole_is_told(number: int, reason: str, told: str, code: int) -> None:
    end = block_stop() + message_delta(reason, {"output_tokens": 5}) + message_stop()
    with serving(stopping(Send(end))) as server, demos(server, str(number)) as terminal:
        if number == 4:
            terminal.wait_for("Tú [")
            terminal.send("\r")
        assert terminal.wait_exit() == code
        assert told in terminal.text
        if number == 2:
            assert ("(rechazada)" if code else "(cortada)") in terminal.text


def test_where_nothing_arrived_nothing_is_promised() -> None:
    failing = Scenario(
        "failing", "", lambda _: True, lambda _: error_reply(400, "invalid_request_error", "mal")
    )
    with serving(failing) as server, demos(server, "1") as terminal:
        assert terminal.wait_exit() == 1
        assert "⚠ La API no aceptó la petición" in terminal.text and "queda arriba" not in terminal.text


def test_the_menu() -> None:
    with serving() as server, demos(server) as terminal:
        terminal.wait_for("Elige un número:")
        for title in (
            "1. Streaming básico",
            "2. Streaming con panel visual",
            "3. Streaming con barra de progreso",
            "4. Conversación con streaming",
            "5. Streaming con herramientas",
            "6. Ver ventajas del streaming",
            "0. Salir",
        ):
            assert title in terminal.text
        assert "7. Cancelar" in terminal.text and "13. Comparar" in terminal.text
        for wrong in ("14", "hola", "-1", "1.5"):
            before = terminal.text.count("Elige un número:")
            terminal.send(f"{wrong}\r")
            terminal.wait_for(f"«{wrong}» no está en el menú: elige un número del 0 al 13.")
            wait_for_count(terminal, "Elige un número:", before + 1)
        terminal.send("\r")
        wait_for_count(terminal, "Elige un número:", 6)
        terminal.send("1\r")
        terminal.wait_for("Pulsa una tecla para volver al menú.")
        assert terminal.text.count("Elige un número:") == 6 and "Primer texto:" in terminal.text
        terminal.send("\x1b[B")
        wait_for_count(terminal, "Elige un número:", 7)
        terminal.send("\x04")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("key", ["\x03", "\x1b"])
def test_a_lesson_from_the_menu_is_cancelled_and_checks_it(key: str) -> None:
    with demos(None) as terminal:
        terminal.wait_for("Elige un número:")
        terminal.send("7\r")
        terminal.wait_for("Pulsa Enter para empezar…")
        terminal.send("\r")
        terminal.wait_for("El robot que regaba")
        terminal.send("\x1b[Ax")  # an arrow begins with an Esc that is no key, and what is typed is discarded
        terminal.send(key)
        terminal.wait_for("Lección superada: 5 comprobaciones", timeout=60)
        terminal.wait_for("Pulsa una tecla")
        terminal.send(" ")
        wait_for_count(terminal, "Elige un número:", 2)
        terminal.send("0\r")
        assert terminal.wait_exit() == 0


def test_the_panel_shows_markup_as_text_and_the_newest_lines() -> None:
    def script(body: Mapping[str, Any]) -> Iterable[Step]:
        yield Head()
        yield Send(message_start(body["model"], 5) + block_start() + text_delta("[bold]no[/dim] \x1b[2J\n"))
        for number in range(60):
            yield Send(text_delta(f"línea {number:02}\n"))
        yield Send(
            text_delta("[/dim]")
            + block_stop()
            + message_delta("end_turn", {"output_tokens": 5})
            + message_stop()
        )

    scenario = Scenario("markup", "", lambda _: True, script)
    with serving(scenario) as server, demos(server, "2", rows=20) as terminal:
        assert terminal.wait_exit() == 0
        assert "línea 59" in terminal.text and "[/dim]" in terminal.text
        assert b"\x1b[2J" not in terminal.raw


def test_the_context_that_is_sent_grows() -> None:
    with serving() as server, demos(server, "4") as terminal:
        terminal.wait_for("Tú [")
        terminal.send("mi pregunta\r")
        wait_for_count(terminal, "Tú [", 2)
        terminal.send("\r")
        wait_for_count(terminal, "Tú [", 3)
        terminal.send("fin\r")
        assert terminal.wait_exit() == 0
        assert re.search(r"1 +│ 1 +│ 5", terminal.text) and re.search(r"2 +│ 3 +│ 5", terminal.text)
        sent = server.requests[1].json()["messages"]
        assert [message["role"] for message in sent] == ["user", "assistant", "user"]
        assert sent[0]["content"] == "mi pregunta"


def test_the_tools_are_seen_at_work() -> None:
    with serving() as server, demos(server, "5") as terminal:
        assert terminal.wait_exit() == 0
        assert '{"expression": "6*7"}' in terminal.text
        assert re.search(r"✓ calculate: 42 \([\d.]+ ms\)", terminal.text)
        assert re.search(r"✓ current_time: \d{4}-\d\d-\d\d .* UTC", terminal.text)
        assert terminal.text.count("pieza19") == 2


def test_a_number_of_the_menu_in_the_conversation_goes_there_and_no_word_is_cut() -> None:
    with serving() as server, demos(server, cols=40) as terminal:
        terminal.wait_for("Elige un número:")
        terminal.send("4\r")
        terminal.wait_for("Tú [")
        terminal.send("\r")
        terminal.wait_for("Turno 1: enviados 1 mensaje y 5")
        wait_for_count(terminal, "Tú [", 2)
        terminal.send("1\r")
        terminal.wait_for("Así creció el contexto")
        terminal.wait_for("1. Streaming básico ─")
        terminal.wait_for("Pulsa una tecla")
        pieces = [f"pieza{number:02}" for number in range(20)]
        assert all("\n".join(terminal.text.splitlines()).count(piece) == 2 for piece in pieces)
        assert len(server.requests) == 2
        terminal.send("\r")
        wait_for_count(terminal, "Elige un número:", 2)
        terminal.send("0\r")
        assert terminal.wait_exit() == 0


def test_the_comparison_is_measured() -> None:
    with serving() as server, demos(server, "6") as terminal:
        assert terminal.wait_exit() == 0
        assert server.requests[0].json().get("stream") is None
        assert server.requests[1].json()["stream"] is True
        for aspect in ("Experiencia", "Atención", "Transparencia", "Cancelación", "Comodidad", "Complejidad"):
            assert aspect in terminal.text
        assert "20 deltas" in terminal.text


# -- without a terminal ------------------------------------------------------------------------


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return starting.run(
        [sys.executable, str(PROGRAM), *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **{"stdin": subprocess.DEVNULL, **options},
    )


def test_without_a_key_and_a_terminal_a_demo_practises_and_says_so_first() -> None:
    """Demos teach: what they write into a log is no answer that another program could mistake for one."""
    done = run("4")
    assert done.returncode == 0 and "\x1b" not in done.stdout and done.stderr == ""
    assert "Modo práctica" in done.stdout.splitlines()[0]
    assert done.stdout.count("Tú [") == 3
    assert "Te llamas **Ada**" in done.stdout and "no sé" not in done.stdout, (
        "practice can do what is proposed"
    )
    done = run("3", "--practice")
    assert done.returncode == 0 and "no responde ninguna IA" in done.stdout.splitlines()[0]
    assert "\nLa última cifra" in done.stdout, "what was drawn live ends with its row"


def test_wrong_words() -> None:
    for words in (["14"], ["0"], ["uno"], ["1", "2"], ["--nope"]):
        done = run(*words)
        assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")


def test_a_closed_stdin_leaves_the_menu() -> None:
    done = run("--practice")
    assert done.returncode == 0 and "¡Hasta pronto!" in done.stdout
    line = f"exec {sys.executable} {PROGRAM} --practice <&-"
    closed = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert closed.returncode == 0 and "Traceback" not in closed.stderr


def test_a_missing_package_is_told_in_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-S", str(PROGRAM)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Falta el paquete «") and done.stderr.count("\n") == 1


# -- the source is the lesson ------------------------------------------------------------------


def test_each_demo_is_short_and_uses_public_names_only() -> None:
    source = PROGRAM.read_text("utf-8")
    tree = ast.parse(source)
    lessons = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and any(isinstance(d, ast.Call) for d in node.decorator_list)
    ]
    lessons = [node for node in lessons if ast.unparse(node.decorator_list[0]).startswith("demo(")]
    assert len(lessons) == 6
    for node in lessons:
        assert node.end_lineno is not None
        assert node.end_lineno - node.lineno < 42, node.name
    imported = set(re.findall(r"^\s*from (\S+) import", source, re.MULTILINE))
    ours = {name for name in imported if name.startswith("stream_core")}
    # How figures are written is the same on every screen, and no lesson.
    figures = {"stream_core.core.numbers", "stream_core.terminal.rows.figures"}
    checked = {"stream_core.lessons", "stream_core.lessons.running"}
    tools = {"stream_core.tools.calculator", "stream_core.tools.clock"}
    look = {  # the second page of the panel shows what the chat's own screen can do
        "stream_core.config.options.appearance",
        "stream_core.config.options.effects",
        "stream_core.terminal.device.background",
        "stream_core.terminal.screen",
    }
    keys = {"stream_core.terminal.device.quiet_terminal"}  # the same for every demo
    assert ours == {"stream_core", *tools, *checked, *figures, *look, *keys}
    assert {name.split(".")[0] for name in imported} <= {
        *sys.stdlib_module_names,
        "rich",
        "stream_core",
        "anthropic",
    }
