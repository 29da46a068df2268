"""Appearance options: valid values, their wording, and values that are refused."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.styles import Style as EditorStyle
from rich.cells import cell_len
from rich.color import ANSI_COLOR_NAMES, Color
from rich.style import Style

from stream_core.chat.input.prompt_styles import style_of
from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.option import Option
from stream_core.config.options.themes import THEMES, Theme
from stream_core.config.options.values import ANSI_COLOURS, COLOURS, fold
from stream_core.core.errors import ConfigError

UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


def option(name: str) -> Option:
    (found,) = [option for option in OPTIONS if option.name == name]
    return found


def refused(name: str, text: str) -> str:
    """The hint of what is no value, which is one safe Spanish line that says what would be one."""
    with pytest.raises(ConfigError) as raised:
        option(name).parse(text)
    hint = raised.value.hint
    assert hint.startswith("«") and f"no sirve para «{name}». Puede ser {option(name).possible}." in hint
    assert not UNSAFE.search(hint) and len(hint) < 250
    return hint


# -- the table ---------------------------------------------------------------------------------


def test_each_field_has_its_option() -> None:
    assert [option.field for option in OPTIONS] == [field.name for field in fields(Look)]
    for names in zip(*((o.name, o.flag, o.variable) for o in OPTIONS), strict=True):
        assert len(set(names)) == len(names)
    for each in OPTIONS:
        assert re.fullmatch("--[a-z-]+", each.flag) and re.fullmatch("STREAM_CORE_[A-Z_]+", each.variable)
        assert each.name == fold(each.name)
        assert each.on_or_off is isinstance(getattr(Look(), each.field), bool)


@pytest.mark.parametrize("each", OPTIONS, ids=lambda option: option.name)
def test_what_is_shown_and_what_is_remembered_are_read_back(each: Option) -> None:
    values = [getattr(Look(), each.field), *(each.parse(word) for word, _ in each.examples)]
    for value in values:
        assert each.parse(each.show(value)) == value
        assert each.parse(str(value)) == value
        assert type(each.parse(each.show(value))) is type(getattr(Look(), each.field))


@pytest.mark.parametrize("name", THEMES)
def test_every_style_of_a_theme_is_one(name: str) -> None:
    theme = THEMES[name]
    for field in fields(Theme):
        if field.name not in ("summary", "syntax"):
            words = getattr(theme, field.name)
            Style.parse(words)
            EditorStyle([("", style_of(words))]).get_attrs_for_style_str(style_of(words))
    assert Look(theme=name).colours is theme


def test_the_label_follows_the_theme() -> None:
    assert style_of("bold green") == "bold ansigreen"
    assert style_of("bold bright_white") == "bold ansiwhite"
    assert style_of("white") == "ansigray"
    assert style_of("none #aa5500 dim") == "#aa5500"
    assert style_of("") == ""
    for colour in ANSI_COLOURS:
        EditorStyle([("", style_of(colour))])
        assert style_of(colour).startswith("ansi")


# -- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("tema", "claro", "claro"),
        ("tema", " CLARO ", "claro"),
        ("marco", "Bordes", "bordes"),
        ("cursor", "●", "●"),
        ("cursor", "ñ", "ñ"),
        ("cursor", "n\u0303", "ñ"),
        ("cursor", "N", "N"),
        ("cursor", "0", "0"),
        ("cursor", "🤖", "🤖"),
        ("cursor", "❤\ufe0f", "❤\ufe0f"),
        ("cursor", "🇪🇸", "🇪🇸"),
        ("cursor", "日", "日"),
        ("cursor", "x\u0301\u0323", "x\u0323\u0301"),
        ("cursor", "", ""),
        ("cursor", " No ", ""),
        ("parpadeo", "sí", True),
        ("parpadeo", "SI", True),
        ("parpadeo", "si\u0301", True),
        ("parpadeo", "on", True),
        ("parpadeo", "True", True),
        ("parpadeo", "1", True),
        ("parpadeo", "no", False),
        ("plano", "OFF", False),
        ("plano", "false", False),
        ("plano", "0", False),
        ("borde", "verde", "green"),
        ("borde", "Naranja", "#ff8700"),
        ("borde", "gris", "bright_black"),
        ("borde", "bright_red", "bright_red"),
        ("borde", "Bright Red", "bright_red"),
        ("borde", "bright-red", "bright_red"),
        ("borde", "#FF00aa", "#ff00aa"),
        ("borde", "tema", ""),
        ("borde", "", ""),
        ("refresco", "5", 5),
        ("refresco", " 20", 20),
        ("escritura", "no", 0),
        ("escritura", "0", 0),
        ("escritura", "1", 1),
        ("escritura", "10000", 10_000),
    ],
)
def test_what_is_understood(name: str, text: str, value: object) -> None:
    told = option(name).parse(text)
    assert told == value and type(told) is type(value)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("tema", ["", "rosa", "oscuro claro", "oscuro\x00", "x" * 10_000]),
        ("marco", ["", "caja", "barra bordes"]),
        ("parpadeo", ["", "quizá", "2", "sí no"]),
        ("plano", ["", "-1"]),
        ("borde", ["color", "#12345", "#1234567", "#gggggg", "ff8700", "bold", "rojo verde", "#ff8700; x"]),
        ("refresco", ["", "4", "21", "no", "12.5", "-12", "+12", "1_2", "1２", "١٢", "9" * 5000, "0x10"]),
        ("escritura", ["", "-1", "10001", "1e3", "40 cps", "9" * 5000]),
    ],
)
def test_what_is_no_value_is_told_in_one_line(name: str, texts: list[str]) -> None:
    for text in texts:
        refused(name, text)


@pytest.mark.parametrize(
    "text",
    [
        "ab", "▊▊", "● ●", "\x1b", "\x1b[31m", "\x07", "\x7f", "\x9b", "\u202e", "\u2066", "a\u202e",
        "\u200b", "\u200d", "\u00ad", "\ufeff", "\u0301", "\ud800", "\U000e0041", "\ue000", "\U0010ffff",
        "\u3164", "\u2800", "\u115f", "👩\u200d💻", "👋🏽", "🇪🇸🇪🇸", "\U0001f1ea🤖", "x" + "\u0301" * 6,
        "x" + "\u0301" * 10_000, "﷽﷽", "e\ufe0fe",
    ],
)  # fmt: skip
def test_what_is_no_cursor(text: str) -> None:
    refused("cursor", text)


@given(st.text(st.characters(codec=None), max_size=4))
def test_any_cursor_is_safe_and_takes_two_cells_at_most(text: str) -> None:
    try:
        told = str(option("cursor").parse(text))
    except ConfigError as error:
        assert not UNSAFE.search(error.hint)
    else:
        assert not UNSAFE.search(told) and cell_len(told) <= 2
        assert not told or told.strip() == told
        assert option("cursor").parse(told) == told


@pytest.mark.parametrize("each", OPTIONS, ids=lambda option: option.name)
@given(text=st.text(st.characters(codec=None), max_size=12))
def test_anything_is_a_value_or_is_refused_in_one_safe_line(each: Option, text: str) -> None:
    try:
        value = each.parse(text)
    except ConfigError as error:
        assert not UNSAFE.search(error.hint) and len(error.hint) < 250
    else:
        assert each.parse(each.show(value)) == value


def test_the_colours_are_known_to_what_draws() -> None:
    assert set(ANSI_COLOURS) == {name for name, number in ANSI_COLOR_NAMES.items() if number < 16}
    for colour in COLOURS.values():
        Color.parse(colour)


def test_words_are_compared_without_case_and_accents() -> None:
    assert fold("SÍ") == fold("si") == "si"
    assert fold("Ñandú") == "nandu"
