"""What people are used to from other line editors, and a question that nothing can imitate."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.wire import playing

from stream_core.chat.input.input_reader import InputReader
from stream_core.chat.input.menu import menu_rows
from stream_core.practice.server import PracticeServer


def sent(server: PracticeServer) -> str:
    content: str = server.requests[-1].json()["messages"][-1]["content"]
    return content


def test_the_draft_that_ctrl_c_threw_away_comes_back() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.paste("un borrador\nde dos líneas")
        terminal.send("\x03")
        wait_for_prompt(terminal, 2)
        terminal.send("\x1b[A\r")
        wait_for_prompt(terminal, 3)
        assert sent(server) == "un borrador\nde dos líneas"
        leave(terminal)


UNSEEN = "ca\u00adsa\u200b a\ufeffb \u202ed\u200f f\u2028g x\u0301\u0301 🏴\U000e0067\U000e0062\U000e007f"


def test_the_draft_opens_in_the_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "file = sys.argv[-1]\ntext = open(file, encoding='utf-8').read()\n"
        "open(file, 'w', encoding='utf-8').write(text.upper() + '\\n    sangrado\\n')\n"
    )
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    with playing(answering("vale")) as server, chat(server) as terminal:
        for number, keys in enumerate(("\x07", "\x18\x05")):
            terminal.paste(f"hola {UNSEEN}")
            terminal.send(keys)
            terminal.wait_for(lambda t, number=number: t.text.count("sangrado") > number)  # type: ignore[misc]
            assert len(server.requests) == number  # a draft is sent with Enter
            terminal.send("\r")
            wait_for_prompt(terminal, number + 2)
            assert sent(server) == f"HOLA {UNSEEN.upper()}\n    sangrado"
        leave(terminal)


def test_the_arrows_move_within_a_wrapped_line_first() -> None:
    words = " ".join(f"palabra{number:02}" for number in range(10))
    with playing(answering("vale")) as server, chat(server, cols=60) as terminal:
        terminal.send("una de antes\r")
        wait_for_prompt(terminal, 2)
        terminal.send(f"{words}\x1b[A<")
        terminal.wait_for("<")
        terminal.send("\x1b[B>\r")
        wait_for_prompt(terminal, 3)
        assert sent(server).replace("<", "").replace(">", "") == words
        assert sent(server).index("<") < sent(server).index(">")
        terminal.send("\x1b[A\x1b[A\x1b[A\x1b[A\r")  # to its first row, and to what came before it
        wait_for_prompt(terminal, 4)
        assert sent(server) == "una de antes"
        leave(terminal)


@pytest.mark.parametrize(("rows", "cols"), [(30, 100), (20, 60)])
def test_the_menu_shows_as_many_commands_as_fit(rows: int, cols: int) -> None:
    with playing(answering("vale")) as server, chat(server, rows=rows, cols=cols) as terminal:
        terminal.send("/")
        terminal.wait_for("/demo")
        terminal.wait_for(lambda t: sum(" /" in row for row in t.display) >= min(rows - 7, 22))
        assert any("exit" in row and "/exit" not in row for row in terminal.display)  # what was said last
        if cols == 100:
            assert any(
                "muestra lo gastado y lo que queda, o cambia el límite" in row for row in terminal.display
            )
        else:
            assert any(re.search(r"^ ?/\w+ +muestra .*…", row) for row in terminal.display)
            terminal.send("mod")
            terminal.wait_for(lambda t: re.search(r"/modelo +muestra los modelos.*\n.* otro", t.text))
        terminal.send("\x15/clea")
        terminal.wait_for(lambda t: re.search(r"/clear +es /limpiar: empieza", t.text))
        terminal.send("\x15")
        leave(terminal)


ITEMS = [("/uno", "una descripción"), ("/otro", "una descripción que es más larga, y no cabe en una fila")]


@pytest.mark.parametrize(
    ("width", "height", "selected", "shown"),
    [
        (
            80,
            9,
            None,
            ["/uno|una descripción", "/otro|una descripción que es más larga, y no cabe en una fila"],
        ),
        (
            39,
            9,
            None,
            ["/uno|una descripción", "/otro|una descripción que es más", "|larga, y no cabe en una fila"],
        ),
        (39, 2, None, ["/uno|una descripción", "/otro|una descripción que es más…"]),
        (48, 2, None, ["/uno|una descripción", "/otro|una descripción que es más larga, y no…"]),
        (
            39,
            2,
            1,
            ["/uno|una descripción", "/otro|una descripción que es más", "|larga, y no cabe en una fila"],
        ),
        (20, 2, None, ["/uno|", "/otro|"]),
    ],
)
def test_descriptions_are_whole_or_cut_between_words(
    width: int, height: int, selected: int | None, shown: list[str]
) -> None:
    rows = menu_rows(ITEMS, width, height, selected)
    assert [f"{row.name}|{row.description}" for row in rows] == shown
    assert all(len(row.name) <= 5 and len(row.description) <= width - 9 for row in rows)


def test_a_backslash_before_enter_begins_a_line_in_plain_mode() -> None:
    with playing(answering("vale")) as server, chat(server, "--plain") as terminal:
        terminal.send("uno\\\r")
        terminal.wait_for(lambda t: t.display[t.cursor[0] - 1] == "Tú: uno\\" and t.cursor[1] == 4)
        terminal.send("dos\\\\\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == "uno\ndos\\\\"
        terminal.paste("make \\\n  todo")  # lines that come together are content
        terminal.send("\r")
        wait_for_prompt(terminal, 3)
        assert sent(server) == "make \\\n  todo"
        leave(terminal)


FAMILY = "👨‍👩‍👧‍👦"


def test_vi_keys_by_a_setting() -> None:
    with playing(answering("vale")) as server, chat(server, "--keys", "vi") as terminal:
        terminal.send("hola mundo\x1b")
        terminal.send("0dwA!\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == "mundo!"
        terminal.send(f"{FAMILY * 3}b\x1b")  # what is seen as one character is one
        terminal.send("0xrzlylp$Xhclw\r")
        wait_for_prompt(terminal, 3)
        assert sent(server) == "zwb"
        terminal.send("/apariencia teclas normales\r")
        wait_for_prompt(terminal, 4)
        terminal.send(f"uno dos\x17tres{FAMILY}\x14\r")
        wait_for_prompt(terminal, 5)
        assert sent(server) == f"uno tre{FAMILY}s"
        leave(terminal)


def test_the_search_in_the_history_speaks_spanish() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("una de antes\r")
        wait_for_prompt(terminal, 2)
        terminal.send("\x12ant")
        terminal.wait_for("Buscar hacia atrás: ant")
        terminal.send("\x07")
        leave(terminal)
        assert "search" not in terminal.text.lower()


def test_in_plain_mode_the_word_of_a_question_changes() -> None:
    reader = InputReader.__new__(InputReader)
    reader._screen, reader._plain, reader._word = Mock(), Mock(), ""
    reader._screen.look.plain = True
    for _ in range(20):
        reader.decision("¿Lo permites?")
    asked = [call.args[0] for call in reader._plain.decide.call_args_list]
    words = [re.findall(r"^\[Pregunta (\w+)\] ¿Lo permites\?$", question)[0] for question in asked]
    assert all(before != after for before, after in itertools.pairwise(words))
    assert len(set(words)) > 5
