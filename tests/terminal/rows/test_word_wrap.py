"""Text in pieces, wrapped between words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_core.terminal.rows.word_wrap import WordWrap


def wrapped(pieces: list[str], width: int = 10) -> str:
    wrap = WordWrap(lambda: width)
    return "".join(map(wrap.feed, pieces)) + wrap.flush()


def test_words_stay_whole_however_the_pieces_are_cut() -> None:
    assert wrapped(["uno dos tres cuatro"]) == "uno dos\ntres\ncuatro"
    assert wrapped(list("uno dos tres cuatro")) == "uno dos\ntres\ncuatro"
    assert wrapped(["  sangría\n\n", "- ", "a b"]) == "  sangría\n\n- a b"
    assert wrapped(["x" * 25, " y"]) == "x" * 25 + "\ny"
    assert wrapped(["日本語 日本語"]) == "日本語\n日本語"


@given(st.lists(st.text("añ \n日", max_size=6)))
def test_no_letter_is_lost_or_added(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert wrapped(pieces).split() == text.split()
    assert wrapped(pieces) == wrapped([text])
