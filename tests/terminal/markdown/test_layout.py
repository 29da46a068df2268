"""Parts laid out as rows: within their width, in whole characters, and nothing missing."""

from __future__ import annotations

import io
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from support.strategies import MARKDOWN

from stream_core.config.options.appearance import Look
from stream_core.config.options.themes import THEMES
from stream_core.terminal.markdown.blocks import TABLE_ROWS
from stream_core.terminal.markdown.code import Colours
from stream_core.terminal.markdown.inline import spans
from stream_core.terminal.markdown.layout import Layout
from stream_core.terminal.markdown.parts import Part
from stream_core.terminal.markdown.splitter import Splitter
from stream_core.terminal.markdown.wrapping import wrap
from stream_core.terminal.rows.styles import Pen, Row, Styles, row_text

STYLES = Styles(Look())
TEXT = st.lists(
    st.sampled_from(
        ["a", " ", "  ", "palabra", "日本", "👨‍👩‍👧", "🇪🇸", "é", "e\u0301", "\n", "x" * 9, "ñ"],
    ),
    max_size=20,
).map("".join)  # fmt: skip


def laid_out(text: str, width: int, look: Look | None = None) -> list[Row]:
    splitter, layout = Splitter(), Layout(Styles(look or Look()))
    parts = [*splitter.feed(text), *splitter.finish()]
    return [*(row for part in parts for row in layout.rows(part, width)), *layout.finish(width)]


def rows_of(text: str, width: int) -> list[str]:
    return [row_text(row).rstrip() for row in laid_out(text, width)]


# -- spans and rows ----------------------------------------------------------------------------


@given(TEXT, st.integers(2, 12))
def test_rows_have_their_width_and_nothing_is_lost(text: str, width: int) -> None:
    rows = [row_text(row) for row in wrap([(text[:3], None), (text[3:], None)], width)]
    assert all(cell_len(row.rstrip(" ")) <= width for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


@given(TEXT, st.integers(2, 12))
def test_code_is_cut_at_its_width_and_keeps_its_spaces(text: str, width: int) -> None:
    rows = [row_text(row) for row in wrap([(text, None)], width, words=False)]
    assert all(cell_len(row) <= width for row in rows)
    assert "".join(rows) == text.replace("\n", "")


@given(
    st.lists(st.sampled_from(["uno ", "palabra", " ", "日本", "largo" * 5, "\n"]), max_size=20),
    st.integers(2, 20),
)
def test_what_is_wrapped_stays_when_text_is_added(pieces: list[str], width: int) -> None:
    whole = [row_text(row) for row in wrap([("".join(pieces), None)], width)]
    for count in range(len(pieces)):
        so_far = [row_text(row) for row in wrap([("".join(pieces[:count]), None)], width)]
        assert so_far[:-1] == whole[: len(so_far) - 1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a **b** *c* `d` ~~e~~", "a b c d e"),
        ("vector<int> <b>x</b> &amp; [/dim] [1]: nota", "vector<int> <b>x</b> &amp; [/dim] [1]: nota"),
        ("[texto](http://x.y/z)", "texto (http://x.y/z)"),
        ('[texto](http://x.y "título")', "texto (http://x.y «título»)"),
        ("<http://x.y>", "http://x.y"),
        ("[http://x.y](http://x.y)", "http://x.y"),
        ("<a@b.es>", "a@b.es"),
        ("![foto](f.png)", "foto (f.png)"),
        (r"\*no\*", "*no*"),
        ("**sin cerrar", "**sin cerrar"),
    ],
)
def test_what_stands_in_a_line(text: str, told: str) -> None:
    assert "".join(piece for piece, _ in spans(text, STYLES)) == told


@pytest.mark.parametrize(
    ("target", "clickable"),
    [
        ("http://x.y", True),
        ("https://x.y/?a=b", True),
        ("mailto:a@b.es", True),
        ("file:///etc/passwd", False),
        ("ssh://x", False),
        ("x.y", False),
    ],
)
def test_only_links_to_the_web_and_to_mail_can_be_clicked(target: str, clickable: bool) -> None:
    links = [style.link for _, style in spans(f"[texto]({target})", STYLES) if style and style.link]
    assert links == ([target] if clickable else [])


