"""Every colour of every theme can be read: a contrast of 4.5:1 (WCAG 2.2, 1.4.3) on the usual backgrounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.config.options.themes import THEMES, Theme
from stream_core.terminal.markdown.syntax_colours import SYNTAX
from stream_core.terminal.rows.styles import Pen, Styles

LEAST = 4.5
BACKGROUNDS = {
    # black, Windows, VS Code, Ubuntu, Dracula, One Dark, Nord, Solarized, Monokai
    "oscuro": "#000000 #0c0c0c #1e1e1e #300a24 #282a36 #282c34 #2e3440 #002b36 #272822",
    # white, VS Code, Solarized, its selection, Gruvbox, Catppuccin
    "claro": "#ffffff #f5f5f5 #fdf6e3 #eee8d5 #fbf1c7 #eff1f5",
}


def luminance(colour: Color) -> float:
    """WCAG's relative luminance, 0 to 1."""
    parts = [part / 255 for part in colour.get_truecolor()]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def styles_of(name: str) -> Iterator[tuple[str, Style]]:
    """Every style that a theme draws with: its own, those of code, and what its gradient passes through."""
    theme = THEMES[name]
    for field in fields(Theme):
        if field.name not in ("summary", "syntax"):
            yield field.name, Style.parse(getattr(theme, field.name))
    for token, words in SYNTAX.get(theme.syntax, {}).items():
        yield str(token), Style.parse(words)
    for number, shade in enumerate(Styles(Look(name)).shades):
        yield f"shade {number}", shade


@pytest.mark.parametrize("name", THEMES)
def test_every_colour_has_contrast_on_the_backgrounds_it_is_for(name: str) -> None:
    for what, style in styles_of(name):
        assert not style.dim, f"{what}: how dark that is, only the terminal knows"
        if style.color is None:
            continue  # the terminal's own, as its text is
        for words in BACKGROUNDS[name].split():
            background = Color.parse(words)
            for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
                found = contrast(style.color.downgrade(system), background)
                assert found >= LEAST, f"{what} on {words} in {system.name}: {found:.2f}"


def test_with_sixteen_colours_too_on_black() -> None:
    for what, style in styles_of("oscuro"):
        if style.color is not None:
            found = contrast(style.color.downgrade(ColorSystem.STANDARD), Color.parse("#000000"))
            assert found >= LEAST, f"{what}: {found:.2f}"


def test_with_sixteen_colours_too_on_white() -> None:
    console = Console(force_terminal=True, color_system="standard")
    for what, style in styles_of("claro"):
        drawn = Pen(console)([Segment("x", style)])
        codes = re.findall(r"\x1b\[([\d;]+)m", drawn)
        colours = {code for code in codes[0].split(";") if code[0] in "39"} if codes else set()
        assert colours <= {"3", "31", "34"}, f"{what}: {drawn!r}"  # italic, red, blue: dark in every palette
        assert ("31" in colours) == (what == "fault")


@pytest.mark.parametrize("name", THEMES)
def test_nothing_but_a_fault_looks_like_one(name: str) -> None:
    theme = THEMES[name]
    colour = Style.parse(theme.fault).color
    others = {what: style for what, style in styles_of(name) if what != "fault" and style.color is not None}
    assert colour is None or all(style.color != colour for style in others.values())


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_without_colours_has_none_anywhere(name: str) -> None:
    coloured = {what for what, style in styles_of(name) if style.color is not None}
    assert bool(coloured) is (name in BACKGROUNDS)
