"""Effects on the rows that are still open: those of `config/options/effects.py` in the colours of a theme."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import EFFECTS, NO_EFFECT, Effect
from stream_core.terminal.styles import Row, Styles

_COLOURS_ENOUGH = ("256", "truecolor")


def effect_on(console: Console, look: Look) -> Effect:
    """Return the effect of a look; none where the terminal has too few colours, or none are wanted."""
    enough = console.color_system in _COLOURS_ENOUGH and not console.no_color and not look.plain
    return EFFECTS[look.effect if enough else NO_EFFECT]


def glowing(
    rows: Sequence[Row], newest: Sequence[tuple[int, float]], effect: Effect, styles: Styles
) -> Sequence[Row]:
    """Rows with their newest text brighter.

    Args:
        rows: the open rows; they end with the newest text.
        newest: characters and their age in seconds, the newest first.
        effect: says how bright text of an age is.
        styles: the colours of that.
    """
    if effect.glow is None:
        return rows
    ages = [(count, style) for count, age in newest if (style := _brightness(effect.glow(age), styles))]
    lit = list(rows)
    for number in range(len(lit) - 1, -1, -1):
        if not ages:
            break
        lit[number] = _lit(lit[number], ages)
    return lit


def _lit(row: Row, ages: list[tuple[int, Style]]) -> Row:
    """A row with its newest words in their styles, which are taken from the beginning of `ages`."""
    lit: Row = []
    for segment in reversed(row):
        text = segment.text
        while text and ages:
            count, style = ages.pop(0)
            start = text.rfind(" ", 0, max(0, len(text) - count)) + 1  # whole words: no grapheme is cut
            lit.append(Segment(text[start:], segment.style + style if segment.style else style))
            left = count - (len(text) - start)
            text = text[:start]
            if left > 0:
                ages.insert(0, (left, style))
            elif ages:
                ages[0] = (ages[0][0] + left, ages[0][1])
            while ages and ages[0][0] <= 0:
                over, _ = ages.pop(0)
                if ages:
                    ages[0] = (ages[0][0] + over, ages[0][1])
        if text:
            lit.append(Segment(text, segment.style))
    return lit[::-1]


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
    if effect.sheen is None or not shades:
        return [Segment(line, styles.border)]
    cells = cell_len(line)
    levels = [round(effect.sheen(number, cells, seconds) * (len(shades) - 1)) for number in range(len(line))]
    row, at = [], 0
    for level, together in groupby(levels):
        end = at + len(list(together))
        row.append(Segment(line[at:end], shades[level]))
        at = end
    return row