# -- parts -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(MARKDOWN, st.integers(20, 120))
def test_no_row_is_wider_than_it_may_be(text: str, width: int) -> None:
    for row in laid_out(text, width):
        assert Segment.get_line_length(row) - (len(row_text(row)) - len(row_text(row).rstrip())) <= width
        assert "\n" not in row_text(row)


@settings(deadline=None)
@given(MARKDOWN, st.integers(20, 120))
def test_no_letter_is_missing(text: str, width: int) -> None:
    told = "".join(rows_of(text, width))
    for letter in set(re.findall(r"\w", text)):
        assert told.count(letter) >= text.count(letter), letter


@settings(deadline=None)
@given(MARKDOWN, st.lists(st.integers(0, 900)), st.integers(20, 100))
def test_the_rows_are_those_of_the_text_however_it_is_cut(text: str, cuts: list[int], width: int) -> None:
    splitter, layout, rows = Splitter(), Layout(STYLES), []
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, end in itertools.pairwise(ends):
        for part in splitter.feed(text[start:end]):
            rows += layout.rows(part, width)
        layout.preview(splitter.open(), width)  # looking at the open part leaves no trace
    rows += [row for part in splitter.finish() for row in layout.rows(part, width)] + layout.finish(width)
    pen = Pen(Console(file=io.StringIO(), force_terminal=True, color_system="truecolor"))
    assert [pen(row) for row in rows] == [pen(row) for row in laid_out(text, width)]


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


@pytest.mark.parametrize(
    "text",
    [
        "\n".join("  " * n + f"- nivel{n}" for n in range(40)),
        ">" * 60 + " hola",
        "> - " * 15 + "hola",
        "*" * 50 + "hola" + "*" * 50,
        "[" * 60 + "hola" + "](x)" * 60,
        "| a |\n|---|\n| uno | sobra |",
        "| a | b |\n|---|---|\n| falta |",
        "``` un lenguaje largo\nhola\n```",
    ],
)
def test_nothing_is_lost_of_what_is_unusual(text: str) -> None:
    shown = "".join("".join(row.split()) for row in rows_of(text, 40))
    for word in re.findall(r"\w+", text):
        assert word in shown, word


def test_text_stays_in_its_list_and_its_quote() -> None:
    text = "1. " + "palabra " * 12 + "\n   - " + "dentro " * 12 + "\n\n> " + "cita " * 20
    rows = rows_of(text, 40)
    assert rows[0].startswith("1. palabra") and rows[1].startswith("   palabra")
    assert rows[3].startswith("   • dentro") and rows[4].startswith("     dentro")
    assert all(row.startswith("▌ cita") for row in rows[-3:])


def test_a_text_that_was_cut_goes_on_in_its_row() -> None:
    text = "palabra " * 60
    assert rows_of(text, 45) == [" ".join(["palabra"] * 5)] * 12


def test_after_a_resize_a_text_goes_on_with_the_new_width() -> None:
    splitter, layout = Splitter(), Layout(STYLES)
    rows = [row for part in splitter.feed("palabra " * 30) for row in layout.rows(part, 45)]
    rows += [row for part in splitter.feed("palabra " * 30) for row in layout.rows(part, 20)]
    rows += [row for part in splitter.finish() for row in layout.rows(part, 20)] + layout.finish(20)
    assert "".join(map(row_text, rows)).count("palabra") == 60
    assert max(cell_len(row_text(row).rstrip()) for row in rows[-5:]) <= 20


def test_an_open_style_is_shown_before_it_is_closed() -> None:
    layout = Layout(STYLES)
    (row,) = layout.preview([Part("text", "hola **mun")], 40)
    assert row_text(row) == "hola mun" and row[-1].style is not None and row[-1].style.bold
    (row,) = layout.preview([Part("text", "hola **")], 40)
    assert row_text(row).rstrip() == "hola"
    (row,) = layout.preview([Part("text", "un `cód")], 40)
    assert row_text(row) == "un cód"


