"""A question that one key answers: which key counts, and what stands on the screen."""

from __future__ import annotations

import pytest

from stream_core.chat.input.choice import SETTLE_SECONDS, Choice

WORDS = [("s", "sí"), ("n", "no"), ("t", "siempre")]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


def asked(question: str = "¿Lo permites?") -> tuple[Choice, Clock]:
    clock = Clock()
    choice = Choice(question, WORDS, clock)
    choice._begin()
    clock.now += SETTLE_SECONDS + 0.01
    return choice, clock


@pytest.mark.parametrize(
    ("key", "word"),
    [("s", "sí"), ("S", "sí"), ("n", "no"), ("N", "no"), ("t", "siempre"), ("T", "siempre"),
     ("\r", "no"), ("\n", "no"), ("í", None), ("x", None), ("1", None), (" ", None), ("\x1b[A", None)],
)  # fmt: skip
def test_one_key_answers(key: str, word: str | None) -> None:
    choice, _ = asked()
    assert choice.take(key) == word


def test_a_key_in_the_first_moment_is_no_answer_nor_one_of_a_word_that_is_being_typed() -> None:
    choice, clock = asked()
    clock.now = 5.1
    assert choice.take("s") is None
    clock.now += SETTLE_SECONDS - 0.1
    assert choice.take("t") is None  # 0.2 s after the one before: somebody is typing
    clock.now += SETTLE_SECONDS + 0.01
    assert choice.take("s") == "sí"


def test_a_key_that_is_no_answer_takes_those_of_its_word_with_it() -> None:
    choice, clock = asked()
    for letter in "bastante":
        assert choice.take(letter) is None
        clock.now += SETTLE_SECONDS - 0.1
    clock.now += 0.11
    assert choice.take("t") == "siempre"


@pytest.mark.parametrize("columns", [100, 60, 40, 30])
def test_the_question_is_whole_in_any_window(columns: int) -> None:
    question = f"Claude quiere usar «f» con ruta=«{'x' * 90}» y nota=«ñandú». ¿Lo permites?"
    drawn = asked(question)[0].drawn(columns)
    text = "".join(piece[1] for piece in drawn)
    assert all(len(line) <= columns for line in text.splitlines())
    assert "".join(f"Permiso:{question}".split()) in "".join(text.split())
    assert [piece[1] for piece in drawn if piece[0] == "reverse"] == [" s ", " n ", " t "]


def test_what_was_answered_stays() -> None:
    choice, _ = asked()
    choice._answered = "siempre"
    assert choice.drawn(80)[-1] == ("", "→ siempre ")
