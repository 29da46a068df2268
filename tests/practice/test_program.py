"""The practice server as a program: a stand-in for the API, and a fault proxy that records."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.paths import ROOT
from support.wire import REQUEST, body, playing, read_sync, recorded

from stream_core import Recorder, practice_server
from stream_core.practice import __main__ as program
from stream_core.practice.lab import Lab, parse
from stream_core.practice.proxy import Proxy
from stream_core.practice.server import PracticeServer

KEY = "miclavesecreta"


@contextmanager
def started(*arguments: str) -> Iterator[str]:
    """The program, and its base URL."""
    argv = [sys.executable, "-m", "stream_core.practice", *arguments]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3)]
            assert lines[2].startswith("ANTHROPIC_API_KEY=")
            yield lines[1].strip().removeprefix("ANTHROPIC_BASE_URL=")
        finally:
            process.terminate()
            assert process.wait(10) == 0


def test_a_recording_stands_in_for_the_api(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    with playing(body(recorded("text"))) as server, Recorder(file) as recorder:
        read_sync(server.base_url, record=recorder)
    with started("--replay", str(file), "--speed", "1000") as url:
        assert read_sync(url).reply.text.startswith("¡Hola desde")


def test_a_proxy_passes_on_injects_faults_and_records(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    lab = Lab()
    lab.arm(parse("529"))
    said = recorded("text").replace(b"Hola", KEY.encode())
    asked = {"messages": [{"role": "user", "content": f"Mi clave es {KEY}"}]}
    with playing(body(said)) as upstream, Recorder(file) as recorder:
        proxy = Proxy(upstream.base_url, program._Record(recorder))
        with PracticeServer(proxy=proxy, lab=lab) as server:
            from stream_core import close_client, open_client, stream_reply

            assert read_sync(server.base_url).reply.outcome == "error"  # the fault
            client = open_client(base_url=server.base_url, api_key=KEY)
            with stream_reply(client, **{**REQUEST, **asked}) as stream:
                assert "".join(stream.text_stream).startswith(f"¡{KEY} desde")
            close_client(client)
            assert KEY in str(upstream.requests[-1].headers)
    written = file.read_text("utf-8")
    assert KEY not in written and "Mi clave es [clave]" in written
    with practice_server(replay=file, pace=0) as url:
        assert read_sync(url).reply.text.startswith("¡[clave] desde")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--proxy", "ftp://x"], "--proxy necesita una dirección http:// o https://"),
        (["--proxy", "http://example.com"], "--proxy con http:// solo vale para este equipo"),
        (["--proxy", "https://u:p@x"], "--proxy necesita una dirección"),
        (["--proxy", "https://x:y"], "--proxy necesita una dirección"),
        (["--proxy", "https://x", "--replay", "a"], "--proxy y --replay no van juntas"),
        (["--record", "a"], "--record graba lo que pasa por --proxy"),
        (["--replay", "/no/existe"], "/no/existe: no existe."),
        (["--fault", "nada"], "No conozco el fallo «nada»."),
        (["--speed", "0"], "--speed puede ser"),
        (["--port", "-1"], "--port puede ser"),
        (["--cut", "2"], "--cut corta una grabación: falta cuál"),
        (["--cut", "-1", "--replay", "a"], "--cut puede ser 0 o más"),
        (["--cut", "x"], "--cut: «x» no es un número. Mira «python -m"),
        (["--speed", "xx2y"], "--speed: «xx2y» no es un número como x2"),
        (["--port"], "A --port le falta su valor."),
        (["--nada"], "No conozco la opción «--nada»."),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = program.main(arguments)
    except SystemExit as leaving:
        code = leaving.code
    assert code == 2
    assert capsys.readouterr().err.startswith(told)


def test_what_it_says_is_cut_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "Servidor de práctica en marcha; Ctrl+C lo para. En tu programa, con el SDK de Anthropic:"
    with Path(os.devnull).open("w") as file:
        assert program._wrapped(sentence, file) == sentence  # it is no terminal
        monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((60, 20)))
        rows = program._wrapped(sentence, file).split("\n")
    assert " ".join(rows) == sentence and all(len(row) <= 60 for row in rows)
