"""Where the numbers of sources stand behind a passage."""

from __future__ import annotations

import pytest

from stream_core.core.passage_ends import PassageEnds


@pytest.mark.parametrize(
    ("passage", "placed"),
    [
        ("Llueve.", "Llueve.[1]"),
        ("```\nx\n```", "```\nx\n```\n[1]"),
        ("> ~~~\n> x\n> ~~~", "> ~~~\n> x\n> ~~~\n[1]"),
        ("- a\n  ```py\n  x\n  ```", "- a\n  ```py\n  x\n  ```\n[1]"),
        ("````md\n```py\nx\n```\n````", "````md\n```py\nx\n```\n````\n[1]"),
        ("```md\n```py\nx\n```\n```", "```md\n```py\nx\n```\n```\n[1]"),
        ("```\nx", "```\nx[1]"),
        ("| a |\n|---|\n| b | ", "| a |\n|---|\n| b[1] | "),
        ("P(A|B) o |x|", "P(A|B) o |x|[1]"),
        ("a\n\n***", "a\n\n***\n[1]"),
        ("$$\nx\n$$", "$$\nx\n$$\n[1]"),
        ("\\[\nx\n\\]", "\\[\nx\n\\]\n[1]"),
        ("son $5 y $$", "son $5 y $$[1]"),
        ("en https://a.es/x", "en https://a.es/x [1]"),
        ("palabra " * 40 + "en www.a.es", "palabra " * 40 + "en www.a.es [1]"),
        ("(https://a.es/x)", "(https://a.es/x)[1]"),
    ],
)
def test_a_number_changes_nothing_else(passage: str, placed: str) -> None:
    assert PassageEnds().placed(passage, "[1]") == placed
    ends = PassageEnds()
    assert "".join(ends.placed(letter, "") for letter in passage) == passage
    if "| b" not in passage:
        assert passage + ends.marked("[1]") == placed


def test_a_fence_that_another_passage_has_opened() -> None:
    ends = PassageEnds()
    assert ends.placed("Usa ", "") + ends.placed("\n```\nx", "") == "Usa \n```\nx"
    assert ends.placed("\n```", "[2]") == "\n```\n[2]" and ends.placed(" y", "[1]") == " y[1]"
