"""Markdown cut into parts: by the text alone, each line once, nothing lost."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.strategies import MARKDOWN

from stream_core.terminal.markdown.blocks import LONGEST, TABLE_ROWS
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.markdown.splitter import PIECE, Splitter
from stream_core.terminal.markdown.syntax import neutral


def parts_of(*pieces: str) -> list[Part]:
    splitter = Splitter()
    parts = [part for piece in pieces for part in splitter.feed(piece)]
    return [*parts, *splitter.finish()]


def kinds_of(text: str) -> list[str]:
    return [part.kind for part in parts_of(text)]


@given(MARKDOWN, st.lists(st.integers(0, 900)))
@example("- a\n\n- b\n\ntexto", [])
@example("palabra " * 30 + "\n===\n", [100])
def test_the_cutting_makes_no_difference(text: str, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]
    assert parts_of(*pieces) == parts_of(text) == parts_of(*text)


@given(MARKDOWN)
def test_nothing_is_lost_or_told_twice(text: str) -> None:
    """Each letter and digit is in the parts once and in its order; the number of an item is in its lead."""
    told = "".join(f"{part.lead}{part.text}" for part in parts_of(text))
    assert re.findall(r"\w", told) == re.findall(r"\w", text)


@given(MARKDOWN)
def test_the_open_parts_are_what_an_end_there_would_make_final(text: str) -> None:
    splitter = Splitter()
    for end in range(len(text)):
        splitter.feed(text[end])
        ahead = splitter.open()
        if ahead and text[end].isalpha() and ahead[-1].kind != "row":
            assert re.sub(r"\W", "", ahead[-1].text).endswith(text[end]) or ahead[-1].lead.strip()
    before = splitter.open()
    assert splitter.open() == before, "looking changes nothing"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("# uno\ndos\ntres\n\ncuatro", ["heading", "text", "text", "text"]),
        ("\t" + "palabra " * 12 + "fin\n\tdos", ["fence", "code", "code", "fence_end"]),
        ("- ~~~md " + "palabra " * 12 + "fin\n  x\n  ~~~", ["fence", "code", "fence_end"]),
        ("- a\n- b\n  - c\n\n- d\n\nfin", ["text"] * 5),
        ("| a |\n|---|\n| 1 |\n\nfin", ["table", "text"]),
        ("| a |\n|---|\n| 1 |\nfin", ["table", "text"]),
        ("a | b\n--|--\n1 | 2", ["table"]),
        ("a | b\nc | d", ["text", "text"]),
        ("```py\nx\n\ny\n```\nfin", ["fence", "code", "code", "code", "fence_end", "text"]),
        ("```\nsin cerrar", ["fence", "code", "fence_end"]),
        ("~~~\n```\n~~~~\nfin", ["fence", "code", "fence_end", "text"]),
        ("a\n---\nb", ["heading", "text"]),
        ("a\n===", ["heading"]),
        ("a\n\n---\nb", ["text", "rule", "text"]),
        ("- a\n---\nb", ["text", "rule", "text"]),
        ("* * *", ["rule"]),
        ("\n\n    código\n    más\n\nfin", ["fence", "code", "code", "fence_end", "text"]),
        ("#hashtag", ["text"]),
        ("> ```\n> x\nfin", ["fence", "code", "fence_end", "text"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert kinds_of(text) == kinds


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("- a\n- b", ["• ", "• "]),
        ("- a\n  - b\n  - c\n- d", ["• ", "  ◦ ", "  ◦ ", "• "]),
        ("- a\n    - b\n    - c", ["• ", "  ◦ ", "  ◦ "]),
        ("1. a\n  - b\n  - c\n2. d", ["1. ", "   • ", "   • ", "2. "]),
        ("9. a\n10. b\n    sigue", ["9. ", "10. ", "    "]),
        ("> a\n> b\n\nc", ["▌ ", "▌ ", ""]),
        ("> - a\n>   sigue\n> b", ["▌ • ", "▌   ", "▌ "]),
        ("- > a\n  > b", ["• ▌ ", "  ▌ "]),
        ("- a\n\n  b\n\nc", ["• ", "  ", ""]),
        ("- a\nb", ["• ", ""]),
        ("1) a\n\n   ```\n   x\n   ```\n2) b", ["1) ", "   ", "   ", "   ", "2) "]),
    ],
)
def test_what_stands_before_a_row(text: str, leads: list[str]) -> None:
    parts = parts_of(text)
    assert [part.lead for part in parts] == leads
    assert all(len(part.hang) == len(part.lead) for part in parts)


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("a\nb\n\nc", [False, False, True]),
        ("\n\na", [False]),
        ("a\n# b\nc", [False, True, False]),
        ("a\n- b\n- c\n\n- d", [False, False, False, True]),
        ("```\nx\n```\na", [False, False, False, True]),
        ("| a |\n|--|\n| 1 |\nfin", [False, True]),
        ("a\n\n***\nb", [False, True, True]),
    ],
)
def test_where_a_blank_row_belongs(text: str, gaps: list[bool]) -> None:
    assert [part.gap for part in parts_of(text)] == gaps


@pytest.mark.parametrize(
    ("line", "code"),
    [("      x", "   x"), ("   x", "x"), (" x", "x"), ("x", "x"), ("", "")],
)
def test_the_code_of_a_fence_in_a_list_loses_the_indentation_of_its_item(line: str, code: str) -> None:
    *_, last, _ = parts_of(f"1. a\n   ```\n{line}\n   ```")
    assert (last.kind, last.text) == ("code", code)


def test_a_long_line_of_text_is_cut_at_a_space_where_no_style_is_open() -> None:
    text = "una frase **con algo en negrita que dura** y después sigue con `código y más` hasta el final"
    parts = parts_of(text)
    assert [part.text for part in parts] == [text[:43], text[43:84], text[84:]]
    assert text[43:].startswith("y después") and text[84:] == "el final"
    assert [part.goes_on for part in parts] == [True, True, False]


def test_a_line_without_end_is_cut_all_the_same() -> None:
    text = "x" * (LONGEST * 3 + 5)
    parts = parts_of(text)
    assert "".join(part.text for part in parts) == text
    assert [part.goes_on for part in parts] == [True, True, True, False]
    code = parts_of(f"```\n{text}\n```")
    assert "".join(part.text for part in code) == text and len(code) == 6


def test_a_piece_stays_small_whatever_the_text_is() -> None:
    parts = parts_of("palabra " * 20_000)
    assert max(len(part.text) for part in parts) < PIECE * 2


def test_after_its_first_rows_a_table_is_final_row_by_row() -> None:
    rows = [f"| {number} | valor |" for number in range(TABLE_ROWS + 5)]
    parts = parts_of("\n".join(["| n | v |", "|---|---|", *rows]))
    assert [part.kind for part in parts] == ["table", *["row"] * 5]
    assert parts[0].text.count("\n") == TABLE_ROWS + 1


def test_the_row_that_arrives_does_not_change_the_table() -> None:
    splitter = Splitter()
    splitter.feed("| a | b |\n|---|---|\n| 1 | 2 |\n| un texto muy lar")
    assert [(part.kind, part.text.count("\n")) for part in splitter.open()] == [("table", 2), ("row", 0)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hola, `a * b` y snake_case", True),
        ("esto es **negrita", False),
        ("esto es **negrita**", True),
        ("un `código", False),
        ("[un enlace", False),
        ("[un enlace](http", False),
        ("[un enlace](http://x)", True),
        ("_cursiva", False),
        ("~~tachado", False),
    ],
)
def test_where_no_style_is_open(text: str, told: bool) -> None:
    assert neutral(text) is told
