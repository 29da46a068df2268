"""Effects on the rows that are still open: those of `config/options/effects.py` in the colours of a theme."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import EFFECTS, NO_EFFECT, Effect
from stream_core.terminal.rows.styles import Row, Styles, segment

_CHUNK = 4  # cells of a gradient that have one colour
_COLOURS_ENOUGH = ("256", "truecolor")


def effect_on(console: Console, look: Look) -> Effect:
    """Return the effect of a look; none where the terminal has too few colours, or none are wanted."""
    enough = console.color_system in _COLOURS_ENOUGH and not console.no_color and not look.plain
    return EFFECTS[look.effect if enough else NO_EFFECT]


def glowing(
    rows: Sequence[Row], newest: Sequence[tuple[int, float]], effect: Effect, styles: Styles
) -> Sequence[Row]:
    """Rows with their newest text brighter, as far as it is on the last one: a row that is full has settled.

    Args:
        rows: the open rows; they end with the newest text.
        newest: characters and their age in seconds, the newest first.
        effect: says how bright text of an age is.
        styles: the colours of that.
    """
    if effect.glow is None or not (newest and rows):
        return rows
    ages: list[tuple[int, Style]] = []  # characters that are equally bright
    for count, age in newest:
        bright = _brightness(effect.glow(age), styles)
        if ages and ages[-1][1] is bright:
            ages[-1] = (ages[-1][0] + count, bright)
        elif bright is not None:
            ages.append((count, bright))
    if not ages:
        return rows
    count, style = ages.pop(0)
    lit: Row = []
    for whole in reversed(rows[-1]):
        text, plain, _ = whole
        while text and count > 0:
            # Whole words: no grapheme is cut.
            start = text.rfind(" ", 0, len(text) - count) + 1 if count < len(text) else 0
            lit.append(segment((text[start:], _over(plain, style), None)))
            count, text = count - len(text) + start, text[:start]
            while count <= 0 and ages:
                more, style = ages.pop(0)
                count += more
        if text:
            lit.append(segment((text, plain, None)) if len(text) < len(whole.text) else whole)
    lit.reverse()
    return [*rows[:-1], lit]


@lru_cache(maxsize=256)
def _over(plain: Style | None, style: Style) -> Style:
    return plain + style if plain else style


def _brightness(share: float, styles: Styles) -> Style | None:
    if share <= 0:
        return None
    return styles.glow if share > 0.5 else styles.fading


def beating(share: float, styles: Styles) -> Style:
    """The style of a cursor of that brightness."""
    if share <= 0:
        return styles.quiet
    return styles.glow if share > 0.5 else styles.border


def shining(line: str, seconds: float, effect: Effect, styles: Styles) -> Row:
    """A line of the closing edge, with the gradient where the effect has one."""
    shades = styles.shades
    if effect.sheen is None or not (shades and line):
        return [Segment(line, styles.border)]
    most, cells = len(shades) - 1, len(line)
    row: Row = []
    begun, before = 0, -1
    for cell in range(0, cells, _CHUNK):
        level = round(effect.sheen(cell, cells, seconds) * most)
        if level != before and before >= 0:
            row.append(Segment(line[begun:cell], shades[before]))
            begun = cell
        before = level
    return [*row, Segment(line[begun:], shades[before])]
