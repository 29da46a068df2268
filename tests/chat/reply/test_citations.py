"""A search on the server, as it is seen: the cited sentence is whole, and its sources are numbered."""

from __future__ import annotations

import pytest
from support.chats import chat, leave, wait_for_prompt

QUESTION = "Busca en la web las novedades de Python"
SENTENCE = "Según lo que encontré, cada otoño sale una versión de Python[1] y dura cinco años[2]."
SOURCES = ["Fuentes:", "[1] Novedades de Python · example.com", "[2] Calendario de versiones · example.org"]


@pytest.mark.parametrize("plain", [False, True])
def test_sources_are_numbered_in_the_reply_and_in_the_context(plain: bool) -> None:
    flags = ["--practice", "--web-search", *(["--plain"] if plain else [])]
    with chat(None, *flags, rows=60) as terminal:
        terminal.send(f"{QUESTION}\r")
        wait_for_prompt(terminal, 2)
        terminal.send("/contexto\r")
        wait_for_prompt(terminal, 3)
        bar = "" if plain else "│ "
        rows = [line.rstrip().removeprefix(bar) for line in terminal.text.splitlines()]
        for row in (SENTENCE, *SOURCES):
            assert rows.count(row) == 2
        at = rows.index(SOURCES[0])
        assert rows[at : at + 3] == SOURCES
        assert rows[at - 2].endswith("rnet.")  # the end of the text, once
        assert "Voy a buscarlo en la web…" in rows and "{'" not in terminal.text
        leave(terminal)
