"""Text in pieces, wrapped between words."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from stream_core.terminal.rows.word_wrap import WordWrap, wrap_for


def wrapped(pieces: list[str], width: int = 10) -> str:
    wrap = WordWrap(lambda: width)
    return "".join(map(wrap.feed, pieces)) + wrap.flush()


def test_words_stay_whole_however_the_pieces_are_cut() -> None:
    assert wrapped(["uno dos tres cuatro"]) == "uno dos\ntres\ncuatro"
    assert wrapped(list("uno dos tres cuatro")) == "uno dos\ntres\ncuatro"
    assert wrapped(["  sangría\n\n", "- ", "a b"]) == "  sangría\n\n- a b"
    assert wrapped(["x" * 25, " y"]) == "x" * 25 + "\ny"
    assert wrapped(["日本語 日本語"]) == "日本語\n日本語"


def test_code_is_left_to_the_terminal_and_a_word_in_two_parts_is_not_broken() -> None:
    code = "~~~py\nuno = dos + tres\n~~~"
    assert wrapped([f"{code}\nuno dos tres"]) == f"{code}\nuno dos\ntres"
    wrap = WordWrap(lambda: 10)
    assert wrap.feed("uno dos tr") + wrap.flush() + wrap.feed("es cua") + wrap.flush() == "uno dos tres\ncua"
    wrap = WordWrap(lambda: 10)
    assert wrap.feed("uno cuat") + wrap.flush() + wrap.feed("rooo y") + wrap.flush() == "uno cuatrooo\ny"


def test_what_is_no_terminal_gets_the_text_unchanged_and_at_once() -> None:
    wrap = wrap_for(io.StringIO())
    assert wrap.feed("uno  ") == "uno  " and wrap.feed("dos" * 100) == "dos" * 100 and wrap.flush() == ""


@given(st.lists(st.text("añ \n日", max_size=6)))
def test_no_letter_is_lost_or_added(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert wrapped(pieces).split() == text.split()
    assert wrapped(pieces) == wrapped([text])
