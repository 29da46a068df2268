"""The drawing of a reply: parts, rows and frames. Each word stands on the screen exactly once."""

from __future__ import annotations

import io
import itertools
import re

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment

from stream_core.terminal.blocks import LONGEST, Part, Splitter
from stream_core.terminal.painter import Painter
from stream_core.terminal.rows import Layout, row_text

MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# Título", "## Otro", "texto suelto", "otra línea", "", "", "- uno", "- dos", "  - dentro",
            "1. primero", "2) segundo", "> cita", "```python", "```", "~~~", "x = 1", "    código",
            "| a | b |", "|---|---|", "| 1 | 2 |", "---", "===", "***", "vector<int>", "[1]: nota", "<b>",
            "**sin cerrar", "`a", "* * *", "-", "#", "\tsangrado", "> > doble", "1.", "|",
            "Ñandú 🤖 日本語", "a" * 90,
        ]
    ),
    max_size=25,
).map("\n".join)  # fmt: skip


def parts_of(*pieces: str) -> list[Part]:
    splitter = Splitter()
    parts = [part for piece in pieces for part in splitter.feed(piece)]
    return [*parts, *splitter.finish()]


def rows_of(text: str, width: int) -> list[str]:
    layout = Layout(Console(file=io.StringIO(), width=width, color_system=None))
    return [row_text(row) for part in parts_of(text) for row in layout.rows(part, width)]


# -- parts -------------------------------------------------------------------------------------


@given(MARKDOWN, st.lists(st.integers(0, 400)))
@example("- a\n\n- b\n\ntexto", [])
def test_the_cutting_makes_no_difference(text: str, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]
    assert parts_of(*pieces) == parts_of(text) == parts_of(*text)


@given(MARKDOWN)
def test_no_line_is_lost_or_told_twice(text: str) -> None:
    """All that is not blank is in the parts, in its order; only the runs that close a fence are not."""
    told = [line for part in parts_of(text) for line in part.text.split("\n") if line.strip()]
    lines = [line for line in text.split("\n") if line.strip()]
    kept = []
    for line in lines:
        if told and (line == told[0] or line.strip().lstrip("`~").strip() == told[0].strip()):
            kept.append(told.pop(0))
        else:
            assert set(line.strip()) in ({"`"}, {"~"}) or re.match(r"\s*(```|~~~)", line), line
    assert not told


@given(MARKDOWN)
def test_what_is_open_is_what_comes_next(text: str) -> None:
    """The open part is the beginning of what becomes final: only its shape may still change."""
    splitter = Splitter()
    for end in range(len(text)):
        splitter.feed(text[end])
        part = splitter.open()
        if part is not None:
            assert part.text and part.text.split("\n")[-1] in text[: end + 1]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("# uno\ndos\ntres\n\ncuatro", ["heading", "paragraph", "paragraph"]),
        ("- a\n- b\n  - c\n\n- d\n\nfin", ["list", "list", "list", "paragraph"]),
        ("1. a\n\n   sigue\n2. b", ["list", "list"]),
        ("| a |\n|---|\n| 1 |\n\nfin", ["table", "paragraph"]),
        ("> a\n> b\nc\n\nd", ["quote", "paragraph"]),
        ("```py\nx\n\ny\n```\nfin", ["fence", "code", "code", "code", "paragraph"]),
        ("```\nsin cerrar", ["fence", "code"]),
        ("a\n---\nb", ["paragraph"]),
        ("a\n\n---\nb", ["paragraph", "rule", "paragraph"]),
    ],
)
def test_parts(text: str, kinds: list[str]) -> None:
    assert [part.kind for part in parts_of(text)] == kinds


def test_a_part_that_grows_without_end_is_cut() -> None:
    parts = parts_of("\n".join(["palabra " * 20] * 500))
    assert len(parts) > 5 and all(len(part.text) <= LONGEST + 200 for part in parts)


# -- rows --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(MARKDOWN, st.integers(20, 120))
def test_no_row_is_wider_than_it_may_be(text: str, width: int) -> None:
    layout = Layout(Console(file=io.StringIO(), width=width, color_system=None))
    for part in parts_of(text):
        for row in layout.rows(part, width):
            assert Segment.get_line_length(row) <= width
            assert "\n" not in row_text(row)


@pytest.mark.parametrize("width", [20, 37, 40, 60, 100])
def test_every_word_is_there_once(width: int) -> None:
    words = [f"w{number:03}" for number in range(200)]
    text = (
        "# " + " ".join(words[:10]) + "\n\n" + " ".join(words[10:60]) + "\n\n"
        + "".join(f"- {words[n]} **{words[n + 1]}**\n  - {words[n + 2]}\n" for n in range(60, 90, 3))
        + "\n> " + " ".join(words[90:110]) + "\n\n```python\n" + "\n".join(words[110:130]) + "\n```\n\n"
        + "| " + " | ".join(words[130:133]) + " |\n|---|---|---|\n"
        + "".join("| " + " | ".join(words[n : n + 3]) + " |\n" for n in range(133, 160, 3))
        + "\n1. " + "\n2. ".join(words[160:170]) + "\n\n" + "\n".join(words[170:200])
    )  # fmt: skip
    joined = "".join("".join(row.split()) for row in rows_of(text, width))
    assert {word: joined.count(word) for word in words} == dict.fromkeys(words, 1)