def test_thinking_is_told_apart() -> None:
    layout = Layout(STYLES)
    (row,) = [*layout.rows(Part("text", "pienso", is_thinking=True), 40)]
    assert row_text(row) == "┆ pienso"
    assert all(segment.style is not None and segment.style.color == STYLES.quiet.color for segment in row)


def test_a_hurried_layout_keeps_every_word() -> None:
    layout, splitter = Layout(STYLES), Splitter()
    layout.hurried = True
    text = (
        "# Uno\n\n- **dos**\n\n```python\ntres = 'cuatro'\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n"
        + "cinco " * 50
    )
    parts = [*splitter.feed(text), *splitter.finish()]
    shown = " ".join(row_text(row) for part in parts for row in layout.rows(part, 40))
    for word in ("Uno", "**dos**", "tres = 'cuatro'", "| 1 | 2 |"):
        assert word in shown
    assert "".join(shown.split()).count("cinco") == 50


# -- code --------------------------------------------------------------------------------------


def test_a_string_over_several_lines_keeps_its_colour() -> None:
    colours = Colours("python", "ansi_dark", STYLES.code)
    lines = ["def f():", '    """Uno', "    dos = 3", '    tres."""', "    return dos"]
    told = [colours.line(line) for line in lines]
    assert ["".join(text for text, _ in line) for line in told] == lines
    inside, after = told[2], told[4]
    assert {style for text, style in inside if text.strip()} == {told[1][-1][1]}
    assert len({style for text, style in after if text.strip()}) > 1


@pytest.mark.parametrize(
    "language",
    ["python", "js", "html", "bash", "json", "rust", "sql", "yaml", "diff", "php", "c++", "haskell"],
)
def test_every_language_keeps_the_line(language: str) -> None:
    colours = Colours(language, "ansi_dark", STYLES.code)
    for line in (
        "  <a href='x'>  ñ </a>",
        "",
        "  if (x == 'á') { return 1; } // 日本",
        '\t\\\\ "',
        "$a = `b`",
    ):
        assert "".join(text for text, _ in colours.line(line)) == line


def test_code_of_no_known_language_is_code_all_the_same() -> None:
    assert Colours("klingon", "ansi_dark", STYLES.code).line(" qapla' ") == [(" qapla' ", STYLES.code)]


def test_looking_at_a_line_does_not_read_it() -> None:
    layout = Layout(STYLES)
    layout.rows(Part("fence", "python"), 80)
    layout.preview([Part("code", '"""abre')], 80)
    (row,) = layout.rows(Part("code", "x = 1"), 80)
    assert len(row) > 1, "not within a string"


# -- tables ------------------------------------------------------------------------------------

TABLE = "| Manera | CPU | Nota |\n|:--|--:|:-:|\n| Panel | 541 | **mal** |\n| Cola \\| corta | 61 | `bien` |"


def test_a_table() -> None:
    assert rows_of(TABLE, 60) == [
        "Manera       │ CPU │ Nota",
        "─────────────┼─────┼─────",
        "Panel        │ 541 │ mal",
        "Cola | corta │  61 │ bien",
    ]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| `ls | wc -l` | b |", ["ls | wc -l", "b"]),
        ("| ``a `|` b`` | b |", ["a `|` b", "b"]),
        (r"| `a \| b` | b |", ["a | b", "b"]),
        (r"| a \| b | b |", ["a | b", "b"]),
        ("| `a || b` | `c | d` |", ["a || b", "c | d"]),
        ("| `a` | `b` |", ["a", "b"]),
        ("| `a` | `b` | de más |", ["a", "b", "de más"]),
        ("| `a | b |", ["`a", "b"]),  # no code: it is not closed
        ("| $|x|$ | b |", ["|x|", "b"]),
        ("| a$ | $b | c |", ["a$", "$b", "c"]),
        ("| uno<br/>dos | b |", ["uno", "b"]),
        ("| `<br>`<br >dos | b |", ["<br>", "b"]),
    ],
)
def test_a_bar_within_code_splits_no_cell_that_the_table_has(row: str, cells: list[str]) -> None:
    shown = rows_of(f"| uno | dos |\n|---|---|\n{row}", 80)[2]
    assert [cell.strip() for cell in shown.split(" │ ")] == cells
    head = rows_of(f"| `x|y` | dos |\n|---|---|\n{row}", 80)[0]
    assert head.split()[:3] == ["x|y", "│", "dos"]


