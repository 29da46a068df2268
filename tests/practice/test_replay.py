"""Recordings, written by the tap and played by the practice server."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture
from support.replies import QUICK, comparable
from support.wire import REQUEST, Result, body, events, playing, read_sync, recorded

from stream_core import (
    Recorder,
    Text,
    Waiting,
    close_client,
    fetch_reply,
    open_client,
    practice_server,
    stream_reply,
)
from stream_core.core.continuation import messages as continuation
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Delta
from stream_core.core.errors import BadRequest
from stream_core.core.recording import (
    LONGEST_LINE,
    Attempt,
    BadRecording,
    Chunk,
    End,
    Head,
    Line,
    Response,
    encode,
)
from stream_core.core.store_errors import StoreRefused
from stream_core.practice.recordings import contents
from stream_core.practice.replay import Replay
from stream_core.practice.script import Cut, Send, Step, error_reply
from stream_core.practice.script import Head as Start
from stream_core.practice.server import PracticeServer
from stream_core.practice.stepper import Stepper

KEY = "sk-ant-api03-Zq9_x-VwLLaVe"
OTHER = {**REQUEST, "messages": [{"role": "user", "content": "Otra"}]}


def asked(number: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"Pregunta {number}"}]


def record(file: Path, *scripts: list[Step], times: int = 1, **options: Any) -> list[Result]:
    """Record replies to as many questions; each fails over to the next script."""
    with playing(*scripts) as server, Recorder(file) as recorder:
        asked = [
            {**REQUEST, "messages": [{"role": "user", "content": f"Pregunta {n}"}]} for n in range(times)
        ]
        results = [
            read_sync(server.base_url, record=recorder, retry=QUICK, **{**each, **options}) for each in asked
        ]
    assert recorder.problem is None and recorder.size == file.stat().st_size
    return results


def attempts(result: Result) -> set[int]:
    return {each.attempt for each in result.deltas if isinstance(each, Waiting)}


def replay(file: Path, **options: Any) -> Result:
    with practice_server(replay=file, pace=0) as url:
        return read_sync(url, retry=QUICK, **options)


@pytest.mark.parametrize(
    "name", ["text", "thinking_and_tools", "server_tool", "refusal", "done_marker", "cut_in_tool"]
)
def test_a_recording_is_the_reply_again(tmp_path: Path, name: str) -> None:
    (told,) = record(tmp_path / "a.jsonl", [Start(), *map(Send, events(name))])
    assert comparable(replay(tmp_path / "a.jsonl").deltas) == comparable(told.deltas)


@pytest.mark.parametrize(
    "scripts",
    [
        [list(error_reply(529, "overloaded_error", "Lleno", [("retry-after", "0")])), body(recorded("text"))],
        [[Cut()], body(recorded("text"))],
        [[Start(), Cut()], [Start()], body(recorded("text"))],
        [[Start(), Send(recorded("text")[:900]), Cut()]],
        [[Start(), Send(recorded("text")[:900])]],
        [list(error_reply(401, "authentication_error", "no"))],
        [[Start(), Send(b"\xff\xfe: no\n\n" + recorded("text"))]],
        [[Start(200, (("content-type", "text/html"),)), Send(b"<html>no</html>")]],
    ],
)
def test_failed_attempts_and_cuts_come_again(tmp_path: Path, scripts: list[list[Step]]) -> None:
    (told,) = record(tmp_path / "a.jsonl", *scripts)
    again = replay(tmp_path / "a.jsonl")
    assert comparable(again.deltas) == comparable(told.deltas)
    waits = [
        {each.attempt for each in result.deltas if isinstance(each, Waiting)} for result in (told, again)
    ]
    assert waits[0] == waits[1]


def test_each_request_gets_the_next_answer_and_the_first_comes_again(tmp_path: Path) -> None:
    other = recorded("text").replace("¡Hola".encode(), "¡Adiós".encode())
    file = tmp_path / "a.jsonl"
    record(file, body(recorded("text")), body(other), times=2)
    with practice_server(replay=[file, file], pace=0) as url:
        beginnings = [read_sync(url).reply.text[:5] for _ in range(5)]
    assert beginnings == ["¡Hola", "¡Adió", "¡Hola", "¡Adió", "¡Hola"]


def test_another_question_skips_the_attempts_that_are_left(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    refused = list(error_reply(529, "overloaded_error", "no", [("retry-after", "0")]))
    record(file, refused, body(recorded("text")), body(recorded("max_tokens")), times=2)
    with practice_server(replay=file, pace=0) as url:
        assert read_sync(url).reply.outcome == "error"
        assert read_sync(url, **OTHER).reply.outcome == "max_tokens"


def test_a_request_that_does_not_stream_gets_the_whole(tmp_path: Path) -> None:
    (told,) = record(tmp_path / "a.jsonl", body(recorded("text")))
    with practice_server(replay=tmp_path / "a.jsonl", pace=0) as url:
        client = open_client(base_url=url)
        assert fetch_reply(client, **REQUEST).reply.text == told.reply.text
        close_client(client)


def test_a_reply_can_be_cut_at_any_event_once(tmp_path: Path) -> None:
    file, parts = tmp_path / "a.jsonl", events("text")
    record(file, [Start(), Send(recorded("text")[:701]), Send(recorded("text")[701:])])
    for cut in range(len(parts)):
        with PracticeServer(replay=Replay([file], cut=cut), pace=0) as server:
            data = bytearray()

            def take(event: object, data: bytearray = data) -> None:
                data.extend(getattr(event, "data", b""))

            first = read_sync(server.base_url, record=take)
            assert bytes(data) == b"".join(parts[:cut])
            assert (first.reply.outcome == "complete") == (
                b"message_stop" in data or b"message_delta" in data
            )
            assert read_sync(server.base_url).reply.outcome == "complete"


def test_events_go_through_one_by_one(tmp_path: Path) -> None:
    file, stepper, seen = tmp_path / "a.jsonl", Stepper(), list[str]()
    record(file, body(recorded("text")))
    stepped = threading.Event()

    def press() -> None:
        for _ in range(4):
            while not stepper.waiting:
                stepped.wait(0.001)
            stepper.step()
        while not stepper.waiting:
            stepped.wait(0.001)
        seen.append("five")
        stepper.release()

    presser = threading.Thread(target=press)
    presser.start()
    with PracticeServer(replay=Replay([file], stepper=stepper)) as server:
        result = read_sync(
            server.base_url, lambda _, delta: seen.append("text") if isinstance(delta, Text) else None
        )
    presser.join()
    assert result.reply.outcome == "complete"
    assert seen.index("five") <= 2 and seen.count("text") > 2


def test_who_leaves_while_a_step_is_awaited_leaves(tmp_path: Path) -> None:
    file, stepper = tmp_path / "a.jsonl", Stepper()
    record(file, body(recorded("text")))
    with PracticeServer(replay=Replay([file], stepper=stepper)) as server:
        stepper.step()

        def leave(stream: Any, delta: Delta) -> None:
            if not isinstance(delta, Waiting):  # a busy machine may be slow to begin
                stream.cancel()

        result = read_sync(server.base_url, leave)
        assert result.reply.outcome == "cancelled"
        assert server.wait_for(lambda: server.hangups == 1)
    assert not stepper.waiting


# -- the file ----------------------------------------------------------------------------------


def test_the_file_is_private_readable_and_without_credentials(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    headers = (("content-type", "text/event-stream"), ("set-cookie", "id=1"), ("x-ratelimit-left", KEY))
    said = recorded("text").replace(b"Hola", KEY.encode())
    messages = [{"role": "user", "content": [{"type": "text", "text": f"Mi clave es {KEY}"}]}]
    record(file, [Start(200, headers), Send(said)], messages=messages, system="secreto")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEY not in file.read_text("utf-8") and "secreto" not in file.read_text("utf-8")
    assert lines[0]["recording"] == 1
    assert lines[1]["asked"] == {
        "messages": 1, "question": "Mi clave es [clave]", "system": True, "max_tokens": 100
    }  # fmt: skip
    assert set(lines[2]["headers"]) == {"content-type", "x-ratelimit-left", "request-id"}
    assert lines[-1]["end"] == "end"


def test_a_key_that_is_sent_and_looks_like_none_is_not_recorded(tmp_path: Path) -> None:
    own = "miclavesecreta"
    file = tmp_path / "a.jsonl"
    said = [
        piece.replace(b"Hola", own[:5].encode()).replace(b" desde", own[5:].encode())
        for piece in events("text")
    ]
    with playing([Start(), *map(Send, said)]) as server, Recorder(file) as recorder:
        client = open_client(base_url=server.base_url, api_key=own)
        asked = {**REQUEST, "messages": [{"role": "user", "content": f"Mi clave es {own}"}]}
        with stream_reply(client, record=recorder, **asked) as stream:
            assert own in "".join(stream.text_stream)
        close_client(client)
    assert own not in file.read_text("utf-8") and own[5:] not in file.read_text("utf-8")


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    file, link = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    file.write_text("mío")
    link.symlink_to(file)
    with pytest.raises(FileExistsError):
        Recorder(file)
    with pytest.raises(StoreRefused):
        Recorder(link, replace=True)
    assert file.read_text() == "mío"
    Recorder(file, replace=True).close()
    assert file.read_text().startswith('{"recording": 1')


def test_a_disk_that_is_full_ends_the_recording_and_nothing_else(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    with playing(body(recorded("text"))) as server, Recorder(tmp_path / "a.jsonl") as recorder:
        mocker.patch("stream_core.files.recorder.os.write", side_effect=OSError(errno.ENOSPC, "lleno"))
        result = read_sync(server.base_url, record=recorder)
    assert result.reply.outcome == "complete"
    assert recorder.problem is not None and recorder.problem.errno == errno.ENOSPC


def test_an_overview(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    refused = list(error_reply(529, "overloaded_error", "no", [("retry-after", "0")]))
    record(file, refused, body(recorded("text")), times=2)
    found = contents(file)
    assert (found.model, found.questions) == (REQUEST["model"], ["Pregunta 0", "Pregunta 1"])
    assert [(place.attempt.request, place.attempt.attempt) for place in found.places] == [
        (1, 1),
        (1, 2),
        (2, 1),
    ]


def test_a_recording_without_an_answer_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(encode(Head()) + encode(Chunk(1, b"a")))
    with pytest.raises(BadRecording, match=r"«a\.jsonl» no tiene ninguna respuesta grabada"):
        Replay([file])
    with pytest.raises(FileNotFoundError), practice_server(replay=tmp_path / "no"):
        pass


def test_a_file_that_was_cut_plays_to_where_it_was_cut(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    record(file, [Start(), *map(Send, events("text"))])
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    result = replay(file)
    assert result.reply.outcome == "interrupted" and result.reply.text.startswith("¡Hola")


@pytest.mark.parametrize("bad", [b"{roto\n", b'{"t": 1, "text": "' + b"a" * LONGEST_LINE + b'"}\n', b"[]\n"])
def test_a_damaged_line_cuts_its_answer_and_no_other(tmp_path: Path, bad: bytes) -> None:
    file = tmp_path / "a.jsonl"
    pieces: list[Step] = [Start(), *map(Send, events("text"))]
    record(file, pieces, pieces, times=2)
    lines = file.read_bytes().splitlines(keepends=True)
    second = next(at for at, line in enumerate(lines) if b'"request": 2' in line)
    file.write_bytes(b"".join([*lines[: second - 3], bad, *lines[second - 3 :]]))
    found = contents(file)
    assert found.damage.startswith(f"La línea {second - 2} de «a.jsonl» ") and not found.whole
    assert found.damage.endswith("esa respuesta se corta ahí.") and len(found.places) == 2
    with practice_server(replay=file, pace=0) as url:
        first, other = (read_sync(url, messages=asked(number)) for number in (7, 8))
    assert (first.reply.outcome, other.reply.outcome) == ("interrupted", "complete")
    assert other.reply.text.startswith(first.reply.text) and first.reply.text


@pytest.mark.parametrize("status", [204, 304, 205, 599])
def test_a_status_that_somebody_wrote_into_it_breaks_nothing(tmp_path: Path, status: int) -> None:
    file = tmp_path / "a.jsonl"
    lines: list[Line] = [Head(), Attempt(0), Response(0, status, {}), Chunk(0, b"x" * 100), End(0, "end")]
    file.write_bytes(b"".join(map(encode, lines)))
    with practice_server(replay=file, pace=0) as url:
        assert read_sync(url).reply.outcome == "error"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cola")
    with pytest.raises(BadRecording, match="no es un archivo"):
        contents(tmp_path / "cola")
    file = tmp_path / "b.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([encode(Head())[:-1], encode(Attempt(0))[:-1], b""]))
    assert len(contents(file).places) == 1 and not contents(file).whole


def test_results_of_tools_are_answered_by_what_answered_such_results_or_by_nothing(tmp_path: Path) -> None:
    """A turn that was not recorded to its end would call its tools again and again."""
    file, answered = tmp_path / "a.jsonl", [*asked(0), *results()]
    record(file, body(recorded("thinking_and_tools")), body(recorded("text")), times=2)
    with practice_server(replay=file, pace=0) as url:
        assert read_sync(url, messages=asked(0)).reply.stop_reason == "tool_use"
        over = read_sync(url, messages=answered)
        assert over.reply.outcome == "error" and isinstance(over.reply.error, BadRequest)
        assert "La grabación acaba aquí" in over.reply.error.detail
        assert read_sync(url, messages=asked(1)).reply.text.startswith("¡Hola")
        assert read_sync(url, messages=answered).reply.outcome == "error"  # at the end, too
    whole = tmp_path / "b.jsonl"
    with playing(body(recorded("thinking_and_tools")), body(recorded("text"))) as server:
        with Recorder(whole) as recorder:
            for messages in (asked(0), answered):
                read_sync(server.base_url, record=recorder, **{**REQUEST, "messages": messages})
    with practice_server(replay=whole, pace=0) as url:
        assert read_sync(url, messages=asked(0)).reply.stop_reason == "tool_use"
        assert read_sync(url, messages=asked(1)).reply.stop_reason == "tool_use"  # no results: from the start
        assert read_sync(url, messages=answered).reply.text.startswith("¡Hola")


def results() -> list[dict[str, Any]]:
    call = {"type": "tool_use", "id": "t", "name": "n", "input": {}}
    return [
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]},
    ]


def test_the_rest_of_a_reply_is_no_question(tmp_path: Path) -> None:
    file, begun = tmp_path / "a.jsonl", {"role": "assistant", "content": "¡Ho"}
    cut = Turn("Hola", "Había una vez", "interrupted", "m")
    rests = [[*asked(0), begun], continuation([], cut, model="m")]
    with playing(*[body(recorded("text"))] * 3) as server, Recorder(file) as recorder:
        for messages in (asked(0), *rests):
            read_sync(server.base_url, record=recorder, **{**REQUEST, "messages": messages})
    found = contents(file)
    assert found.questions == ["Pregunta 0"]
    assert [place.attempt.continues for place in found.places] == [False, True, True]
    assert not any(place.brings_results for place in found.places)


def test_an_overview_says_how_each_attempt_ended_and_that_the_end_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    record(file, [Start(), Send(recorded("text")[:900]), Cut()], body(recorded("text")), times=2)
    assert [place.how for place in contents(file).places] == ["cut", "end"] and not contents(file).damage
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-2]))
    found = contents(file)
    assert [place.how for place in found.places] == ["cut", ""] and not found.whole
    assert found.damage.startswith("Le falta el final")
