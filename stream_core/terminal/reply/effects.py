"""Effects on the rows that are still open: those of `config/options/effects.py` in the colours of a theme."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
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
    count, style = ages.pop(0) if ages else (0, styles.glow)
    for number in range(len(lit) - 1, -1, -1):
        if count <= 0:
            break
        row: Row = []
        for segment in reversed(lit[number]):
            text, plain, _ = segment
            while text and count > 0:
                # Whole words: no grapheme is cut.
                start = text.rfind(" ", 0, len(text) - count) + 1 if count < len(text) else 0
                row.append(Segment(text[start:], _over(plain, style)))
                count, text = count - len(text) + start, text[:start]
                while count <= 0 and ages:
                    more, style = ages.pop(0)
                    count += more
            if text:
                row.append(Segment(text, plain) if len(text) < len(segment.text) else segment)
        row.reverse()
        lit[number] = row
    return lit


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
