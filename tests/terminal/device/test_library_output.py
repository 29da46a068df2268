"""What libraries say on their own account, kept off the screen."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from support.chats import chat, leave
from support.continuing import ask
from support.oneshots import run

from stream_core.practice.server import PracticeServer
from stream_core.terminal.device.library_output import quiet_libraries

TOKEN = "a-token-of-a-test-beside-the-key"


def last(message: str, args: tuple[str, ...] = (), name: str = "anthropic.x", level: int = 30) -> None:
    """Log where no handler is: the last resort takes it."""
    handler = logging.lastResort
    assert handler is not None
    levels = {"levelno": level, "levelname": logging.getLevelName(level)}
    handler.handle(logging.makeLogRecord({"name": name, "msg": message, "args": args, **levels}))


def test_warnings_and_records_are_noted(capsys: pytest.CaptureFixture[str]) -> None:
    noted: list[tuple[str, str]] = []
    before = warnings.showwarning, logging.lastResort
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with quiet_libraries(lambda source, words: noted.append((source, words))):
            warnings.warn("PydanticSerializationUnexpectedValue: lo dicho", UserWarning, stacklevel=1)
            last("a %s", args=("b",))
            last("a %s %s", args=("b",))
    assert [words for _, words in noted] == ["PydanticSerializationUnexpectedValue: lo dicho", "a b", ""]
    assert "lo dicho" not in noted[0][0] and noted[1][0].startswith("WARNING anthropic.x")
    assert capsys.readouterr().err == ""
    assert (warnings.showwarning, logging.lastResort) == before


def test_defects_are_not_hidden(mocker: MockerFixture, capsys: pytest.CaptureFixture[str]) -> None:
    mocker.patch.object(sys.stderr, "isatty", return_value=True)
    noted: list[str] = []
    handlers = list(logging.getLogger().handlers)
    with quiet_libraries(lambda source, words: noted.append(words)):
        assert len(logging.getLogger().handlers) == len(handlers) + 1
        last("Task exception", name="asyncio", level=40)
    assert noted == [] and "Task exception" in capsys.readouterr().err
    assert logging.getLogger().handlers == handlers


def test_two_credentials_say_nothing_on_the_screen(
    monkeypatch: pytest.MonkeyPatch, own_environment: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("ANTHROPIC_LOG", "debug")
    with PracticeServer(pace=0) as server, chat(server, "--debug") as terminal:
        ask(terminal, "hola", prompt=2)
        assert "ANTHROPIC_AUTH_TOKEN" not in terminal.text and "DEBUG" not in terminal.text
        leave(terminal)
    (log,) = (own_environment / "data" / "logs").iterdir()
    text = log.read_text("utf-8")
    assert "biblioteca WARNING anthropic" in text and TOKEN not in text and "Hola" not in text


def test_nor_beside_a_single_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    with PracticeServer(pace=0) as server:
        done = run(server, "hola")
    assert done.returncode == 0
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("Servidor: ")


def test_what_was_asked_for_in_a_file_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_LOG", "info")
    with PracticeServer(pace=0) as server:
        done = run(server, "hola")
    assert "INFO" in done.stderr.decode()
