"""What the terminal says by itself: the background chooses the theme, the focus decides about a call."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from support.chats import KEY, LABEL, answering, chat, leave, permit, wait_for_prompt
from support.paths import PROGRAM
from support.terminal import Terminal
from support.tool_calls import calling
from support.wire import playing

from stream_core.practice.script import Step, Wait
from stream_core.terminal.device.attention import FOCUS_OFF, FOCUS_ON

LIGHT = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"


def test_a_light_terminal_gets_the_light_theme_from_the_first_prompt() -> None:
    argv = [sys.executable, str(PROGRAM), "--practice"]
    with Terminal(argv, env=dict(os.environ), background="ffff/ffff/ffff") as terminal:
        wait_for_prompt(terminal, 1)
        assert LABEL["claro"] in terminal.raw and LABEL["oscuro"] not in terminal.raw
        leave(terminal)


def test_an_answer_that_comes_late_and_in_pieces_is_heeded_and_is_no_text() -> None:
    with playing(answering("uno"), answering("dos")) as server:
        env = {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
        with Terminal([sys.executable, str(PROGRAM)], env=env, background="") as terminal:
            wait_for_prompt(terminal, 1)
            assert LABEL["oscuro"] in terminal.raw
            for piece in ("ho", LIGHT[:9], LIGHT[9:], "\x1b[?62;22c", "la\r"):
                terminal.send(piece)
            wait_for_prompt(terminal, 2)
            assert server.requests[0].json()["messages"][-1]["content"] == "hola"
            assert LABEL["claro"] in terminal.raw
            leave(terminal)


def test_a_question_calls_whoever_looks_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "lunes.txt").write_text("comprar pan")
    head, *asked = calling(("read_file", '{"path": "lunes.txt"}'))
    flags = ["--files", str(tmp_path), "--notify", "osc777"]
    away = threading.Event()

    def script() -> Iterator[Step]:
        yield head
        while not away.is_set():
            yield Wait(0.02, fixed=True)
        yield from asked

    with playing(script(), answering("Listo.")) as server, chat(server, *flags) as terminal:
        assert FOCUS_ON.encode() not in terminal.raw
        terminal.send("lee\r")
        terminal.wait_for(lambda t: FOCUS_ON.encode() in t.raw)
        terminal.send("\x1b[Ox")
        terminal.wait_for("› x")  # so what came before that is read, too
        terminal.send("\x7f")
        terminal.wait_for(lambda t: "›" not in t.text)
        away.set()
        terminal.wait_for("¿Lo permites?")
        assert b"\x1b]777;notify;Claude;Claude espera tu respuesta.\x07" in terminal.raw
        terminal.send("\x1b[I")
        permit(terminal, "s")
        wait_for_prompt(terminal, 2)
        assert terminal.raw.rindex(FOCUS_OFF.encode()) > terminal.raw.rindex(FOCUS_ON.encode())
        assert "[I" not in terminal.text and "[O" not in terminal.text
        leave(terminal)