def test_nothing_of_what_only_looks_like_markup_is_eaten() -> None:
    shown = " ".join(
        rows_of("a <b>x</b> vector<int> [1]: nota &amp; [/dim] \\* [[a]]\n\n[2]: def\n\n<!-- c -->", 80)
    )
    for text in (
        "<b>x</b>",
        "vector<int>",
        "[1]: nota",
        "&amp;",
        "[/dim]",
        "[[a]]",
        "[2]: def",
        "<!-- c -->",
    ):
        assert text in shown


def test_code_keeps_its_spaces_and_is_folded_not_wrapped() -> None:
    line = "    if valor   ==  'dos  espacios':  # " + "x" * 60
    rows = rows_of(f"```python\n{line}\n```", 40)[1:]
    assert "".join(rows) == line.rstrip()
    assert all(cell_len(row) <= 40 for row in rows)


# -- frames ------------------------------------------------------------------------------------


class Screen:
    """A terminal that a painter draws on."""

    def __init__(self, rows: int = 12, cols: int = 40) -> None:
        self.screen = pyte.HistoryScreen(cols, rows, history=10_000, ratio=1)
        self.stream = pyte.Stream(self.screen)
        self.bytes = 0

    def write(self, text: str) -> None:
        self.bytes += len(text)
        self.stream.feed(text)

    @property
    def lines(self) -> list[str]:
        top = [
            "".join(row[x].data for x in range(self.screen.columns)).rstrip()
            for row in self.screen.history.top
        ]
        return [*top, *(line.rstrip() for line in self.screen.display)]


FRAMES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=25)


@given(FRAMES)
def test_final_rows_stand_once_and_in_order_whatever_the_tails_were(frames: list[tuple[int, int]]) -> None:
    terminal = Screen()
    painter = Painter(terminal.write)
    final, number = [], 0
    for count, tail in frames:
        rows = [f"fila {number + n}" for n in range(count)]
        number += count
        final += rows
        painter.paint(rows, [f"cola {number} {n}" for n in range(tail)], (40, 12))
    assert [line for line in terminal.lines if line.startswith("fila")] == final
    tail_now = [line for line in terminal.lines if line.startswith("cola")]
    assert tail_now == ([f"cola {number} {n}" for n in range(frames[-1][1])] if frames else [])
    painter.close()
    assert [line for line in terminal.lines if line] == final
    assert not terminal.screen.cursor.hidden


def test_of_a_tail_only_what_changed_is_sent() -> None:
    terminal = Screen()
    painter = Painter(terminal.write)
    tail = [f"una fila bastante larga {n}" for n in range(8)]
    painter.paint([], tail, (40, 12))
    before = terminal.bytes
    painter.paint([], [*tail[:-1], "otra"], (40, 12))
    assert terminal.bytes - before < 60
    before = terminal.bytes
    painter.paint([], [*tail[:-1], "otra"], (40, 12))
    assert terminal.bytes == before, "a frame in which nothing changed sends nothing"


def test_after_a_resize_the_whole_tail_is_drawn_again() -> None:
    terminal = Screen()
    painter = Painter(terminal.write)
    painter.paint(["final"], ["a", "b"], (40, 12))
    before = terminal.bytes
    painter.paint([], ["a", "b"], (30, 12))
    assert terminal.bytes > before
    assert [line for line in terminal.lines if line] == ["final", "a", "b"]


# -- what an attack found ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\n".join("  " * n + f"- nivel{n}" for n in range(40)),
        ">" * 60 + " hola",
        "> - " * 15 + "hola",
        "![una foto](http://servidor.example/foto.png)",
        '[un enlace](http://servidor.example "con título")',
        "| a |\n|---|\n| uno | sobra |",
    ],
)
def test_what_rich_leaves_out_is_shown_as_its_source(text: str) -> None:
    shown = "".join("".join(row.split()) for row in rows_of(text, 80))
    for word in re.findall(r"\w+", text):
        assert word in shown, word


def test_a_line_without_end_is_cut_into_parts_that_go_on() -> None:
    text = "palabra " * 5_000
    parts = parts_of(text)
    assert len(parts) == -(-len(text) // LONGEST)
    assert "".join(part.text for part in parts).replace(" ", "") == text.replace(" ", "")
    assert [part.joined for part in parts] == [False, *[True] * (len(parts) - 1)]
    assert parts == parts_of(*(text[n : n + 7] for n in range(0, len(text), 7)))


def test_a_row_that_the_terminal_takes_for_wider_is_still_one_row() -> None:
    """An emoji of several code points: Rich counts two cells, many a terminal more."""
    terminal = Screen(cols=40)
    painter = Painter(terminal.write)
    wide = "👨‍👩‍👧‍👦" * 12 + " fin"
    for number in range(6):
        painter.paint([], [f"{wide} {n}" for n in range(4)] + [f"cuadro {number}"], (40, 12))
    assert len([line for line in terminal.lines if line.startswith("cuadro")]) == 1
    painter.paint(["final"], [], (40, 12))
    painter.close()
    assert [line for line in terminal.lines if line] == ["final"]


def test_a_hurried_layout_keeps_every_word() -> None:
    layout = Layout(Console(file=io.StringIO(), width=40, color_system=None))
    layout.hurried = True
    text = "# Uno\n\n- **dos**\n\n```python\ntres = 'cuatro'\n```\n\n" + "cinco " * 50
    shown = "".join(row_text(row) for part in parts_of(text) for row in layout.rows(part, 40))
    for word in ("Uno", "**dos**", "tres = 'cuatro'"):
        assert word in shown
    assert shown.count("cinco") >= 40 and "".join(shown.split()).count("cinco") == 50
