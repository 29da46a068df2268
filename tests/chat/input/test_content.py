"""What is typed, pasted or piped is what is sent: blanks at its edges are content."""

from __future__ import annotations

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.oneshots import run
from support.wire import playing

from stream_core.practice.server import PracticeServer

FUNCTION = "    def f():\n        return 1"
RULE = "\tgcc -o a a.c\nall: a"
YAML = "  - uno\n  - dos\n    más: sí"


def sent(server: PracticeServer, number: int = -1) -> str:
    """What the last message of a request says."""
    content = server.requests[number].json()["messages"][-1]["content"]
    return str(content if isinstance(content, str) else content[-1]["text"])


@pytest.mark.parametrize(
    ("piped", "content"),
    [
        (f"{FUNCTION}\n", FUNCTION),
        (f"{RULE}\n", RULE),
        (f"{YAML}\n\n\n", YAML),
        ("\n\n  al fondo  \n", "\n\n  al fondo  "),
        ("sin final", "sin final"),
    ],
)
def test_a_pipe_keeps_its_indentation(piped: str, content: str) -> None:
    with playing(answering("vale")) as server:
        assert run(server, input=piped.encode()).returncode == 0
        assert run(server, "  Explica: ", input=piped.encode()).returncode == 0
        assert [sent(server, number) for number in (0, 1)] == [content, f"  Explica: \n\n{content}"]


@pytest.mark.parametrize("blank", ["", "\n", " \t\n\n"])
def test_a_pipe_with_nothing_but_blanks_is_no_part_of_the_question(blank: str) -> None:
    with playing(answering("vale")) as server:
        assert run(server, input=blank.encode()).returncode == 2
        assert run(server, "hola", input=blank.encode()).returncode == 0
        assert [sent(server)] == ["hola"]


@pytest.mark.parametrize("mode", [(), ("--plain",)])
def test_what_is_pasted_or_typed_keeps_its_blanks(mode: tuple[str, ...]) -> None:
    with playing(answering("vale")) as server, chat(server, *mode) as terminal:
        for number, text in enumerate((FUNCTION, YAML, "  con blancos  "), 2):
            terminal.paste(text)
            terminal.send("\r")
            wait_for_prompt(terminal, number)
            assert sent(server) == text
        terminal.send("   \r")  # nothing but blanks is nothing
        leave(terminal)
        assert len(server.requests) == 3


def test_a_tab_that_is_pasted_stays_a_tab_and_looks_like_blanks() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.paste(RULE)
        terminal.wait_for("all: a")
        assert "^I" not in terminal.text
        terminal.send("\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == RULE
        terminal.send("\x1b[A\r")  # from the history
        wait_for_prompt(terminal, 3)
        assert sent(server) == RULE
        terminal.send("/reintentar\r")
        terminal.wait_for("¿Pregunto otra vez?")
        terminal.send("sí\r")
        wait_for_prompt(terminal, 4)
        assert sent(server) == RULE
        leave(terminal)


def test_a_line_that_the_terminal_cuts_in_plain_mode_is_not_sent() -> None:
    with playing(answering("vale")) as server, chat(server, "--plain") as terminal:
        terminal.send("x" * 4_200 + "\r")
        terminal.wait_for("No se envió nada")
        terminal.send("y" * 3_000 + "\n" + "z" * 4_000 + "\r")
        wait_for_prompt(terminal, 3)
        assert sent(server) == "y" * 3_000 + "\n" + "z" * 4_000
        leave(terminal)
        assert len(server.requests) == 1
