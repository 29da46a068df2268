"""The line editor: it counts what is seen, wraps between words, and leaves nothing behind."""

from __future__ import annotations

import itertools
import time

import pytest
from support.chats import answering, chat, leave, wait_for_prompt
from support.terminal import Terminal
from support.wire import playing

from stream_core.practice.server import PracticeServer

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WHOLE = {
    "family": "👨‍👩‍👧‍👦",
    "flag": "🇪🇸",
    "tag flag": SCOTLAND,
    "skin": "👍🏽",
    "keycap": "1️⃣",
    "heart": "❤️",
    "accent": "é",
    "devanagari": "क्षि",
    "wide": "日",
    "plain": "ñ",
}


def sent(server: PracticeServer) -> str:
    content: str = server.requests[-1].json()["messages"][-1]["content"]
    return content


def settle(terminal: Terminal) -> None:
    """Wait until nothing more is drawn."""
    length = -1
    while length != len(terminal.raw):
        length = len(terminal.raw)
        time.sleep(1.0)


def test_a_grapheme_is_deleted_and_passed_as_one() -> None:
    cases = (
        ("a{}b{}\x7f", "a{}b"),
        ("a{}\x7f{}", "a{}"),
        ("{}a\x01\x1b[3~", "a"),
        ("{}a\x01\x04", "a"),
        ("a{}\x1b[Db", "ab{}"),
        ("{}{}\x01\x1b[Cb", "{}b{}"),
        ("a{}b\nxy\x1b[Az", None),
    )
    with playing(answering("vale")) as server, chat(server) as terminal:
        for number, (grapheme, (keys, text)) in enumerate(itertools.product(WHOLE.values(), cases), 2):
            terminal.send(keys.replace("{}", grapheme) + "\r")
            wait_for_prompt(terminal, number)
            if text is not None:
                assert sent(server) == text.replace("{}", grapheme), repr((grapheme, keys))
            else:  # somewhere, but never within it
                assert grapheme in sent(server), repr((grapheme, keys))
        leave(terminal)


def test_the_cursor_stands_where_what_is_typed_appears() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        for text, columns in (("👨‍👩‍👧", 2), ("🇪🇸🇫🇷", 4), ("👍🏽a", 3), ("日本", 4), ("1️⃣", 2)):
            terminal.send(text)
            terminal.wait_for(lambda t, columns=columns: t.cursor[1] == 4 + columns)  # type: ignore[misc]
            terminal.send("\x15")
            terminal.wait_for(lambda t: t.cursor[1] == 4)
        leave(terminal)


def test_long_lines_wrap_between_words() -> None:
    words = " ".join(f"palabra{number:02}" for number in range(30))
    with playing(answering("vale")) as server, chat(server, cols=60) as terminal:
        terminal.send(words)
        terminal.wait_for("palabra29")
        rows = [row for row in terminal.display if "palabra" in row]
        assert len(rows) > 3
        assert all(word.startswith("palabra") and len(word) == 9 for row in rows for word in row[4:].split())
        terminal.send("\x1b[D" * 9 + "x\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == f"{words[:-9]}x{words[-9:]}"
        leave(terminal)


def test_a_word_that_is_longer_than_a_row_is_cut() -> None:
    with playing(answering("vale")) as server, chat(server, cols=60) as terminal:
        terminal.send("uno " + "x" * 150)
        terminal.wait_for(lambda t: "".join(t.display).count("x") >= 150)
        terminal.send("\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == "uno " + "x" * 150
        leave(terminal)


@pytest.mark.parametrize("rewraps", [True, False], ids=["VTE", "xterm"])
def test_a_draft_of_several_lines_leaves_no_copy_on_resize(
    rewraps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"línea {number} del borrador {'y más ' * 10}fin{number}" for number in range(4)]
    if not rewraps:
        monkeypatch.setenv("XTERM_VERSION", "XTerm(390)")
    with playing(answering("vale")) as server, chat(server, rewraps=rewraps) as terminal:
        terminal.paste("\n".join(lines))
        terminal.wait_for("fin3")
        settle(terminal)
        for rows, cols in ((30, 60), (30, 100), (20, 45), (30, 100), (24, 60)):
            mark = terminal.resize(rows, cols)
            # It draws when the signal comes, and again once it has asked for the size, as it does twice a
            # second. No editor can know that what it is about to draw will be wrapped anew.
            terminal.wait_for(lambda t, mark=mark: t.raw.count(b"\x1b[?25h", mark) == 2)  # type: ignore[misc]
            terminal.wait_for(lambda t: all(t.text.count(f"fin{n}") == 1 for n in range(4)))
            assert terminal.text.count("línea 0 del") == 1
            greeting = terminal.text[: terminal.text.index("Tú:")]
            assert "Chat con Claude" in greeting and "Escribe y pulsa Enter" in greeting  # nothing is erased
        terminal.send("\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == "\n".join(lines)
        leave(terminal)