def test_a_table_that_does_not_fit_folds_its_widest_columns() -> None:
    text = "| a | b |\n|---|---|\n| corto | " + "palabra " * 12 + "|"
    rows = rows_of(text, 40)
    assert all(cell_len(row) <= 40 for row in rows) and len(rows) > 4
    assert rows[2].startswith("corto │ palabra") and rows[3].startswith("      │ palabra")


def test_where_there_is_no_room_for_columns_each_row_is_a_list() -> None:
    rows = rows_of("| Uno | Dos | Tres |\n|--|--|--|\n| agua | b | casa azul |\n| d | e | f |", 16)
    assert rows == ["• Uno: agua", "  Dos: b", "  Tres: casa", "  azul", "• Uno: d", "  Dos: e", "  Tres: f"]


def test_a_heading_over_nothing_is_not_lost_where_there_is_no_room_for_columns() -> None:
    rows = rows_of("| Uno | Dos | Tres |\n|---|---|---|\n| a | b | |\n", 14)
    assert rows == ["Uno | Dos |", "Tres", "• Uno: a", "  Dos: b"]


def test_a_long_table_keeps_the_columns_of_its_first_rows() -> None:
    text = "| n | v |\n|--|--|\n" + "".join(f"| {n} | valor {n} |\n" for n in range(TABLE_ROWS + 3))
    rows = rows_of(text + "| 99 | " + "muy largo " * 5 + "|", 60)
    assert len({row.index("│") for row in rows if "│" in row}) == 1
    assert "".join(rows).replace(" ", "").count("muylargo") == 5 or "".join(rows).count("muy") == 5


# -- looks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_can_be_drawn_with(theme: str) -> None:
    pen = Pen(Console(file=io.StringIO(), force_terminal=True, color_system="standard"))
    rows = [
        pen(row)
        for row in laid_out(TABLE + "\n\n# T\n\n- `c` [l](http://x)\n\n```py\nx = 1\n```", 60, Look(theme))
    ]
    assert any("\x1b[" in row for row in rows) and "x = 1" in re.sub("\x1b\\[[\\d;]*m", "", "\n".join(rows))


def test_without_colours_there_are_no_escapes() -> None:
    pen = Pen(Console(file=io.StringIO(), color_system=None))
    assert not any("\x1b" in pen(row) for row in laid_out(TABLE + "\n\n[l](http://x)", 60))


def test_the_contrast_theme_uses_no_colour() -> None:
    styles = Styles(Look("contraste"))
    assert not any(style.color for style in vars(styles).values() if isinstance(style, Style))


@pytest.mark.parametrize("theme", THEMES)
def test_thinking_has_the_quiet_style_and_no_other_colour(theme: str) -> None:
    styles, splitter = Styles(Look(theme)), Splitter()
    text = TABLE + "\n\n# T\n\n- `c` **n** [l](http://x)\n\n> cita\n\n***\n\n```py\nx = 1\n```"
    layout = Layout(styles)
    for part in [*splitter.feed(text), *splitter.finish()]:
        for row in layout.rows(part._replace(is_thinking=True), 60):
            assert row_text(row).startswith("┆ ")
            for segment in row:
                assert segment.style is not None
                assert (segment.style.color, segment.style.dim) == (styles.quiet.color, styles.quiet.dim)
