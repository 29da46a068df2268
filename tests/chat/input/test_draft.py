"""What is typed while a reply streams, as text: the same that the prompt will make of it."""

from __future__ import annotations

import re

import pytest
from prompt_toolkit.key_binding import KeyPress
from support.chats import answering, chat, leave, wait_for_live, wait_for_prompt
from support.wire import playing

from stream_core.chat.input.draft import Draft
from stream_core.chat.input.keys_while_streaming import _Parser
from stream_core.practice.script import Hang


def draft(typed: str) -> str:
    """The draft after these keys, with `|` for its cursor."""
    keys: list[KeyPress] = []
    parser = _Parser(keys.append)
    parser.feed(typed)
    parser.flush()
    made = Draft()
    made.feed(keys)
    return f"{made.before}|{made.after}"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("hola", "hola|"),
        ("hola\x7f\x7f", "ho|"),
        ("una 👨‍👩‍👧\x7f", "una |"),
        ("a🇪🇸b\x1b[D\x1b[D\x1b[3~", "a|b"),
        ("uno dos\x17tres", "uno tres|"),
        ("uno dos\x1b\x7f", "uno |"),
        ("uno dos\x15tres", "tres|"),
        ("hola\x1b[D\x1b[DX", "hoX|la"),
        ("hola\x01X\x05Y", "XholaY|"),
        ("hola\x1b[H\x0b", "|"),
        ("hola\x1b[F\x02\x06", "hola|"),
        ("uno\rdos", "uno⏎ dos|"),
        ("\r  \rdos", "dos|"),
        ("uno\rdos\r", "2 en espera; Ctrl+C los devuelve ⏎ |"),
        ("uno\rdos\r" + "x" * 20, "2 en espera; Ctrl+C los devuelve ⏎ …" + "x" * 16 + "|"),
        ("uno\\\rdos", "uno\ndos|"),
        ("uno\\\\\r", "uno\\\\⏎ |"),
        ("uno\x1b\rdos\x15tres", "uno\ntres|"),
        ("uno\ndos\x01\x1b[DX", "uno\nX|dos"),
        ("\x1b[200~uno\r\ndos\rtres\x1b[201~", "uno\ndos\ntres|"),
        ("\x1b[13;2uX\x1b[27;5;13~Y", "\nX\nY|"),
        ("a\x1b[A\x1b[B\x1bOP\t\x12\x1b[I\x1bhb", "ab|"),
        ("\x1b]11;rgb:0/0/0\x07hola", "hola|"),
    ],
)
def test_what_the_keys_make(typed: str, shown: str) -> None:
    assert draft(typed) == shown


def test_it_stands_below_the_edge_and_goes_into_the_prompt() -> None:
    """Through a resize, a message that waits and a cancel; in the end there is one prompt with the rest."""
    with (
        playing(answering("una", then=[Hang()]), answering("otra", then=[Hang()])) as server,
        chat(server) as terminal,
    ):
        terminal.send("primera\r")
        wait_for_live(terminal, "una")
        terminal.send("segun\x1b[D")
        terminal.wait_for("› segun")
        below = terminal.display.index("› segun")
        assert terminal.display[below - 1].startswith("╰─") and not any(terminal.display[below + 1 :])
        assert terminal.screen.cursor.hidden and terminal.screen.buffer[below][6].reverse
        terminal.send("\x1b[Fda pregunta que es larga de más para la ventana\r")
        terminal.send("\x1b[200~borrador\ncon más\x1b[201~")
        terminal.wait_for("⏎ borrador↵con más")
        terminal.resize(20, 40)
        terminal.wait_for(lambda t: any(re.fullmatch("› ….*⏎ borrador↵con más", row) for row in t.display))
        assert "│ una" in terminal.text and terminal.text.count("borrador") == 1
        terminal.send("\x1b")
        wait_for_live(terminal, "otra")
        assert len(server.requests) == 2
        terminal.wait_for("› borrador↵con más")
        assert terminal.text.count("segunda pregunta") == 1 == terminal.text.count("borrador")
        terminal.send("\x1b")
        terminal.wait_for("Tú: borrador\n    con más")
        assert "›" not in terminal.text and not terminal.screen.cursor.hidden
        terminal.send("\x03")
        leave(terminal)


def test_in_plain_mode_nothing_is_drawn() -> None:
    with playing(answering("tok1\n", then=[Hang()])) as server, chat(server, "--plain") as terminal:
        terminal.send("primera\r")
        terminal.wait_for("tok1")
        terminal.send("segunda")
        terminal.send("\x03")
        terminal.wait_for("Tú: segunda")
        assert "›" not in terminal.text and terminal.text.count("segunda") == 1
        terminal.send("\x03")
        wait_for_prompt(terminal, 3)
        leave(terminal)
