"""The one-shot mode as a script has it: the real program, its streams and its exit codes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import starting
from support.chats import HOSTILE, KEY, answering
from support.oneshots import command, environment, run, started
from support.paths import PROGRAM
from support.terminal import Terminal
from support.wire import body, events, playing, recorded

from stream_core.practice.script import Cut, Hang, Head, Send, Step, error_reply

TEXT = "¡Hola desde el año ñandú 👋🏽!"


# -- the answer --------------------------------------------------------------------------------


def test_only_the_text_goes_to_stdout() -> None:
    with playing(body(recorded("text"))) as server:
        host = urlsplit(server.base_url).netloc  # its path is a key
        done = run(server, "hola", "qué tal")
        assert server.requests[0].json()["messages"] == [{"role": "user", "content": "hola qué tal"}]
    assert done.returncode == 0
    assert done.stdout.decode() == TEXT
    assert b"\x1b" not in done.stdout + done.stderr
    assert f"Servidor: {host}" in done.stderr.decode()


def test_what_a_server_deviates_in_costs_no_answer() -> None:
    """Each in a reply of its own; what may have cost something is told on stderr."""
    whole = recorded("text")
    unnamed = re.sub(rb"(?m)^event: .*\n", b"", whole)
    unclosed = b"".join(part for part in events("text") if b"content_block_stop" not in part)
    unreasoned = b"".join(part for part in events("text") if b"message_delta" not in part)
    for data, note in ((unnamed, ""), (unclosed, ""), (unreasoned, "Puede que falte algo de la respuesta")):
        with playing(body(data)) as server:
            done = run(server, "hola")
        assert (done.returncode, done.stdout.decode()) == (0, TEXT)
        assert note in " ".join(done.stderr.decode().split()) and ("Puede" in done.stderr.decode()) == bool(
            note
        )


def test_piped_text_is_joined_to_the_argument() -> None:
    with playing(body(recorded("text"))) as server:
        run(server, "Resume:", input="\ufeffuna\r\ndos \x1b[31mroja\x1b[0m\n".encode())
        run(server, input=b"sin argumento")
        sent = [request.json()["messages"][0]["content"] for request in server.requests]
    assert sent == ["Resume:\n\nuna\ndos roja", "sin argumento"]


def test_a_file_as_input(tmp_path: Path) -> None:
    (tmp_path / "pregunta.txt").write_text("desde un archivo", "utf-8")
    with playing(body(recorded("text"))) as server, (tmp_path / "pregunta.txt").open("rb") as file:
        assert run(server, stdin=file).returncode == 0
        assert server.requests[0].json()["messages"][0]["content"] == "desde un archivo"


def test_a_pipe_that_says_nothing_is_not_waited_for_in_silence() -> None:
    with playing(body(recorded("text"))) as server:
        with starting.Popen(
            command("hola"),
            env=environment(server),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            assert "Esperando el texto que llega por la entrada" in process.stderr.readline().decode()
            out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and out.decode() == TEXT


def test_hostile_output_is_sanitised_in_a_pipe_too() -> None:
    with playing(answering(*HOSTILE)) as server:
        out = run(server, "hola").stdout.decode()
    assert out == "rojo   al revés   [bold]no[/bold]  fin"


def test_on_a_terminal_a_last_newline_is_added_and_nothing_else() -> None:
    with playing(body(recorded("text"))) as server:
        with Terminal(command("hola"), env=environment(server)) as terminal:
            assert terminal.wait_exit() == 0
            assert terminal.raw.decode().endswith(f"{TEXT}\r\n")
            assert "\x1b" not in terminal.raw.decode()


def test_the_text_streams() -> None:
    first = answering("lo primero", then=[Hang()])
    with playing(first) as server, started(server, "hola", real=True) as process:
        assert process.stdout is not None
        assert process.stdout.read(len("lo primero")) == b"lo primero"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert server.wait_for(lambda: server.hangups == 1)
    assert process.returncode == 130
    assert "Cancelada por ti" in err.decode()


def test_an_encoding_that_lacks_characters_gets_replacements() -> None:
    with playing(body(recorded("text"))) as server:
        done = starting.run(
            command("hola"),
            env=environment(server, PYTHONIOENCODING="ascii"),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0
    assert done.stdout == b"?Hola desde el a?o ?and? ??!"


def searching(
    question: str = "Busca en la web las novedades de Python",
) -> subprocess.CompletedProcess[bytes]:
    return run(None, "--practice", "--web-search", question)


def test_a_cited_sentence_is_whole_and_its_sources_are_on_stderr() -> None:
    done = searching()
    out = done.stdout.decode()
    assert "\n\nSegún lo que encontré, cada otoño sale una versión de Python y dura cinco años.\n" in out
    told = done.stderr.decode()
    assert (
        "Fuentes:\n[1] Novedades de Python · example.com\n[2] Calendario de versiones · example.org\n" in told
    )


def test_a_break_stands_where_a_tool_does() -> None:
    assert "web…\n\nSegún" in searching().stdout.decode()
    assert "web…\n\nSegún" in searching("Busca con calma en la web las novedades de Python").stdout.decode()


@pytest.mark.parametrize("stderr", ["closed", "full", "unread", "gone"])
def test_a_stderr_that_takes_nothing_costs_no_answer(stderr: str) -> None:
    reading, writing = os.pipe()
    target = writing
    if stderr == "full":
        if not Path("/dev/full").exists():
            pytest.skip("needs a device that is always full")
        target = os.open("/dev/full", os.O_WRONLY)
    elif stderr == "unread":
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
    elif stderr == "gone":
        os.close(reading)
    without = ["sh", "-c", 'exec "$0" "$@" 2>&-'] if stderr == "closed" else []
    with playing(body(recorded("text"))) as server:
        done = starting.run(
            [*without, *command("--thinking", "no", "hola")],
            env=environment(server),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=target,
            timeout=60,
            check=False,
        )
    assert (done.stdout.decode(), done.returncode) == (TEXT, 0)
    for descriptor in {target, writing, reading} - ({reading} if stderr == "gone" else set()):
        os.close(descriptor)


# -- exit codes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "code", "sentence", "out"),
    [
        pytest.param([Head(), Send(b"".join(events("text")[:4])), Cut()], 1, "se cortó", "¡Hola", id="cut"),
        pytest.param(list(error_reply(400, "invalid_request_error", "mal")), 1, "«mal»", "", id="400"),
        pytest.param(
            list(error_reply(401, "authentication_error", "mal")), 2, "ANTHROPIC_API_KEY", "", id="401"
        ),
        pytest.param(list(error_reply(404, "not_found_error", "model: x")), 1, "no existe", "", id="404"),
        pytest.param(body(recorded("refusal")), 1, "categoría: cyber", "No puedo", id="refusal"),
        pytest.param(
            body(recorded("max_tokens")), 0, "máximo de tokens", "Una respuesta que se", id="max_tokens"
        ),
    ],
)
def test_failures(script: list[Step], code: int, sentence: str, out: str) -> None:
    with playing(script) as server:
        done = run(server, "hola")
    assert done.returncode == code
    assert sentence in done.stderr.decode()
    assert done.stdout.decode() == out


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        env = environment(None, ANTHROPIC_BASE_URL=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with starting.Popen(
            command("hola"), env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stderr is not None
            lines = [process.stderr.readline().decode() for _ in range(2)]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert "Reintento 2/4" in lines[1] and "rechazó la conexión" in lines[1]
    assert process.returncode == 130


def test_a_reader_that_leaves_is_no_drama() -> None:
    pieces = [f"línea {number}\n" for number in range(3000)]
    with playing(answering(*pieces)) as server, started(server, "hola") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().decode() == "línea 0\n"
        process.stdout.close()
        assert process.wait(30) == 1
        told = process.stderr.read().decode()
    assert "Traceback" not in told and "BrokenPipe" not in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_nowhere_to_write() -> None:
    with playing(body(recorded("text"))) as server, Path("/dev/full").open("wb") as full:
        done = starting.run(
            command("hola"),
            env=environment(server),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert "no queda espacio" in done.stderr.decode() and b"Traceback" not in done.stderr
        line = f"exec {sys.executable} {PROGRAM} hola >&-"
        shut = subprocess.run(
            ["sh", "-c", line],
            env=environment(server),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert shut.returncode == 2
    assert "La salida está cerrada" in shut.stderr.decode() and b"Traceback" not in shut.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--nope"], "No conozco la opción «--nope»"),
        (["--max-tokens", "0", "hola"], "no es un número entero"),
        (["-m", "", "hola"], "no sirve como nombre de modelo"),
        (["-m", "claude-sonnet-4-20250514", "hola"], "se retiró"),
        (["   "], "No hay pregunta"),
        ([], "El chat necesita una terminal"),
    ],
)
def test_what_is_wrong_with_the_command_line(arguments: list[str], sentence: str) -> None:
    done = starting.run(
        command(*arguments),
        env=environment(None, ANTHROPIC_API_KEY=KEY),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert sentence in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


def test_a_closed_stdin() -> None:
    line = f"exec {sys.executable} {PROGRAM} <&-"
    done = subprocess.run(
        ["sh", "-c", line], env=environment(None), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "necesita una terminal" in done.stderr.decode()


def test_an_empty_pipe() -> None:
    with playing(body(b"")) as server:
        done = run(server, input=b" \n")
        assert server.requests == []
    assert done.returncode == 2 and "No hay pregunta" in done.stderr.decode()


def test_too_much_input() -> None:
    with playing(body(b"")) as server:
        done = run(server, input=b"a" * (8 * 1024 * 1024 + 1))
    assert done.returncode == 2 and "8 MB" in done.stderr.decode()


# -- practice ----------------------------------------------------------------------------------


def test_a_script_without_a_key_is_refused() -> None:
    done = run(None, "hola")
    assert done.returncode == 2
    assert done.stdout == b""
    assert "ANTHROPIC_API_KEY no encontrada" in done.stderr.decode()


def test_a_script_may_ask_for_practice() -> None:
    done = run(None, "--practice", "¿de qué color es el mar?")
    assert done.returncode == 0
    assert "no responde ninguna IA" in done.stderr.decode()
    assert "aquí no hay ninguna IA leyendo" in done.stdout.decode()


def test_a_person_without_a_key_gets_practice_labelled() -> None:
    with Terminal(command("hola"), env=environment(None)) as terminal:
        assert terminal.wait_exit() == 0
        assert "ANTHROPIC_API_KEY no encontrada" in terminal.text
        assert "no responde ninguna IA" in terminal.text
