"""A terminal that does not read for a while: what has arrived is drawn once it reads again."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.chats import answering, chat, leave, permit, wait_for_prompt
from support.paths import ROOT
from support.starting import prepared
from support.terminal import Terminal
from support.wire import playing

from stream_core.practice.events import (
    block_start,
    block_stop,
    input_delta,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Head, Send, Step
from stream_core.terminal.reply import frame_loop

DRAW = ROOT / "tests" / "support" / "draw.py"
# More than the kernel keeps of what nobody reads, so that the program is held up in the middle of a frame.
WORDS = [f"palabra{number:04}" for number in range(4000)]
TEXT = "".join(f"- **{word}** y `relleno`\n" for word in WORDS)
SHORT = """
from stream_core.chat.input import keys_while_streaming
from stream_core.terminal.reply import redrawn_view, plain
for module in (keys_while_streaming, redrawn_view, plain):
    module._STUCK_SECONDS = 0.3
"""
_HANGS_SECONDS = 1.2  # several times as long as a frame is waited for when nobody wants the rest


def drawing(tmp_path: Path, **look: object) -> tuple[list[str], Callable[[], bool]]:
    """The program that draws, and whether it has been given the whole reply."""
    fed = tmp_path / "fed"
    spec = {"text": TEXT, "size": 400, "pause": 0.002, "look": look, "breaks": "", "fed": str(fed)}
    return prepared(SHORT, DRAW, json.dumps(spec)), fed.exists


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("plain", [False, True])
def test_what_came_while_the_terminal_did_not_read_is_drawn_when_it_reads(
    tmp_path: Path, plain: bool, soaking: bool
) -> None:
    command, fed = drawing(tmp_path, plain=plain)
    with Terminal(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as terminal:
        terminal.wait_for(WORDS[20])
        with terminal.unread():
            if not plain:  # there the writing itself holds up who feeds it
                wait_until(fed)
            time.sleep(25 if soaking else _HANGS_SECONDS)
            assert terminal.status is None
        assert terminal.wait_exit(60) == 0
        text = terminal.text
    assert [word for word in WORDS if text.count(word) != 1] == []
    assert "(completa)" in text and text.index(WORDS[-1]) < text.index("(completa)")


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause after each frame that is out of all proportion to what the frame cost."""
    monkeypatch.setattr(frame_loop, "_BACK_PRESSURE", 1_000)


@pytest.mark.usefixtures("long_pauses")
def test_the_wait_for_a_terminal_is_followed_by_no_pause_in_proportion() -> None:
    drawn = threading.Semaphore(0)

    def frame(tick: bool) -> None:
        drawn.release()
        time.sleep(0.2)  # as long as the terminal takes nothing

    loop = frame_loop.FrameLoop(lambda: None, frame, lambda: True, lambda: False, 20)
    loop.start()
    try:
        assert all(drawn.acquire(timeout=60) for _ in range(3))
    finally:
        loop.close(lambda: None)


PIECES = [TEXT[at : at + 400] for at in range(0, len(TEXT), 400)]


def test_ctrl_c_twice_leaves_a_chat_that_the_terminal_holds_up() -> None:
    with playing(answering(*PIECES)) as server, chat(server, statements=SHORT) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(WORDS[5])
        with terminal.unread():
            time.sleep(_HANGS_SECONDS)
            terminal.send("\x03")
            time.sleep(0.2)
            terminal.send("\x03")
            wait_until(lambda: gone(terminal.pid))
        assert terminal.wait_exit() == 130


def test_a_question_within_what_the_terminal_did_not_read_stands_by_itself(tmp_path: Path) -> None:
    calling = [*map(text_delta, PIECES), block_stop()]
    call = {"type": "tool_use", "id": "toolu_1", "name": "list_files", "input": {}}
    calling += [block_start(1, call), input_delta('{"path":"."}', 1), block_stop(1)]
    start = message_start("claude-sonnet-5-5", 5) + block_start()
    ending = message_delta("tool_use", {"output_tokens": 9}) + message_stop()
    script: list[Step] = [Head(), Send(start), *map(Send, calling), Send(ending)]
    with (
        playing(script, answering("fin")) as server,
        chat(server, "--files", str(tmp_path), statements=SHORT) as terminal,
    ):
        terminal.send("hola\r")
        terminal.wait_for(WORDS[5])
        with terminal.unread():
            time.sleep(_HANGS_SECONDS)
        terminal.wait_for("Permiso")
        permit(terminal, "s")
        wait_for_prompt(terminal, 2)
        text = terminal.text
        assert [word for word in WORDS if text.count(word) != 1] == []
        assert "\n Permiso: Claude quiere ver los nombres de la carpeta." in text
        leave(terminal)


def gone(pid: int) -> bool:
    """Whether a process has ended, although nobody reads the terminal on which that would show."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_after_one_ctrl_c_the_chat_goes_on_when_the_terminal_reads() -> None:
    with (
        playing(answering(*PIECES), answering("otra respuesta")) as server,
        chat(server, statements=SHORT) as terminal,
    ):
        terminal.send("hola\r")
        terminal.wait_for(WORDS[5])
        with terminal.unread():
            time.sleep(_HANGS_SECONDS)
            terminal.send("\x03")
            time.sleep(_HANGS_SECONDS)
        wait_for_prompt(terminal, 2)
        assert not terminal.screen.cursor.hidden
        terminal.send("otra\r")
        terminal.wait_for("otra respuesta")
        wait_for_prompt(terminal, 3)
        leave(terminal)
