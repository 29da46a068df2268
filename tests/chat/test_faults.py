"""The faults, one by one: on the real wire through both shells, and as a person sees them."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture
from support import faults, starting
from support.chats import KEY, chat, leave, prompts, wait_for_prompt
from support.faults import COUNTING, IMPATIENT, ROWS, TEXT, note_of
from support.paths import PROGRAM, ROOT, TESTS
from support.replies import QUICK, Read, comparable, endings, read
from support.wire import REQUEST, Result, body, playing, read_async, read_sync

from stream_core import (
    Cancelled,
    Failed,
    Finished,
    RetryPolicy,
    Settings,
    Timeouts,
    Unknown,
    Waiting,
    fetch_reply,
    open_client,
    stream_reply,
    stream_turn,
)
from stream_core.chat.commands import next_words
from stream_core.core import errors
from stream_core.core.deltas import Delta, Usage
from stream_core.practice.events import text_delta
from stream_core.practice.faults import PIECES, groups, load, midway
from stream_core.practice.lab import Armed, Lab, parse
from stream_core.practice.script import Head, Send
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop

__all__ = ["read"]  # the fixture that gives both shells

FIVE = "Uno, dos, tres, cuatro, cinco,"[:30]
ALL = sorted(fault.name for fault in load())


def both(typed: str, *, requests: int = 1, **options: Any) -> Result:
    """Play a fault through both shells: the same deltas and one ending, and the next question works."""
    results = []
    for read_it in (read_sync, read_async):
        with PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server:
            server.lab.arm(parse(typed))
            results.append(read_it(server.base_url, **options))
            assert len(server.requests) == requests
            while server.lab.next is not None:  # what was armed beyond the attempts
                server.lab.apply(())
            assert read_it(server.base_url).reply.text == TEXT
    sync, asynchronous = results
    assert comparable(sync.deltas) == comparable(asynchronous.deltas)
    assert sync.reply.text == asynchronous.reply.text
    assert len(endings(sync)) == 1
    assert "<" not in note_of(sync) and "Traceback" not in note_of(sync)
    return sync


def failed(result: Result, kind: type[errors.StreamCoreError], kept: str) -> None:
    """A reply that broke: what had arrived is there, and one sentence says why."""
    assert type(result.reply.error) is kind
    assert result.reply.text == kept
    assert result.reply.outcome == "interrupted" if kept else result.reply.outcome in ("error", "interrupted")
    assert note_of(result)


def retried(typed: str, kind: type[errors.StreamCoreError]) -> None:
    """A fault that goes away: tried again, visibly, and never without a policy; one that stays: given up."""
    result = both(typed, requests=2, retry=QUICK)
    waits = [delta for delta in result.deltas if isinstance(delta, Waiting) and delta.reason == "retry"]
    assert {type(wait.cause) for wait in waits} == {kind}
    assert result.reply.outcome == "complete" and result.reply.text == TEXT
    failed(both(typed), kind, "")
    failed(both(f"{typed}x9", requests=3, retry=QUICK), kind, "")


def whole(typed: str, text: str = TEXT) -> Result:
    """A fault that takes nothing from the reply."""
    result = both(typed)
    assert result.reply.outcome == "complete" and result.reply.text == text
    assert note_of(result) == ""
    return result


# -- the wire and the network ------------------------------------------------------------------


def test_fault_01_end() -> None:
    failed(both("incompleto"), errors.Truncated, FIVE)
    failed(both("incompleto:0"), errors.Truncated, "")
    result = both("incompleto:99999")  # as far as it goes: all the text, and no end
    failed(result, errors.Truncated, TEXT)
    failed(both("incompleto", retry=QUICK), errors.Truncated, FIVE)  # after the first text never again


def test_fault_02_no_message_stop() -> None:
    ending = whole("sin-final").deltas[-1]
    assert isinstance(ending, Finished) and not ending.clean


def test_fault_03_cut() -> None:
    failed(both("corte"), errors.ConnectionLost, FIVE)
    failed(both("corte", retry=QUICK), errors.ConnectionLost, FIVE)
    assert both("corte:0", requests=2, retry=QUICK).reply.text == TEXT


def test_fault_04_reset() -> None:
    failed(both("reset"), errors.ConnectionLost, FIVE)


def test_fault_05_silence() -> None:
    result = both("silencio", timeouts=IMPATIENT)
    failed(result, errors.IdleTimeout, FIVE)
    reasons = {delta.reason for delta in result.deltas if isinstance(delta, Waiting)}
    assert reasons - {"first_byte"} == {"idle"}  # on a busy machine the first byte takes its time as well


def test_fault_06_pings() -> None:
    failed(both("pings", timeouts=IMPATIENT), errors.IdleTimeout, FIVE)


def test_pings_are_waited_for_and_cancelled(read: Read) -> None:
    waits: list[Waiting] = []

    def watch(stream: Any, delta: Delta) -> None:
        if isinstance(delta, Waiting) and stream.reply.text:  # a busy machine may be slow to begin
            waits.append(delta)
            if len(waits) == 3:
                stream.cancel()

    with PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server:
        server.lab.arm(parse("pings"))
        result = read(server.base_url, watch, timeouts=Timeouts(notice=0.05))
        assert server.wait_for(lambda: server.hangups == 1)
    assert isinstance(result.deltas[-1], Cancelled) and result.reply.text == FIVE
    elapsed = [wait.seconds for wait in waits]
    assert {wait.reason for wait in waits} == {"idle"} and elapsed == sorted(elapsed)


def test_fault_07_slow_headers() -> None:
    result = both("cabeceras:1", timeouts=Timeouts(notice=0.1))
    assert isinstance(result.deltas[0], Waiting) and result.deltas[0].reason == "first_byte"
    assert result.reply.outcome == "complete"


def test_fault_08_no_such_host(read: Read, mocker: MockerFixture) -> None:
    mocker.patch("socket.getaddrinfo", side_effect=socket.gaierror(-2, "unknown"))
    result = read("http://nadie.invalid", retry=QUICK)
    failed(result, errors.HostNotFound, "")
    assert {delta.attempt for delta in result.deltas if isinstance(delta, Waiting)} == {2, 3}


def test_fault_09_refused(read: Read) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = read(f"http://127.0.0.1:{taken.getsockname()[1]}", retry=QUICK)
    failed(result, errors.ConnectionRefused, "")
    assert {delta.attempt for delta in result.deltas if isinstance(delta, Waiting)} == {2, 3}


@contextmanager
def tls_server(folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server with a certificate that nobody has signed; also what reached it through TLS."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([openssl, *made, *names], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    got: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                sock = listener.accept()[0]
            except OSError:  # closed: the test is over
                return
            with sock:
                try:
                    got.append(context.wrap_socket(sock, server_side=True).recv(1))
                except OSError:  # the client hung up in the handshake
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", got
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_fault_10_untrusted_certificate(read: Read, tmp_path: Path) -> None:
    with tls_server(tmp_path) as (url, got):
        result = read(url, retry=QUICK)
        assert got == []
    failed(result, errors.TlsFailed, "")
    assert len(result.deltas) == 1  # not tried again: it would not be trusted then either


def test_fault_11_portal() -> None:
    failed(both("html", retry=QUICK), errors.NotTheApi, "")


def test_fault_12_other_json() -> None:
    failed(both("json", retry=QUICK), errors.NotTheApi, "")


def test_fault_13_empty_body() -> None:
    assert both("vacio", requests=2, retry=QUICK).reply.text == TEXT
    failed(both("vaciox9", requests=2, retry=QUICK), errors.Truncated, "")


def test_fault_14_proxy() -> None:
    retried("502", errors.ServerError)


def test_fault_15_redirect(read: Read) -> None:
    failed(both("redireccion", retry=QUICK), errors.Redirected, "")
    with playing(body(b"")) as elsewhere:
        location = (("location", f"{elsewhere.base_url}/v1/messages"),)
        with playing([Head(307, location, framing=0)]) as server:
            failed(read(server.base_url), errors.Redirected, "")
        assert elsewhere.connections == 0


def test_fault_16_broken_json() -> None:
    failed(both("json-roto"), errors.ProtocolError, FIVE)


def test_fault_17_invalid_utf8() -> None:
    whole("utf8", f"{FIVE} (\ufffd\ufffd) {TEXT.removeprefix(FIVE)}")


def test_fault_18_lone_surrogate() -> None:
    whole("sustituto", f"{FIVE} (\ufffd) {TEXT.removeprefix(FIVE)}")


def test_fault_19_byte_order_mark() -> None:
    whole("bom")


def test_fault_20_unknown() -> None:
    result = whole("desconocido")
    assert [delta.type for delta in result.deltas if isinstance(delta, Unknown)] == [
        "holograma",
        "holograma",
        "holograma_delta",
        "aroma_delta",
    ]


@pytest.mark.parametrize(
    ("typed", "kind", "kept"),
    [
        (
            "protocolo",
            errors.Truncated,
            "a",
        ),  # what deviates is taken; that the rest does not come is the fault
        ("indice", errors.Truncated, f"{FIVE}a"),
        ("doble", errors.ProtocolError, FIVE),
    ],
)
def test_fault_21_protocol(typed: str, kind: type[errors.StreamCoreError], kept: str) -> None:
    failed(both(typed, retry=QUICK), kind, kept)


def test_fault_22_giant_event(read: Read) -> None:
    whole("gigante", f"{FIVE} (y un trozo enorme) {TEXT.removeprefix(FIVE)}")
    text = "palabra " * 250_000
    with PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server:
        giant = midway("texto", 22, "", Send(text_delta(text)), goes_on=True)
        server.lab.arm(Armed(giant, 5, 1))
        assert text in read(server.base_url).reply.text


@pytest.mark.parametrize("typed", ["crlf", "goteo"])
def test_fault_23_odd_framing(typed: str) -> None:
    whole(typed)


# -- the API -----------------------------------------------------------------------------------


def test_fault_24_bad_request() -> None:
    result = both("400", retry=QUICK)
    failed(result, errors.BadRequest, "")
    assert "(«messages: mal»)" in note_of(result)


def test_fault_25_refused_key() -> None:
    result = both("401", retry=QUICK)
    failed(result, errors.AuthFailed, "")
    assert "ANTHROPIC_API_KEY" in note_of(result)


@pytest.mark.parametrize("typed", ["402", "403"])
def test_fault_26_no_access(typed: str) -> None:
    failed(both(typed, retry=QUICK), errors.AccessDenied, "")


def test_fault_27_no_such_model() -> None:
    result = both("404", retry=QUICK)
    failed(result, errors.ModelNotFound, "")
    assert f"«{REQUEST['model']}»" in note_of(result)


@pytest.mark.parametrize("typed", ["413", "larga"])
def test_fault_28_too_large(typed: str) -> None:
    result = both(typed, retry=QUICK)
    failed(result, errors.TooLarge, "")
    assert "«limpiar»" in note_of(result)


def test_fault_29_short_rate_limit() -> None:
    failed(both("429"), errors.RateLimited, "")
    result = both("429:1", requests=2, retry=QUICK)
    first = next(delta for delta in result.deltas if isinstance(delta, Waiting) and delta.reason == "retry")
    assert isinstance(first.cause, errors.RateLimited)
    assert first.seconds > 0.5  # what the API asked for, not our own hundredth
    assert result.reply.text == TEXT


def test_fault_30_long_rate_limit() -> None:
    result = both("429-largo", retry=RetryPolicy())
    failed(result, errors.RateLimited, "")
    assert "dentro de 60 minutos" in note_of(result)


@pytest.mark.parametrize("typed", ["408", "409", "500", "503"])
def test_fault_31_server_errors(typed: str) -> None:
    retried(typed, errors.ServerError)


def test_fault_32_overloaded() -> None:
    retried("529", errors.Overloaded)


def test_fault_33_error_first() -> None:
    retried("error-primero", errors.Overloaded)


def test_fault_34_overloaded_midway() -> None:
    failed(both("saturado", retry=QUICK), errors.Overloaded, FIVE)


def test_fault_35_broken_error() -> None:
    failed(both("error-roto", retry=QUICK), errors.ApiError, FIVE)


def told(typed: str, outcome: str, sentence: str) -> None:
    """A reply that ended in order, and of which something is to be said."""
    result = both(typed, retry=QUICK)
    assert result.reply.outcome == outcome and result.reply.text == FIVE
    assert sentence in note_of(result)


def test_fault_36_max_tokens() -> None:
    told("max-tokens", "max_tokens", "máximo de tokens")


def test_fault_37_refusal() -> None:
    told("rechazo", "refused", "(categoría: cyber)")


def test_fault_38_context_window() -> None:
    told("contexto", "max_tokens", "«limpiar»")


def test_fault_39_unknown_stop_reason() -> None:
    told("motivo", "complete", "«brand_new_reason»")


def test_fault_40_pause() -> None:
    told("pausa", "complete", "Pide que siga")
    with PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server:
        server.lab.arm(parse("pausa"))
        client = open_client(base_url=server.base_url)
        with stream_turn(client, tools=[], **REQUEST) as turn:
            list(turn)
        event_loop.submit(client.close()).result()
        assert len(server.requests) == 2
    assert turn.result.outcome == "complete" and turn.result.text == f"{FIVE}\n\n{TEXT}"


def test_fault_41_retired_model() -> None:
    done = once("-m", "claude-sonnet-4-20250514", "hola", key=True)
    assert done.returncode == 2 and "se retiró" in done.stderr.decode()


def test_fault_42_no_key() -> None:
    client = open_client()
    with stream_reply(client, **REQUEST) as stream:
        (ending,) = stream
    assert isinstance(ending, Failed) and type(ending.error) is errors.NoCredential
    event_loop.submit(client.close()).result()


# -- other servers -----------------------------------------------------------------------------


def deviating(typed: str, *codes: str, text: str = TEXT) -> Result:
    """A reply of which nothing is lost, and whose deviations are noted and not told."""
    result = whole(typed, text)
    ending = result.deltas[-1]
    assert isinstance(ending, Finished) and ending.deviations == codes
    return result


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("ollama", ("no_block_stop", "index")),
        ("llama-cpp", ("no_block_stop",)),
        ("salto", ("index",)),
        ("sin-cierre", ("no_block_stop",)),
        ("doble-cierre", ("extra_block_stop",)),
    ],
)
def test_fault_67_blocks(typed: str, codes: tuple[str, ...]) -> None:
    result = deviating(typed, *codes)
    kinds = [block["type"] for block in result.reply.blocks]
    assert set(kinds) == ({"thinking", "text"} if typed == "ollama" else {"text"})
    assert "".join(block.get("text", "") for block in result.reply.blocks) == TEXT


def test_fault_68_usage() -> None:
    assert deviating("sin-cuenta", "no_usage").reply.usage == Usage()
    usage = deviating("cuenta-final").reply.usage
    assert (usage.input_tokens, usage.output_tokens) == (5, whole("bom").reply.usage.output_tokens)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("solo-data", ["event_name"]),
        ("nombres", ["event_name"]),
        ("done", ["done_marker", "no_message_stop"]),
        ("latidos", ["not_json"]),
        ("sin-tipo", ["content_type"]),
    ],
)
def test_fault_69_framing(typed: str, codes: list[str]) -> None:
    deviating(typed, *codes)


def test_fault_70_one_message() -> None:
    deviating("json-entero", "whole_message")


def test_fault_71_nulls() -> None:
    deviating("nulos", "value")


def test_fault_72_start() -> None:
    deviating("repetido", "message_start_again")
    deviating("sin-inicio", "no_message_start")
    ending = deviating("en-inicio").deltas[-1]
    assert isinstance(ending, Finished) and ending.stop_reason == "end_turn"
    assert ending.container == {"id": "container_practice", "expires_at": None}


def test_fault_73_text_elsewhere() -> None:
    result = deviating("texto-ajeno", "delta_kind", "index", text=f"Busco… \n\n{TEXT}")
    assert [block["type"] for block in result.reply.blocks if block["type"] != "text"] == [
        "server_tool_use",
        "web_search_tool_result",
    ]


def test_fault_74_new_blocks() -> None:
    result = deviating("partes-nuevas", "index")
    assert [block["type"] for block in result.reply.blocks] == [
        "mcp_tool_use",
        "mcp_tool_result",
        "compaction",
        "holograma",
        "text",
    ]
    assert result.reply.blocks[0]["server_name"] == "notas" and result.reply.blocks[3]["forma"] == "cubo"


def test_fault_75_no_stop_reason() -> None:
    ending = both("sin-motivo").deltas[-1]
    assert isinstance(ending, Finished) and ending.deviations == ("no_stop_reason",)
    assert ending.stop_reason == "end_turn"


def test_fault_76_open_at_the_limit() -> None:
    told("max-abierto", "max_tokens", "máximo de tokens")


@pytest.mark.parametrize("typed", ["error-texto", "error-detail", "error-msg", "error-openai"])
def test_fault_77_error_frames(typed: str) -> None:
    result = both(typed, retry=QUICK)
    assert isinstance(result.reply.error, errors.ApiError)
    failed(result, type(result.reply.error), FIVE)
    assert "(«the engine is out of memory»)" in note_of(result)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("vllm", errors.BadRequest), ("fastapi", errors.BadRequest), ("ollama-error", errors.ServerError)],
)
def test_fault_78_http_errors(typed: str, kind: type[errors.StreamCoreError]) -> None:
    result = both(typed)
    failed(result, kind, "")
    assert "the engine is out of memory»)" in note_of(result)


# -- as a person sees them ---------------------------------------------------------------------

WAITING = {"silencio", "pings", "cabeceras"}
AGAIN = {"vacio", "502", "429", "408", "409", "500", "503", "529", "error-primero", "ollama-error"}


def squeezed(text: str) -> str:
    """Text without its blanks, so that it does not matter where a window wraps it."""
    return "".join(text.split())


def test_what_a_person_sees() -> None:
    """Each fault in one chat, one after the other, with a key that must never be seen."""
    with (
        PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server,
        chat(server, rows=50) as terminal,
    ):
        for number, name in enumerate((name for name in ALL if name not in WAITING | AGAIN), 1):
            # In the chat a pause is no end: the next request goes out, and brings the rest.
            expected = TEXT if name == "pausa" else note_of(both(name))
            before = len(terminal.text)
            server.lab.arm(parse(name))
            terminal.send(f"pregunta {number}\r")
            wait_for_prompt(terminal, number + 1)
            shown = terminal.text[max(0, before - 200) :]
            assert squeezed(expected) in squeezed(shown), name
            assert shown.count("⚠") <= 2, name  # the sentence; that of the fault before may still be in sight
        assert not {"<html", "<body", "nginx", "Wifi gratis", "Traceback"} & set(terminal.text.split())
        assert KEY not in terminal.text
        terminal.send("la última\r")
        wait_for_prompt(terminal, number + 2)
        assert squeezed(TEXT) in squeezed(terminal.text[-1500:])
        leave(terminal)


AT_ONCE = """
from functools import partial
from stream_core.chat.reply import request_parameters
request_parameters.Timeouts = partial(request_parameters.Timeouts, notice=0.1)
"""
"""A wait is told of after a moment."""


def test_a_person_sees_each_wait_and_can_end_it() -> None:
    with (
        PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server,
        chat(server, statements=AT_ONCE) as terminal,
    ):
        for number, typed in enumerate(("silencio", "pings", "cabeceras:60"), 1):
            server.lab.arm(parse(typed))
            terminal.send(f"pregunta {number}\r")
            words = (
                "Esperando a que Claude empiece" if typed.startswith("cabeceras") else "Sin texto nuevo desde"
            )
            terminal.wait_for(words)
            terminal.send("\x03")
            wait_for_prompt(terminal, number + 1)
        assert terminal.text.count("Cancelada por ti.") == 3
        server.lab.arm(parse("529"))
        terminal.send("y ahora\r")
        terminal.wait_for("Reintento 2/4 en")
        wait_for_prompt(terminal, 5)
        assert squeezed(TEXT) in squeezed(terminal.text)
        leave(terminal)


def test_faults_are_rehearsed_in_practice_mode() -> None:
    flags = ("--practice", "--fault", "401")
    with chat(None, *flags, rows=120) as terminal:
        assert "La próxima pregunta tendrá el fallo «401». La API no acepta la clave." in terminal.text
        terminal.send("hola\r")
        terminal.wait_for("La API no aceptó la clave")
        wait_for_prompt(terminal, 2)
        terminal.send("/fallos\r")
        wait_for_prompt(terminal, 3)
        assert "explica los de ese grupo" in terminal.text
        assert not [group.name for group in groups() if f"{group.title} (" not in terminal.text]
        for group in groups():
            number = prompts(terminal) + 1
            terminal.send(f"/fallos {group.name}\r")
            wait_for_prompt(terminal, number)
        words = " ".join(terminal.text.split())
        for fault in load():
            assert " ".join(fault.summary.split()) in words
        terminal.send("/fallos servidor\r")
        terminal.wait_for("Los grupos son «red»")
        terminal.send("/fallo corta\r")
        terminal.wait_for("¿Querías decir «corte»?")
        terminal.send("/fallo\r")
        terminal.wait_for("Di qué fallo quieres ensayar")
        terminal.send("/fallo 401x9\r")
        terminal.wait_for("Los 9 próximos envíos")
        terminal.send("/fallo corte:3\r")  # in place of the one that waits
        terminal.wait_for("el fallo «corte» (tras 3 trozos).")
        number = prompts(terminal) + 1
        terminal.send("hola\r")
        terminal.wait_for("La conexión se cortó")
        wait_for_prompt(terminal, number)
        terminal.send("/fallo 401\r")
        wait_for_prompt(terminal, number + 1)
        terminal.send("/fallo no\r")
        terminal.wait_for("Ya no hay ningún fallo preparado")
        terminal.send("hola\r")
        terminal.wait_for("(completa)")
        leave(terminal)


def test_the_faults_complete() -> None:
    assert [word for word, _ in next_words("/fallo ", Settings())] == [fault.name for fault in load()]
    assert not next_words("/fallo corte ", Settings())
    assert [word for word, _ in next_words("/fallos ", Settings())] == [group.name for group in groups()]


def test_with_a_key_there_is_nothing_to_rehearse() -> None:
    with PracticeServer(remember=True, pace=0) as server, chat(server) as terminal:
        terminal.send("/fallo corte\r")
        terminal.wait_for("Los fallos se ensayan en modo práctica")
        leave(terminal)


def once(*arguments: str, key: bool = False) -> subprocess.CompletedProcess[bytes]:
    """The program in its one-shot mode, to its end."""
    env = {**os.environ, **({"ANTHROPIC_API_KEY": KEY} if key else {})}
    done = starting.run(
        [sys.executable, str(PROGRAM), *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert KEY.encode() not in done.stdout + done.stderr and b"Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        ("corte:3", 1, "La conexión se cortó"),
        ("401", 2, "La API no aceptó la clave"),
        ("max-tokens", 0, "máximo de tokens"),
    ],
)
def test_exit_codes_can_be_seen(typed: str, code: int, sentence: str) -> None:
    done = once("--practice", "--fault", typed, "hola")
    assert done.returncode == code and sentence in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--fault", "corte"], "añade --practice"),
        (["--practice", "--fault", "corta"], "¿Querías decir «corte»?"),
        (["--practice", "--fault", "\x1b[31m"], "no se entiende"),
    ],
)
def test_a_fault_that_cannot_be_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = once(*arguments, "hola", key=True)
    assert done.returncode == 2 and sentence in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1 and b"\x1b" not in done.stderr and done.stdout == b""


# -- the lab -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number", "times"),
    [
        ("corte", 5, 1),
        ("corte:12", 12, 1),
        (" CORTE:0x2 ", 0, 2),
        ("529x3", 0, 3),
        ("502", 0, 1),
        ("429:20", 20, 1),
    ],
)
def test_what_is_typed(typed: str, number: int, times: int) -> None:
    armed = parse(typed)
    assert (armed.number, armed.times) == (number, times)
    assert armed.fault.name == typed.strip().lower().split(":")[0].split("x")[0]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "no se entiende"),
        ("corte:", "no se entiende"),
        ("corte 12", "no se entiende"),
        ("corte:123456", "no se entiende"),
        ("cortex0", "No conozco el fallo «cortex0»"),
        ("cort", "¿Querías decir «corte»?"),
        ("zzz", "«/fallos»"),
        ("bom:3", "no lleva número"),
    ],
)
def test_what_is_no_fault(typed: str, told: str) -> None:
    with pytest.raises(ValueError, match="«") as refused:
        parse(typed)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("bom", "La próxima pregunta tendrá el fallo «bom». "),
        ("corte:1", "«corte» (tras 1 trozo). "),
        ("cabeceras", "«cabeceras» (de 8 segundos). "),
        ("529x2", "Los 2 próximos envíos tendrán el fallo «529». "),
    ],
)
def test_what_is_going_to_happen(typed: str, told: str) -> None:
    assert told in parse(typed).announcement


def test_faults_wait_in_order_and_only_a_reply_takes_one() -> None:
    lab = Lab()
    lab.arm(parse("401x2"))
    lab.arm(parse("bom"))
    with PracticeServer(remember=True, scenarios=[COUNTING], pace=0, lab=lab) as server:
        kinds = []
        for model in ("no-existe", *[REQUEST["model"]] * 4):
            kinds.append(type(read_sync(server.base_url, model=model).reply.error))
        assert kinds == [errors.ModelNotFound, errors.AuthFailed, errors.AuthFailed, type(None), type(None)]
        assert lab.next is None


def test_without_streaming_a_fault_comes_too() -> None:
    with PracticeServer(remember=True, scenarios=[COUNTING], pace=0) as server:
        client = open_client(base_url=server.base_url)
        for typed, kind in (("corte", errors.ConnectionLost), ("529", errors.Overloaded), ("rechazo", None)):
            server.lab.arm(parse(typed))
            whole_reply = fetch_reply(client, **REQUEST)
            assert type(whole_reply.reply.error) is (kind or type(None))
        event_loop.submit(client.close()).result()


def test_each_fault_has_a_name_that_can_be_typed_and_a_line() -> None:
    assert len(ALL) == len(set(ALL))
    for fault in load():
        assert parse(fault.name).fault is fault
        assert fault.name.isascii() and fault.name == fault.name.lower() and len(fault.name) <= 14
        assert fault.summary.endswith(".") and len(fault.summary) <= 72 and fault.summary[0].isupper()
        assert fault.counts in ((PIECES, "segundos", "megas") if fault.number is not None else ("",))


# -- the page ----------------------------------------------------------------------------------


def test_the_rows_are_numbered_and_each_fault_of_the_lab_has_one() -> None:
    assert [row.number for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert {fault.row for fault in load()} <= faults.REHEARSED


def test_each_row_names_tests_that_exist() -> None:
    modules: dict[str, list[Path]] = {}
    for file in TESTS.rglob("test_*.py"):
        modules.setdefault(file.stem, []).append(file)

    @cache
    def defined(module: str) -> set[str]:
        (file,) = modules[module]
        tree = ast.parse(file.read_text("utf-8"))
        return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    for row in ROWS:
        assert row.tests, row.number
        for name in row.tests:
            module, _, function = name.partition(".")
            assert function.startswith("test_") and function in defined(module), name
        if row.number in faults.REHEARSED:
            assert row.tests[0].startswith(f"test_faults.test_fault_{row.number:02}_")


def test_the_page_is_what_is_made() -> None:
    written = (ROOT / "docs/faults.md").read_text("utf-8")
    assert written.splitlines() == list(faults.page()), "write it anew: make faults"
