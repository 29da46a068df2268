"""Keys that a terminal user knows, pressed while a reply arrives: none of them loses anything."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

from support.chats import TOKENS, answering, chat, leave, wait_for_live, wait_for_prompt
from support.terminal import Terminal
from support.wire import playing

from stream_core.practice.script import Hang, Step, Wait

MANY = 40
ROWS = [f"- {token}\n" for token in TOKENS[:MANY]]


def slowly(pieces: list[str], seconds: float) -> Iterator[Step]:
    """A reply that pauses after each piece."""
    first, *steps = answering(*pieces)
    yield first
    for step in steps:
        yield step
        yield Wait(seconds)


def times(terminal: Terminal) -> set[int]:
    return {terminal.text.count(token) for token in TOKENS[:MANY]}


def test_ctrl_s_pauses_and_ctrl_q_goes_on() -> None:
    with playing(list(slowly(ROWS, 0.05))) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(TOKENS[3])
        terminal.send("\x13")
        terminal.wait_for("En pausa")
        seen = max(number for number, token in enumerate(TOKENS[:MANY]) if token in terminal.text)
        time.sleep(0.5)
        assert all(token not in terminal.text for token in TOKENS[seen + 1 : MANY])
        terminal.send("\x11")
        wait_for_prompt(terminal, 2)
        assert times(terminal) == {1} and "En pausa" not in terminal.text
        leave(terminal)


def test_a_reply_that_ends_in_a_pause_waits_for_any_key() -> None:
    sent = threading.Event()

    def reply() -> Iterator[Step]:
        yield from slowly(ROWS, 0.02)
        sent.set()

    with playing(reply()) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(TOKENS[3])
        terminal.send("\x13")
        terminal.wait_for("En pausa")
        assert sent.wait(20)
        time.sleep(0.3)
        assert "(completa)" not in terminal.text
        terminal.send("x")
        wait_for_prompt_with(terminal, "x")
        assert times(terminal) == {1}
        terminal.send("\x7f")
        leave(terminal)


def wait_for_prompt_with(terminal: Terminal, typed: str) -> None:
    terminal.wait_for(lambda t: re.search(rf"^Tú: {typed}$", t.text.rstrip(), re.MULTILINE))


def test_ctrl_l_clears_the_screen_and_loses_nothing() -> None:
    with playing(list(slowly(ROWS, 0.05))) as server, chat(server) as terminal:
        terminal.send("hola\r")
        terminal.wait_for(TOKENS[10])
        terminal.send("\x0c")
        terminal.wait_for(lambda t: TOKENS[10] not in "\n".join(t.display))
        wait_for_prompt(terminal, 2)
        assert times(terminal) == {1}
        leave(terminal)


def test_ctrl_backslash_leaves_the_terminal_as_it_was() -> None:
    with playing(answering("a medias ", then=[Hang()])) as server, chat(server) as terminal:
        terminal.send("hola\r")
        wait_for_live(terminal, "a medias")
        terminal.send("\x1c")
        assert terminal.wait_exit() == 131
        assert "a medias" in terminal.text and "(cancelada)" in terminal.text
        assert not terminal.screen.cursor.hidden


def test_the_typing_speed_is_kept_to_the_end_and_a_key_hurries_it() -> None:
    text = "".join(f"tok{number:03} " for number in range(100))
    with playing(answering(text)) as server, chat(server, "--typing-speed", "20") as terminal:
        terminal.send("hola\r")
        terminal.wait_for("tok002")
        time.sleep(0.5)
        assert "tok050" not in terminal.text
        terminal.send(" ")
        terminal.wait_for("(completa)")  # by itself it would take longer than this waits
        assert "tok099" in terminal.text
        terminal.send("\x7f")
        leave(terminal)


def test_esc_ends_slow_typing() -> None:
    text = "".join(f"tok{number:03} " for number in range(100))
    with playing(answering(text)) as server, chat(server, "--typing-speed", "20") as terminal:
        terminal.send("hola\r")
        terminal.wait_for("tok002")
        terminal.send("\x1b")
        terminal.wait_for("tok099")
        wait_for_prompt(terminal, 2)
        leave(terminal)
