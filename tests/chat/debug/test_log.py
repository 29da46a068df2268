"""The log of `--debug`: what stands in it, what never does, and that a reply never suffers from it."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import starting
from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import command, environment, run
from support.paths import FIXTURES, PROGRAM
from support.terminal import Terminal
from support.wire import REQUEST, body, events, playing, read_sync, recorded

from stream_core import RetryPolicy, Settings, Timeouts, open_client, stream_turn
from stream_core.chat.debug.file import FOLDER, KEPT, LogFile
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.debug.sse_event_names import LONGEST, EventTypes
from stream_core.chat.reply.request_parameters import request_of
from stream_core.config.invocation import Invocation
from stream_core.config.paths import Paths
from stream_core.core.deltas import Waiting
from stream_core.core.redact import MARK, Redactor
from stream_core.practice.events import (
    block_start,
    event,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Cut, Hang, Head, Send, Step, error_reply
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from stream_core.tools.calculator import calculate

KEY = "sk-ant-api03-Zq9_x-VwLLaVe"
ODD_KEY = "un'a\"clave\\rara/50%+sin#forma"
QUESTION = "¿Cuál es el RECODO de la MAREJADA?"
WORDS = ("RECODO", "MAREJADA")
QUICK = RetryPolicy(attempts=3, base=0.01)
START = message_start("claude-sonnet-5-5", 5) + block_start()

# -- the events in the bytes -----------------------------------------------------------------------

LINES = st.sampled_from(
    [
        b"", b"", b"event: ping", b"event:ping", b"event:  dos", b"event", b"evento: no", b"data: {}",
        b": comentario", b"event: ma\xc3\xb1ana", b"event: \xff", b"event: " + b"x" * 200,
        b"data: " + b"x" * 200, b"data", b"id: 1", b"\xef\xbb\xbfevent: bom",
    ]
)  # fmt: skip
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
STREAMS = st.lists(st.tuples(LINES, ENDS).map(b"".join), max_size=30).map(b"".join)


def types_of(chunks: Iterable[bytes]) -> tuple[list[str], str | None]:
    reading = EventTypes()
    return [name for chunk in chunks for name in reading.feed(chunk)], reading.unfinished


def by_the_book(data: bytes) -> list[str]:
    """The same, from all bytes at once."""
    found, name, something = [], b"", False
    *lines, _ = re.split(b"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf"))
    for line in lines:
        field, _, value = line.partition(b":")
        if not line:
            found += [name] if something else []
            name, something = b"", False
        elif field in (b"event", b"data"):
            something = True
            name = value.removeprefix(b" ") if field == b"event" else name
    return [name.decode("utf-8", "replace") for name in found]


@given(data=STREAMS, cuts=st.lists(st.integers(0, 2000), max_size=20))
def test_the_events_are_the_same_wherever_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    whole = types_of([data])
    assert types_of(data[start:end] for start, end in pairwise(places)) == whole
    assert types_of([data[at : at + 1] for at in range(len(data))]) == whole
    shown = [
        name if len(name) < LONGEST - 10 else name[: LONGEST - len("event: ")] for name in by_the_book(data)
    ]
    assert whole[0] == shown


@pytest.mark.parametrize("name", sorted(file.stem for file in FIXTURES.glob("*.sse")))
def test_the_events_of_a_recording(name: str) -> None:
    data = recorded(name)
    names = [line.removeprefix(b"event: ").decode() for line in data.splitlines() if line[:6] == b"event:"]
    assert names and types_of([data]) == (names, None)


def test_an_event_that_has_not_ended() -> None:
    assert types_of([b"event: ping\n\nevent: mess"]) == (["ping"], "")
    assert types_of([b"event: ping\n\nevent: message_start\ndata: {"]) == (["ping"], "message_start")


# -- credentials -----------------------------------------------------------------------------------


def test_a_known_credential_goes_in_every_form() -> None:
    redact = Redactor.of({"ANTHROPIC_API_KEY": ODD_KEY, "ANTHROPIC_AUTH_TOKEN": "corto"})
    for form in (ODD_KEY, r"un'a\"clave\\rara/50%+sin#forma", "un%27a%22clave%5Crara/50%25%2Bsin%23forma"):
        assert redact(f"<{form}>") == f"<{MARK}>"
    assert redact("acortó, corto") == f"acortó, {MARK}"
    for shown in (
        repr(redact),
        str(redact),
        f"{redact}",
        repr(Settings(invocation=Invocation(redact=redact))),
    ):
        assert ODD_KEY not in shown and "rara" not in shown


def test_what_looks_like_a_credential_goes() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    assert Redactor()(f"a {KEY}, b {token}. sk-ante") == f"a {MARK}, b {MARK}. sk-ante"


def test_headers_of_ones_own_hold_secrets_too() -> None:
    redact = Redactor.of({"ANTHROPIC_CUSTOM_HEADERS": "X-Si: true\nX-Llave: Token 0123456789"})
    assert redact("true Token 0123456789") == f"true Token {MARK}"


# -- the file --------------------------------------------------------------------------------------


def log_of(data: Path) -> Path:
    (file,) = (data / FOLDER).iterdir()
    return file


def facts(text: str) -> list[str]:
    """The lines without their times, and without the two that begin every log."""
    lines = text.splitlines()
    assert all(re.match(r"\+\d+\.\d{3} s  \S", line) for line in lines)
    return [line.partition("  ")[2] for line in lines[2:]]


def counted(told: list[str], name: str) -> int:
    """How many events of a type stand there, folded or not."""
    found = [re.fullmatch(rf"evento {name}(?: ×(\d+) más, desde .*)?", fact) for fact in told]
    return sum(int(each[1] or 1) for each in found if each is not None)


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log = LogFile()
        log.open(tmp_path / "datos" / FOLDER)
    finally:
        os.umask(before)
    file = log_of(tmp_path / "datos")
    assert file == log.file and re.fullmatch(rf"\d{{8}}T\d{{6}}Z-{os.getpid()}\.log", file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (
        stat.S_IMODE(file.parent.stat().st_mode) == stat.S_IMODE((tmp_path / "datos").stat().st_mode) == 0o700
    )
    log.close()


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(mode=0o777)
    log = LogFile()
    log.open(tmp_path / FOLDER)
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    log.close()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "ajena").mkdir()
    (tmp_path / FOLDER).symlink_to("ajena")
    log = LogFile()
    log.open(tmp_path / FOLDER)
    log.say("algo")
    (told,) = log.pending_notices()
    assert "es un enlace" in told and log.pending_notices() == [] and log.file is None
    assert list((tmp_path / "ajena").iterdir()) == []
    log.close()
    assert log.pending_notices() == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away"
)
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    os.chown(tmp_path / FOLDER, 12345, 12345)
    log = LogFile()
    log.open(tmp_path / FOLDER)
    assert "es de otra persona" in log.pending_notices()[0]
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    logs: list[LogFile] = []
    for _ in range(3):  # in the same second, nearly always: the name is free or it is not
        log = LogFile()
        log.open(tmp_path / FOLDER)
        log.say(f"el {len(logs)}")
        logs.append(log)
    files = [log.file for log in logs if log.file is not None]
    assert len(set(files)) == 3
    for number, (log, file) in enumerate(zip(logs, files, strict=True)):
        log.close()
        assert f"el {number}\n" in file.read_text("utf-8")


def test_the_newest_stay(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    ours = [folder / f"20260101T0000{second:02}Z-7.log" for second in range(30)]
    for file in ours:
        file.touch()
    target = tmp_path / "lejos"
    target.touch()
    link, other = folder / "20250101T000000Z-7.log", folder / "mi.log"
    link.symlink_to(target)
    other.touch()
    log = LogFile()
    log.open(folder)
    assert log.file is not None
    assert {*folder.iterdir()} == {log.file, *ours[-KEPT + 1 :], link, other}
    assert target.exists() and log.pending_notices() == []
    log.close()


def test_this_log_stays_when_the_clock_was_set_back(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    for second in range(KEPT):
        (folder / f"29990101T0000{second:02}Z-7.log").touch()
    log = LogFile()
    log.open(folder)
    assert log.file is not None and log.file.exists()
    log.close()


def test_lines_that_are_alike_are_folded(tmp_path: Path) -> None:
    log = LogFile()
    log.open(tmp_path / FOLDER)
    for seconds, fact in enumerate(["a", "b", "b", "b", "b", "a", "a"]):
        log.say(fact, log.started + seconds)
    text = log_of(tmp_path).read_text("utf-8")
    assert text.endswith("+5.000 s  a\n")  # the first of them stands there at once
    log.close()
    assert log_of(tmp_path).read_text("utf-8") == (
        "+0.000 s  a\n+1.000 s  b\n+4.000 s  b ×3 más, desde +1.000 s\n+5.000 s  a\n"
        "+6.000 s  a ×1 más, desde +5.000 s\n"
    )


def test_where_nothing_is_wanted_nothing_happens(tmp_path: Path) -> None:
    log = DebugLog(Settings(paths=Paths(data_dir=tmp_path)))
    reply = log.reply(REQUEST, QUICK)
    with log.opening():
        pass
    assert (reply.record, log.location, log.pending_notices(), list(tmp_path.iterdir())) == (None, "", [], [])
    log.close()


# -- what stands in it -----------------------------------------------------------------------------


def settings_for(data: Path, server: PracticeServer, *flags: str, key: str = KEY) -> Settings:
    environ = {
        "ANTHROPIC_API_KEY": key,
        "ANTHROPIC_BASE_URL": server.base_url,
        "STREAM_CORE_DATA_DIR": str(data),
        "STREAM_CORE_CONFIG_DIR": str(data / "config"),
    }
    return Settings.load(["--debug", *flags], environ)


def noted(
    data: Path,
    *scripts: Iterable[Step],
    flags: Iterable[str] = (),
    question: str = QUESTION,
    key: str = KEY,
    watch: Callable[[Any, Any], None] = lambda *_: None,
    timeouts: Timeouts | None = None,
) -> str:
    """The log of one reply, streamed from a real server."""
    with playing(*scripts) as server:
        settings = settings_for(data, server, *flags, key=key)
        log = DebugLog(settings)
        request = request_of(settings, [{"role": "user", "content": question}])
        reply = log.reply(request, QUICK)

        def feed(stream: Any, delta: Any) -> None:
            reply.feed(delta)
            watch(stream, delta)

        options = {"retry": QUICK, "timeouts": timeouts, "record": reply.record, **request}
        result = read_sync(server.base_url, feed, **options)
        reply.end(result)
        log.close()
        assert log.pending_notices() == []
        file = log_of(data)
        return file.read_text("utf-8").replace(urlsplit(server.base_url).netloc, "SERVIDOR")


def test_a_reply(tmp_path: Path) -> None:
    text = noted(tmp_path, body(recorded("text")))
    first, second = text.splitlines()[:2]
    assert re.fullmatch(r"\+0\.000 s  streaming-chatbot \S+ · anthropic \S.* · Python 3\.\S+ · \S.*", first)
    assert "sin el texto de la conversación" in second
    told = facts(text)
    assert told[0] == (
        "petición modelo=claude-sonnet-5-5 max_tokens=8192 mensajes=1 intento=1/3 servidor=SERVIDOR"
    )
    assert told[-1] == "fin"
    wire = [fact for fact in told if fact.startswith("evento")]
    assert wire[0] == "evento message_start" and wire[-1] == "evento message_stop"
    (names, _) = types_of([recorded("text")])
    assert {name: counted(told, name) for name in names} == {name: names.count(name) for name in names}
    assert f"cuerpo leído bytes={len(recorded('text'))} trozos=1" in told
    assert "cabeceras recibidas, estado=2xx" in told and "final complete motivo=end_turn" in told
    assert any(fact.startswith("abierta id=req_practice_") for fact in told)
    assert any(re.match(r"cifras primer_token=\d\S*s total=\d\S*s deltas=\d", fact) for fact in told)


def test_what_deviates_is_told(tmp_path: Path) -> None:
    unnamed = re.sub(rb"(?m)^event: .*\n", b"", recorded("text")).replace(b'"usage"', b'"uso"')
    told = facts(noted(tmp_path, body(unnamed)))
    assert "final complete motivo=end_turn desvíos=event_name,no_usage" in told


def test_a_long_reply_gives_a_short_log(tmp_path: Path) -> None:
    text = noted(tmp_path, answering(*(f"{number} " for number in range(2000))))
    assert len(text.splitlines()) < 25
    assert counted(facts(text), "content_block_delta") == 2000


def test_pings_and_events_without_a_name(tmp_path: Path) -> None:
    data = recorded("text").replace(b"event: content_block_stop", b"data: nada\n\nevent: content_block_stop")
    told = facts(noted(tmp_path, body(b"event: ping\ndata: {}\n\n" + data)))
    assert "evento ping" in told and "evento sin-nombre" in told


def test_retries_with_their_causes(tmp_path: Path) -> None:
    busy = list(error_reply(529, "overloaded_error", "x", [("retry-after", "0")], request_id="req_77"))
    half: list[Step] = [Head(), Send(START + b"event: content_bl"), Cut()]
    told = facts(noted(tmp_path, busy, half, body(recorded("text"))))
    sent = "petición modelo=claude-sonnet-5-5 max_tokens=8192 mensajes=1 intento={}/3 servidor=SERVIDOR"
    assert [
        re.sub("dentro de .* por", "por", fact) for fact in told if fact.startswith(("pet", "re", "evento a"))
    ] == [
        sent.format(1),
        "reintento 2/3 por Overloaded estado=529 tipo=overloaded_error id=req_77 pide_esperar=0s",
        sent.format(2),
        "evento a medias sin-nombre",
        "reintento 3/3 por ConnectionLost",
        sent.format(3),
    ]
    assert "reintento 2/3 dentro de 0.000 s por" in "".join(told)
    assert told.count("evento message_start") == 2  # what was cut is no part of the next response
    assert "final complete motivo=end_turn" in told


def test_a_reply_that_breaks(tmp_path: Path) -> None:
    told = facts(noted(tmp_path, [Head(), Send(b"".join(events("text")[:4]) + b"event: ping\nda"), Cut()]))
    assert "evento a medias ping" in told
    assert "final interrupted error=ConnectionLost" in told


def test_an_error_of_the_api(tmp_path: Path) -> None:
    script = error_reply(400, "invalid_request_error", f"mal: {QUESTION}", request_id="req_8")
    text = noted(tmp_path, list(script))
    assert "final error error=BadRequest estado=400 tipo=invalid_request_error id=req_8\n" in text


@pytest.mark.parametrize(
    ("script", "reason", "fact"),
    [
        (answering("algo", then=[Hang()]), "idle", "silencio"),
        ([Hang()], "first_byte", "espera el primer evento"),
    ],
)
def test_silence_and_a_cancel(tmp_path: Path, script: list[Step], reason: str, fact: str) -> None:
    def watch(stream: Any, delta: Any) -> None:
        if isinstance(delta, Waiting) and delta.reason == reason:
            stream.cancel()

    told = facts(noted(tmp_path, script, watch=watch, timeouts=Timeouts(notice=0.05)))
    assert any(each.startswith(fact) for each in told)
    assert told[-3] == "final cancelled" and told[-2].startswith("cifras")


def test_a_turn_with_tools(tmp_path: Path) -> None:
    tool = {"type": "tool_use", "id": "toolu_1", "name": "calculate", "input": {}}
    call = b"".join(
        [
            message_start("claude-sonnet-5-5", 5),
            block_start(0, tool),
            event(
                "content_block_delta",
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "input_json_delta", "partial_json": '{"expression": "6*7"}'},
                },
            ),
            event("content_block_stop", {"type": "content_block_stop", "index": 0}),
            message_delta("tool_use", {"output_tokens": 9}),
            message_stop(),
        ]
    )
    for content in ((), ("--debug-content",)):
        data = tmp_path / f"con{len(content)}"
        with playing(body(call), body(recorded("text"))) as server:
            settings = settings_for(data, server, *content)
            log = DebugLog(settings)
            reply = log.reply(REQUEST, QUICK)
            client = open_client(base_url=server.base_url)
            try:
                with stream_turn(client, tools=[calculate], record=reply.record, **REQUEST) as stream:
                    for delta in stream:
                        reply.feed(delta)
            finally:
                event_loop.submit(client.close()).result()
            reply.end(*stream.result.rounds)
            log.close()
        text = log_of(data).read_text("utf-8")
        told = facts(text)
        assert sum(fact.startswith("petición") for fact in told) == 2
        assert "herramienta calculate empieza" in told and "ronda 1 motivo=tool_use" in told
        assert any(re.match(r"herramienta calculate acaba tras \d+\.\d{3} s", fact) for fact in told)
        assert sum(fact.startswith("cifras") for fact in told) == 2
        assert ("6*7" in text) == ("resultado='42'" in text) == bool(content)


# -- what never does -------------------------------------------------------------------------------


def echoes(key: str) -> list[list[Step]]:
    """What a server can do to get key and question into a log, each a response."""
    said = f"{QUESTION} {key}"
    reply = START + text_delta(f"eco: {said}\x1b[31m\n") + text_delta(key)
    end = event("content_block_stop", {"type": "content_block_stop", "index": 0})
    end += message_delta("end_turn", {"output_tokens": 9}) + message_stop()
    whole = (reply + end).decode()
    at = whole.index(json.dumps(key)[1:-1]) + 5
    halves = [text_delta(piece) for piece in (f"eco: {key[:9]}", f"{key[9:]} {said}")]
    headers = (("content-type", "text/event-stream"), ("request-id", key))
    odd = START.replace(b"msg_practice", json.dumps(key)[1:-1].encode())
    return [
        [Head(), Send(whole[:at].encode()), Send(whole[at:].encode())],
        [Head(), *(Send(part) for part in (START, *halves, end))],
        [Head(headers=headers), Send(odd + text_delta(said) + end)],
        body(
            START
            + f"event: {said}\ndata: {{}}\n\nevent: {key}\ndata: {{}}\n\n".encode()
            + text_delta(said)
            + end
        ),
        body(START + text_delta(said) + end.replace(b"end_turn", QUESTION.encode())),
        body(START + text_delta(said) + f"event: {said}".encode()),
        body(
            START
            + text_delta(said)
            + event("error", {"type": "error", "error": {"type": said, "message": said}})
        ),
        list(error_reply(400, "invalid_request_error", said)),
        list(error_reply(400, said, said, request_id=key)),
        list(error_reply(529, "overloaded_error", said, [("retry-after", "0")])),
    ]


@pytest.mark.parametrize("key", [KEY, ODD_KEY])
@pytest.mark.parametrize("number", range(len(echoes(KEY))))
def test_neither_key_nor_conversation_without_being_asked(tmp_path: Path, number: int, key: str) -> None:
    text = noted(tmp_path, echoes(key)[number], key=key)
    assert facts(text)[-1] == "fin"
    assert key not in text and not any(word in text for word in WORDS)
    assert not re.search("[^\n\x20-\x7e¡-ÿ≈×·…]", text)


@pytest.mark.parametrize("key", [KEY, ODD_KEY])
@pytest.mark.parametrize("number", range(len(echoes(KEY))))
def test_with_its_content_still_not_the_key(tmp_path: Path, number: int, key: str) -> None:
    question = f"{QUESTION}\n{key} y {key}"
    text = noted(tmp_path, echoes(key)[number], key=key, question=question, flags=["--debug-content"])
    assert "con el texto de la conversación" in text.splitlines()[1]
    assert key not in text and repr(key)[1:-1] not in text
    assert rf"pregunta '{QUESTION}\n{MARK} y {MARK}'" in text
    assert text.count("RECODO") >= 2  # what came back as well
    assert MARK in text.replace(f"{MARK} y {MARK}", "")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


def test_what_is_said_stands_there_whole(tmp_path: Path) -> None:
    pieces = ["línea 1\n", "rojo \x1b[31m", "‮al revés \\ 'así'"]
    text = noted(tmp_path, answering(*pieces), flags=["--debug-content", "-s", "Sé breve"])
    told = facts(text)
    assert f"respuesta {''.join(pieces)!r}" in told
    assert "indicaciones 'Sé breve'" in told and "system=sí" in text
    assert "\x1b" not in text and "‮" not in text


# -- trouble with it -------------------------------------------------------------------------------


def test_what_goes_wrong_inside_ends_the_log_and_nothing_else(tmp_path: Path) -> None:
    with playing(body(recorded("text"))) as server:
        log = DebugLog(settings_for(tmp_path, server))
        reply = log.reply({"messages": 3}, QUICK)  # it has no length

        def feed(stream: Any, delta: Any) -> None:
            reply.feed(delta)

        result = read_sync(server.base_url, feed, record=reply.record)
        reply.end(result)
    assert result.reply.outcome == "complete"
    (told,) = log.pending_notices()
    assert "error del programa: TypeError" in told and log.location == ""
    log.close()
    assert log.pending_notices() == []


def test_a_defect_of_the_program_is_noted_by_its_place(tmp_path: Path) -> None:
    with playing(body(b"")) as server:
        log = DebugLog(settings_for(tmp_path, server))
    try:
        raise LookupError(QUESTION)
    except LookupError as error:
        log.defect(error)
    log.close()
    text = log_of(tmp_path).read_text("utf-8")
    assert "defecto LookupError en test_log.py:" in text and "RECODO" not in text


# -- the program -----------------------------------------------------------------------------------


def told_file(sentence: str, home: Path) -> Path:
    """The log that the program says it writes."""
    file = log_of(home / "data")
    assert f"{file}" in "".join(sentence.split())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file


def test_one_shot(own_environment: Path) -> None:
    with playing(answering("eco ", QUESTION)) as server:
        done = run(server, "--debug", QUESTION)
    assert done.returncode == 0 and done.stdout.decode() == f"eco {QUESTION}"
    err = done.stderr.decode()
    assert err.count("\n") == 2 and "\nRegistro: " in err
    text = told_file(err, own_environment).read_text("utf-8")
    told = facts(text)
    assert re.fullmatch(r"cliente listo tras \d+\.\d{3} s · anthropic 2\.\S+", told[0])
    assert "final complete motivo=end_turn" in told and told[-1] == "fin"
    assert "intento=1/4" in text and not any(word in text for word in WORDS)


@pytest.mark.parametrize("flags", [["--debug"], ["--debug", "--debug-content"]])
def test_an_error_that_quotes_key_and_question(own_environment: Path, flags: list[str]) -> None:
    key = "rara/Zq9+VwLLaVe"
    with playing(list(error_reply(400, "invalid_request_error", f"{QUESTION} {key}"))) as server:
        env = environment(server) | {"ANTHROPIC_API_KEY": key}
        done = starting.run(command(*flags, QUESTION), env=env, stdin=subprocess.DEVNULL, capture_output=True)
        assert any(key in value for value in server.requests[0].headers.values())
    assert done.returncode == 1
    text = log_of(own_environment / "data").read_text("utf-8")
    assert "error=BadRequest estado=400" in text and key not in text
    assert ("RECODO" in text) == (f"dice='{QUESTION} {MARK}'" in text) == ("--debug-content" in flags)


def test_the_chat(own_environment: Path) -> None:
    with playing(answering("eco ", QUESTION)) as server:
        with chat(server, "--debug", "--debug-content", cols=200) as terminal:
            assert "Registro, con el texto de la conversación: " in terminal.text
            for number in (2, 3):
                terminal.send(f"{QUESTION}\r")
                wait_for_prompt(terminal, number)
            file = told_file(terminal.text, own_environment)
            leave(terminal)
    text = file.read_text("utf-8")
    assert text.count(f"pregunta '{QUESTION}'") == text.count(f"respuesta 'eco {QUESTION}'") == 2
    assert "mensajes=3 " in text and text.count("cliente listo") == 1
    assert text.endswith("fin\n")


def test_a_chat_that_is_killed_leaves_what_it_knew(own_environment: Path) -> None:
    with playing(answering("HOLA", then=[Hang()])) as server, chat(server, "--debug", cols=200) as terminal:
        file = told_file(terminal.text, own_environment)
        terminal.send("hola\r")
        terminal.wait_for("HOLA")
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    assert "evento content_block_delta\n" in file.read_text("utf-8") and "fin" not in file.read_text("utf-8")


def test_a_folder_that_cannot_be_had_is_told_once(own_environment: Path) -> None:
    (own_environment / "data").mkdir()
    (own_environment / "data" / FOLDER).touch()
    with playing(answering("algo")) as server:
        done = run(server, "--debug", "hola")
        assert (done.returncode, done.stdout) == (0, b"algo")
        assert done.stderr.decode().count("No se puede escribir el registro") == 1
        with chat(server, "--debug") as terminal:
            terminal.send("hola\r")
            terminal.wait_for("(completa)")
            wait_for_prompt(terminal, 2)
            leave(terminal)
            assert terminal.text.count("No se puede escribir el registro") == 1


def test_a_disk_that_fills_up(own_environment: Path) -> None:
    """A limit to the size of its files stands for the disk: the answer goes to a pipe."""
    line = f'ulimit -f 1; exec "$0" {PROGRAM} --no-save --debug hola'
    with playing(answering("algo")) as server:
        done = subprocess.run(
            ["sh", "-c", line, command()[0]],
            env=environment(server, PYTHONDONTWRITEBYTECODE="1"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, b"algo"), done.stderr
    assert done.stderr.decode().count("No se puede escribir el registro") == 1
    assert log_of(own_environment / "data").stat().st_size > 0


def test_a_wrong_command_line_writes_no_log(own_environment: Path) -> None:
    done = run(None, "--debug-content", "hola")
    assert done.returncode == 2 and "escribe las dos" in done.stderr.decode()
    with Terminal(command("--debug", "--model", "con espacio"), env=environment(None)) as terminal:
        assert terminal.wait_exit() == 2
    assert not (own_environment / "data").exists()
