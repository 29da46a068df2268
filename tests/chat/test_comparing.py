"""Several models side by side, as a person has it: columns, one stopped by its number, another chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable

from support.chats import answering, chat, leave, wait_for_prompt, wait_for_redrawn
from support.oneshots import run
from support.terminal import Terminal

from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Hang, Step
from stream_core.practice.server import PracticeServer

ROWS = 40
LONG = [f"sol{number:02}\n\n" for number in range(ROWS)]
OTHER = [f"luna{number:02}\n\n" for number in range(ROWS // 2)]


def serving(sonnet: Iterable[Step], haiku: Iterable[Step]) -> PracticeServer:
    def script(request: object) -> Iterable[Step]:
        assert isinstance(request, dict)
        return haiku if "haiku" in request["model"] else sonnet

    return PracticeServer(remember=True, scenarios=[Scenario("test", "", lambda _: True, script)], pace=1.0)


def each_row_once(terminal: Terminal) -> None:
    for name, count in (("sol", ROWS), ("luna", ROWS // 2)):
        for number in range(count):
            assert len(re.findall(rf"\b{name}{number:02}\b", terminal.text)) == 1, (name, number)


def test_columns_that_are_drawn_once_one_stopped_by_its_number_and_another_chosen() -> None:
    """One never ends by itself; what is final stands once in the scrollback, also after a resize."""
    with serving(answering(*LONG, then=[Hang()]), answering(*OTHER)) as server, chat(server) as terminal:
        terminal.send("/comparar sonnet haiku cielos\r")
        terminal.wait_for(lambda t: "completa" in t.text and "≈" in t.text)
        assert "Esc y su número, una" in terminal.text
        wait_for_redrawn(terminal, terminal.resize(30, 90))
        assert re.search(r"─ 1 · sonnet ─+┬─+ 2 · haiku ─", terminal.text.replace("─┬─ ", "─┬── "))
        terminal.resize(30, 70)  # too narrow for columns
        terminal.wait_for(lambda t: "1 · sonnet (sigue)" in t.text and "2 · haiku: completa" in t.text)
        terminal.send("\x1b")
        terminal.wait_for("¿Cuál cancelo?")
        terminal.send("1")
        terminal.wait_for("La conversación sigue con la respuesta 1, de sonnet.")
        each_row_once(terminal)
        assert re.search(r"Final +cancelada +completa", terminal.text) and "Velocidad" in terminal.text
        terminal.send("/elegir 2\r")
        terminal.wait_for("sigue con la respuesta 2, de haiku")
        terminal.send("/x 2 3\r")  # the third event of the second answer; without a number it is the first
        terminal.wait_for("La respuesta 2, de haiku")
        terminal.wait_for("luna00\\n")
        terminal.send("/x\r")
        terminal.wait_for("La respuesta 1, de sonnet")
        terminal.send("/buscar sol07\r")
        terminal.wait_for("alternativa 1, turno 1 de ")
        terminal.send("/comparar haiku\r")
        terminal.wait_for("hacen falta de 2 a 4 modelos")
        leave(terminal)
        asked = [request.json() for request in server.requests if request.path.startswith("/v1/messages")]
        assert len(asked) == 2 and {"haiku" in each["model"] for each in asked} == {True, False}


def test_a_narrow_window_shows_one_after_another_and_ctrl_c_stops_all() -> None:
    slow = answering(*OTHER, then=[Hang()])
    with (
        serving(answering(*LONG, then=[Hang()]), slow) as server,
        chat(server, rows=20, cols=60) as terminal,
    ):
        terminal.send("/comparar sonnet haiku\r")
        terminal.wait_for("irá a la vez a sonnet y haiku")
        wait_for_prompt(terminal, 2)
        terminal.send("cielos\r")
        all_of_it = re.compile(r"sol39\n.*\n2 · haiku: .*≈40 tokens")  # of both, before Ctrl+C
        terminal.wait_for(lambda t: all_of_it.search(t.text))
        terminal.send("\x03")
        terminal.wait_for("La conversación sigue con la respuesta 1")
        each_row_once(terminal)
        assert terminal.text.index("sol39") < terminal.text.index("luna00")
        assert re.search(r"Final +cancelada +cancelada", terminal.text)
        leave(terminal)


def test_without_the_chat_texts_stand_below_headings_and_all_else_on_stderr() -> None:
    with serving(answering("sol"), answering("luna")) as server:
        done = run(server, "--compare", "sonnet,haiku:pensar=no", "cielos")
        assert done.returncode == 0
        assert done.stdout.decode() == "## 1 · sonnet\n\nsol\n\n## 2 · haiku:pensar=no\n\nluna\n\n"
        assert "Final: 1 · sonnet completa; 2 · haiku:pensar=no completa" in done.stderr.decode()
        seen = run(server, "--compare", "sonnet,haiku", "--xray", "cielos").stderr.decode()
        assert "no se ve la radiografía" in seen and "«sol»" not in seen
        refused = run(server, "--compare", "sonnet", "cielos")
        assert (refused.returncode, refused.stdout) == (2, b"")
        assert "hacen falta de 2 a 4 modelos" in refused.stderr.decode()
        both = run(server, "--compare", "sonnet,haiku", "--chunked", "cielos")
        assert both.returncode == 2 and "no van juntas" in both.stderr.decode()
