"""The chat as a person has it: started on a terminal, and what it answers with."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from stream_core.chat.input.choice import SETTLE_SECONDS
from stream_core.practice.events import (
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import Head, Send, Step, Wait
from stream_core.practice.server import PracticeServer
from support.paths import PROGRAM
from support.starting import PRACTICE_SPEED, prepared
from support.terminal import Terminal

KEY = "sk-ant-secreto-123"


LABEL = {
    "oscuro": b"\x1b[0;38;5;114;1mT",
    "claro": b"\x1b[0;38;5;22;1mT",
}  # how the line editor begins "Tú: " in its colour


def answering(*pieces: str, then: Iterable[Step] = ()) -> list[Step]:
    """A reply that sends these pieces; whole, unless `then` does something else at the end."""
    start = message_start("claude-sonnet-5-5", 5) + block_start()
    end = block_stop() + message_delta("end_turn", {"output_tokens": len(pieces)}) + message_stop()
    sent: list[Step] = [Head(), Send(start), *(Send(text_delta(piece)) for piece in pieces)]
    return [*sent, *then] if then else [*sent, Send(end)]


def until(go_on: threading.Event) -> Iterator[Step]:
    """Steps of a reply that wait until it is told to go on."""
    while not go_on.is_set():
        yield Wait(0.02, fixed=True)


def held(go_on: threading.Event) -> Iterator[Step]:
    """A reply that ends when it is told to."""
    yield Head()
    yield Send(message_start("claude-sonnet-5-5", 5) + block_start() + text_delta("una"))
    yield from until(go_on)
    yield Send(block_stop() + message_delta("end_turn", {"output_tokens": 9}) + message_stop())


@contextmanager
def chat(
    server: PracticeServer | None,
    *flags: str,
    rows: int = 30,
    cols: int = 100,
    real: bool = False,
    rewraps: bool = True,
    lifelike: bool = False,
    statements: str = "",
) -> Iterator[Terminal]:
    """The chat on a terminal: with a key against `server`, or in practice mode when there is none.

    `lifelike` lets practice mode take its time, for tests that act in the middle of an answer. `statements`
    are run before the program (`starting.prepared`).
    """
    env = dict(os.environ)
    if lifelike:
        env.pop(PRACTICE_SPEED, None)
    if server is not None:
        env.update(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=server.base_url)
    argv = prepared(statements, PROGRAM, *flags) if statements else [sys.executable, str(PROGRAM), *flags]
    with Terminal(argv, env=env, rows=rows, cols=cols, real=real, reflow=rewraps) as terminal:
        terminal.wait_for("Tú:")
        yield terminal
        assert KEY not in terminal.text


def permit(terminal: Terminal, key: str) -> None:
    """Answer a request for permission, which takes no key in its first moment.

    That moment begins after the question was drawn: surely before it is drawn again.
    """
    drawn = terminal.raw.count(b"Permiso: ")
    terminal.redraw()
    terminal.wait_for(lambda t: t.raw.count(b"Permiso: ") > drawn)
    time.sleep(SETTLE_SECONDS)
    terminal.send(key)


def leave(terminal: Terminal) -> None:
    terminal.send("exit\r")
    assert terminal.wait_exit() == 0
    assert "Traceback" not in terminal.text


def prompts(terminal: Terminal) -> int:
    return len(re.findall(r"^Tú:", terminal.text, re.MULTILINE))


def wait_for_prompt(terminal: Terminal, number: int) -> None:
    """Wait for the n-th prompt, standing alone on its line."""
    terminal.wait_for(lambda t: prompts(t) >= number and t.text.rstrip().endswith("Tú:"))


def wait_for_live(terminal: Terminal, text: str) -> None:
    """Wait until a reply shows a text in its frame. The cursor behind it goes after seconds without more."""
    terminal.wait_for(f"│ {text}")


def wait_for_bytes(terminal: Terminal, count: int) -> None:
    terminal.wait_for(lambda t: len(t.raw) > count)


_REDRAWN = re.compile(rb"\x1b\[\?2026h\r\x1b\[J.*?\x1b\[\?2026l", re.DOTALL)


def wait_for_redrawn(terminal: Terminal, mark: int) -> None:
    """Wait until a reply is drawn, whole, for the size that a resize at this byte has set.

    Frames for the size before may be on their way still.
    """
    terminal.wait_for(lambda t: _REDRAWN.search(t.raw, mark))


TOKENS = [f"tok{number:03}" for number in range(300)]


HOSTILE = (
    "\x1b]0;robado\x07\x1b[2J\x1b[31mrojo\x1b[0m \x9b1;1H \x1b]52;c;aG9sYQ==\x07 \u202eal revés\u202c "
    "\x1bP+q544e\x1b\\ \x1b_Gf=100;AAAA\x1b\\ [bold]no[/bold] \x00\x7f fin"
)
