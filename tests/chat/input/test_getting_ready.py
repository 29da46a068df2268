"""Esc while the program gets ready: the program is really started, so that getting ready takes a while."""

from __future__ import annotations

from support.chats import chat, leave, wait_for_prompt


def test_escape_while_getting_ready_is_a_cancel_and_eats_no_letter() -> None:
    with chat(None, "--practice", real=True) as terminal:
        terminal.send("¿Qué es el streaming?\r")
        terminal.wait_for("Preparando la conexión")
        terminal.send("\x1b")
        terminal.wait_for("Cancelaste antes de que se enviara")
        wait_for_prompt(terminal, 2)
        leave(terminal)
        assert "(completa)" not in terminal.text
