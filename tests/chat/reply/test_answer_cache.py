"""The cache of answers: what is the same request, what is kept, and what a kept answer costs."""

from __future__ import annotations

import dataclasses
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import run
from support.wire import playing

from stream_core.chat.reply import answer_cache
from stream_core.chat.reply.answer_cache import AnswerCache, ago
from stream_core.chat.reply.toolset import Toolset
from stream_core.config.local_model import LocalModel
from stream_core.config.paths import Paths
from stream_core.config.settings import Settings
from stream_core.config.wire_options import WireOptions
from stream_core.core.instructions import Instructions
from stream_core.core.wire import Answered, Ended, Received, Sent

ASKED = [{"role": "user", "content": "Hola"}]


def settings_in(folder: Path, **more: Any) -> Settings:
    return Settings(paths=Paths(data_dir=folder), wire=WireOptions(cache=True), **more)


def written(cache: AnswerCache, key: str, size: int = 10) -> Path:
    writer = cache.writer(key)
    assert writer is not None
    for event in (Sent({"model": "m"}, 2, 0.0), Answered(200, {}, 0.1), Received(b"x" * size, 0.2)):
        writer(event)
    writer(Ended("end", 0.3))
    writer.end(keep=True)
    assert cache.folder is not None
    return cache.folder / f"{key}.jsonl"


def key_of(number: int) -> str:
    return f"{number:064x}"


def test_the_same_request_has_the_same_key_and_any_other_another(tmp_path: Path) -> None:
    settings, cache = settings_in(tmp_path), AnswerCache(settings_in(tmp_path))
    tools = Toolset(settings)
    key = cache.key(settings, ASKED, tools)
    assert key == cache.key(settings_in(tmp_path), [dict(ASKED[0])], Toolset(settings))
    fewer = Toolset(settings)
    fewer.entries[0].on = False
    connection = dataclasses.replace(settings.connection, base_url="http://localhost:1")
    account = dataclasses.replace(settings.connection, account=lambda: "otra clave")
    local = dataclasses.replace(settings.connection, local=LocalModel(tmp_path / "m.gguf", included=False))
    others = [
        (dataclasses.replace(settings, model="claude-haiku-4-5"), ASKED, tools),
        (dataclasses.replace(settings, max_tokens=5), ASKED, tools),
        (dataclasses.replace(settings, instructions=Instructions("Sé breve.")), ASKED, tools),
        *(
            (dataclasses.replace(settings, connection=each), ASKED, tools)
            for each in (connection, account, local)
        ),
        (settings, [*ASKED, {"role": "assistant", "content": "¿Sí?"}, *ASKED], tools),
        (settings, ASKED, fewer),
    ]
    keys = {cache.key(*each) for each in others}
    assert len(keys) == len(others) and key not in keys


def test_answers_are_private_and_bounded(tmp_path: Path) -> None:
    cache = AnswerCache(settings_in(tmp_path), most_answers=3)
    for number in range(3):
        file = written(cache, key_of(number))
        os.utime(file, (1000 + number, 1000))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    found = cache.find(key_of(0))  # used now, so that it stays
    assert found is not None and found.age > 1000
    written(cache, key_of(3))

    class Nothing:
        outcome, rounds, blocks = "cancelled", (), ()

    writer = cache.writer(key_of(4))
    assert writer is not None
    cache.keep(writer, Nothing())  # type: ignore[arg-type]
    assert [cache.find(key_of(number)) is not None for number in range(5)] == [True, False, True, True, False]
    assert cache.contents[0] == 3 and cache.clear() == 3 and cache.contents == (0, 0)


@pytest.mark.parametrize("now", [1e9, 4e9])
def test_an_age_is_told_by_one_clock_whatever_that_of_the_disk_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: float
) -> None:
    moments = iter((now, now + 200, now + 200))
    monkeypatch.setattr(answer_cache, "time", SimpleNamespace(time=lambda: next(moments)))
    cache = AnswerCache(settings_in(tmp_path))
    written(cache, key_of(1))
    found = cache.find(key_of(1))
    assert found is not None and found.age == pytest.approx(200)


def test_a_damaged_answer_is_asked_again_and_a_link_is_none(tmp_path: Path) -> None:
    cache = AnswerCache(settings_in(tmp_path))
    file = written(cache, key_of(1))
    for damaged in (b"{roto\n", file.read_bytes()[:-20], b"".join(file.read_bytes().splitlines(True)[:-1])):
        file.write_bytes(damaged)  # the second and third as after a loss of power
        assert cache.find(key_of(1)) is None and not file.exists()
    target = tmp_path / "otro"
    target.write_text("x")
    file.symlink_to(target)
    assert cache.find(key_of(1)) is None and target.exists()


def test_nothing_is_kept_or_given_where_it_is_off(tmp_path: Path) -> None:
    cache = AnswerCache(dataclasses.replace(settings_in(tmp_path), wire=WireOptions()))
    assert cache.writer(key_of(1)) is None and cache.find(key_of(1)) is None and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "de ahora mismo"), (200, "de hace 3 min"), (7300, "de hace 2 h"), (5 * 86400, "de hace 5 días")],
)
def test_an_age(seconds: float, words: str) -> None:
    assert ago(seconds) == words


# -- as a person has it ------------------------------------------------------------------------


def test_one_answer_is_given_again_without_a_request() -> None:
    with playing(answering("Uno.")) as server:
        for told in (b"", b"Respuesta de la cach"):
            done = run(server, "--cache", "¿Qué hay?")
            assert done.stdout == b"Uno." and told in done.stderr
        assert len([each for each in server.requests if "messages" in each.path]) == 1
        assert run(server, "--cache", "¿Y ahora?").stdout == run(server, "¿Qué hay?").stdout == b"Uno."
        assert len([each for each in server.requests if "messages" in each.path]) == 3


def test_the_chat_says_on_the_edge_how_old_an_answer_is_and_that_it_is_free() -> None:
    with playing(answering("Uno.")) as server, chat(server, "--cache") as terminal:
        for number, line in enumerate(("hola", "limpiar", "hola"), 2):
            terminal.send(f"{line}\r")
            wait_for_prompt(terminal, number)
        assert "de la caché, de ahora mismo: gratis" in " ".join(terminal.text.split())
        assert len([each for each in server.requests if "messages" in each.path]) == 1
        terminal.send("/reintentar\r")  # whoever asks again wants another answer
        terminal.wait_for("¿Pregunto otra vez?")
        terminal.send("sí\r")
        wait_for_prompt(terminal, 5)
        assert len([each for each in server.requests if "messages" in each.path]) == 2
        terminal.send("/cache\r")
        terminal.wait_for("encendida (1 respuesta guardada")
        terminal.send("/cache vaciar\r")
        terminal.wait_for("había 1 respuesta guardada")
        leave(terminal)
