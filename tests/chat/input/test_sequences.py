"""What the terminal says never becomes text, and keys that come as sequences are read."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chats import answering, chat, leave, wait_for_prompt
from support.generated import up_to
from support.wire import playing

from stream_core.chat.input.sequences import SequenceSplitter, as_typed, typed_text
from stream_core.practice.script import Hang
from stream_core.practice.server import PracticeServer

SAID = {
    "background, BEL": "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    "foreground, ST": "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "palette": "\x1b]4;1;rgb:cccc/0000/0000\x1b\\",
    "clipboard": "\x1b]52;c;aG9sYQ==\x07",
    "DA1": "\x1b[?62;22c",
    "DA2": "\x1b[>41;354;0c",
    "DA3": "\x1bP!|00000000\x1b\\",
    "DECRPM": "\x1b[?2026;2$y",
    "XTVERSION": "\x1bP>|XTerm(380)\x1b\\",
    "XTGETTCAP": "\x1bP1+r544e=787465726d\x1b\\",
    "DECRQSS": "\x1bP1$r0m\x1b\\",
    "focus": "\x1b[I\x1b[O",
    "theme": "\x1b[?997;1n",
    "status": "\x1b[0n",
    "cursor": "\x1b[12;40R",
    "size": "\x1b[8;30;100t",
    "title": "\x1b]lun título\x1b\\",
    "kitty flags": "\x1b[?5u",
    "kitty release": "\x1b[97;1:3u",
    "kitty modifier": "\x1b[57441;2u",
    "kitty graphics": "\x1b_Gi=1;OK\x1b\\",
    "mouse": "\x1b[<0;10;10M\x1b[<0;10;10m",
    "X10 mouse": "\x1b[M !!",
    "unknown CSI": "\x1b[1;2;3$z",
    "unknown SS3": "\x1bOz",
    "PM": "\x1b^nada\x1b\\",
    "SOS": "\x1bXnada\x1b\\",
    "C1": "\x9d11;rgb:0/0/0\x9c\x9b?1c",
}

KEYS = {
    "\x1b[13u": "\r",
    "\x1b[13;2u": "\n",
    "\x1b[13;5u": "\n",
    "\x1b[13;3u": "\n",
    "\x1b[13;6u": "\n",
    "\x1b[27;2;13~": "\n",
    "\x1b[27;5;13~": "\n",
    "\x1b[57414u": "\r",
    "\x1b[57414;2u": "\n",
    "\x1b[13;65u": "\r",  # with caps lock
    "\x1b[13;1:3u": "",
    "\x1b[127u": "\x7f",
    "\x1b[127;2u": "\x7f",
    "\x1b[127;5u": "\x1b\x7f",
    "\x1b[27;5;127~": "\x1b\x7f",
    "\x1b[27;5;8~": "\x1b\x7f",
    "\x1b[127;9u": "\x15",
    "\x1b[3;5~": "\x1b[3;5~",
    "\x1b[9u": "\t",
    "\x1b[9;2u": "\x1b[Z",
    "\x1b[27u": "\x1b",
    "\x1b[99;5u": "\x03",
    "\x1b[27;5;99~": "\x03",
    "\x1b[99;6u": "",
    "\x1b[97;7u": "\x1b\x01",
    "\x1b[98;3u": "\x1bb",
    "\x1b[97u": "a",
    "\x1b[97;2u": "A",
    "\x1b[97:65;2u": "A",
    "\x1b[50:34;2u": '"',
    "\x1b[27;2;34~": '"',
    "\x1b[241u": "ñ",
    "\x1b[0;;128075u": "👋",
    "\x1b[32;5u": "\x00",
    "\x1b[97;9u": "",
    "\x1b[57358u": "",
    "\x1b[57400u": "1",
    "\x1b[57419u": "\x1b[A",
    "\x1b[57426;5u": "\x1b[3;5~",
    "\x1b[1;1:1A": "\x1b[A",
    "\x1b[1;65A": "\x1b[A",
    "\x1b[1;5:2D": "\x1b[1;5D",
    "\x1b[1;1:3A": "",
    "\x1b[3;129~": "\x1b[3~",
    "\x1bOM": "\r",
    "\x1bOq": "1",
    "\x1b[1114112u": "",
    "\x1b[55296u": "",
}


@pytest.mark.parametrize(("sequence", "typed"), KEYS.items(), ids=[repr(key) for key in KEYS])
def test_a_key_that_comes_as_a_sequence(sequence: str, typed: str) -> None:
    assert as_typed(sequence) == typed


@settings(max_examples=up_to(200))
@given(
    st.lists(st.sampled_from([*SAID.values(), "hola", "ñ", "\r", "~", "\x1b[A"]), max_size=6),
    st.lists(st.integers(0, 80)),
)
def test_the_pieces_are_the_same_however_it_is_cut(parts: list[str], cuts: list[int]) -> None:
    data = "".join(parts)
    whole = "".join(SequenceSplitter().feed(data))
    ends = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    splitter = SequenceSplitter()
    assert (
        "".join(
            piece for start, stop in itertools.pairwise(ends) for piece in splitter.feed(data[start:stop])
        )
        == whole
    )
    assert typed_text(data) == "".join(part for part in parts if part in ("hola", "ñ", "\r", "~"))


def test_what_is_not_closed_hides_nothing_after_enter() -> None:
    assert typed_text("\x1b]11;rgb\rhola\r") == "\rhola\r"
    assert typed_text("\x1b[12;\rhola") == "\rhola"
    assert typed_text("\x1bPsin fin\x1b[Ahola") == "hola"


def test_alt_with_the_letter_that_opens_a_sequence_swallows_nothing_later() -> None:
    for opener in "[]OP_":
        splitter = SequenceSplitter()
        assert splitter.feed(f"\x1b{opener}") == [] == splitter.flush()
        assert "".join(splitter.feed("hola")) == "hola", opener


def sent(server: PracticeServer) -> str:
    content: str = server.requests[-1].json()["messages"][-1]["content"]
    return content


@pytest.mark.parametrize("mode", [(), ("--plain",)])
def test_answers_of_the_terminal_are_no_text_at_the_prompt(mode: tuple[str, ...]) -> None:
    with playing(answering("vale")) as server, chat(server, *mode) as terminal:
        for number, (name, said) in enumerate(SAID.items(), 2):
            terminal.send(f"ho{said}la {said}y ya{said}\r")
            wait_for_prompt(terminal, number)
            assert sent(server) == "hola y ya", name
        leave(terminal)


def test_an_answer_in_pieces_is_no_text() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("a")
        for piece in (
            "\x1b]",
            "11;rgb:1e1e/",
            "1e1e/1e1e\x1b",
            "\\",
            "\x1b[",
            "?62;",
            "22c",
            "\x1bP>|",
            "XTerm\x1b\\",
        ):
            terminal.send(piece)
            time.sleep(0.3 if piece in ("\x1b]", "\x1b[", "\x1bP>|") else 0.05)  # longer than Esc waits
        terminal.send("b\r")
        wait_for_prompt(terminal, 2)
        assert sent(server) == "ab"
        leave(terminal)


@pytest.mark.parametrize("mode", [(), ("--plain",)])
def test_answers_that_come_during_a_reply_are_no_text(mode: tuple[str, ...]) -> None:
    with (
        playing(answering("Esto", then=[Hang()]), answering("vale")) as server,
        chat(server, *mode) as terminal,
    ):
        terminal.send("primera\r")
        assert server.wait_for(lambda: len(server.requests) == 1)
        terminal.wait_for("Esto" if not mode else "primera")
        terminal.send("".join(f"{said}x" for said in SAID.values()) + "\r")
        time.sleep(0.3)
        terminal.signal(2)
        terminal.wait_for("vale")
        assert sent(server) == "x" * len(SAID)
        wait_for_prompt(terminal, 3)
        leave(terminal)


def test_answers_at_a_question_answer_nothing() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        terminal.send("hola\r")
        wait_for_prompt(terminal, 2)
        terminal.send("/reintentar\r")
        terminal.wait_for("¿Pregunto otra vez?")
        terminal.send("".join(SAID.values()))
        terminal.send("\x1b[115usí\r")  # the letter as kitty sends it: «ssí» is no answer
        terminal.wait_for("Responde")
        terminal.send("no\r")
        terminal.wait_for("Todo queda como estaba")
        leave(terminal)


NEW_LINE = ["\x1b[13;2u", "\x1b[13;5u", "\x1b[27;2;13~", "\x1b[27;5;13~", "\x1b\r", "\n", "\\\r"]


def test_keys_that_begin_a_new_line() -> None:
    with playing(answering("vale")) as server, chat(server) as terminal:
        for number, key in enumerate(NEW_LINE, 2):
            terminal.send(f"uno{key}dos")
            terminal.send("\r")
            wait_for_prompt(terminal, number)
            assert sent(server) == "uno\ndos", repr(key)
        terminal.send("C:\\\\\r")  # two backslashes are one that is meant
        wait_for_prompt(terminal, len(NEW_LINE) + 2)
        assert sent(server) == "C:\\\\"
        leave(terminal)


def test_keys_that_erase_do_what_they_say() -> None:
    cases = [
        ("uno dos\x1b[127;5u", "uno ."),
        ("uno dos\x1b[27;5;127~", "uno ."),
        ("uno dos\x08", "uno ."),
        ("uno dos\x1b\x7f", "uno ."),
        ("uno dos\x7f", "uno do."),
        ("uno dos\x1b[127;2u", "uno do."),
        ("uno dos\x1b[127;9u", "."),
        ("uno dos\x01\x1b[3;5~", ". dos"),
        ("uno dos\x1b[1;5D\x1b[3~", "uno .os"),
        ("uno dos\x1b[97;5u\x1b[107;5u", "."),
    ]
    with playing(answering("vale")) as server, chat(server) as terminal:
        for number, (keys, text) in enumerate(cases, 2):
            terminal.send(f"{keys}.\r")
            wait_for_prompt(terminal, number)
            assert sent(server) == text, repr(keys)
        leave(terminal)


def test_escape_and_ctrl_c_of_kitty_cancel_a_reply() -> None:
    for key in ("\x1b[27u", "\x1b[99;5u", "\x1b[27;5;99~"):
        with playing(answering("Esto llegó", then=[Hang()])) as server, chat(server) as terminal:
            terminal.send("primera\r")
            terminal.wait_for("Esto llegó")
            terminal.send(key)
            terminal.wait_for("(cancelada)")
            wait_for_prompt(terminal, 2)
            leave(terminal)
