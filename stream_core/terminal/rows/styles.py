"""The styles of a look, ready to draw with, and rows as text with their escapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

from rich.cells import cell_len
from rich.color import Color, ColorSystem, ColorType, blend_rgb
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.config.options.values import ANSI_COLOURS

BAR = "│ "
"""The left bar of a reply\'s rows."""

RIGHT_BAR = " │"
"""The right bar of a reply\'s rows, in a closed frame."""

_SHADES = 6  # of the gradient between two colours

Row: TypeAlias = list[Segment]

segment: Callable[[tuple[str, Style | None, None]], Segment] = partial(tuple.__new__, Segment)
"""A segment of a text and its style; that of Rich's own takes twice as long, and a frame makes dozens."""

RESET = "\x1b[m"
_KNOWN = 512  # styles whose escapes are remembered
_DARK = 320  # the sum of the parts of a colour for light backgrounds: at most 285; for dark ones 485 or more


class Styles:
    """The styles of one look; the names are those of `stream_core.config.options.appearance.Theme`.

    Attributes:
        bar: the margin of each row of a reply; empty if the frame has edges only.
        closed: whether the frame is closed on the right, too.
    """

    def __init__(self, look: Look) -> None:
        theme = look.colours
        self.border = Style.parse(look.border or theme.border)
        self.done = Style.parse(theme.done)
        self.fault = Style.parse(theme.fault)
        self.quiet = Style.parse(theme.quiet)
        self.heading = Style.parse(theme.heading)
        self.code = Style.parse(theme.code)
        self.link = Style.parse(theme.link)
        self.mark = Style.parse(theme.mark)
        self.glow = Style.parse(theme.glow)
        self.fading = Style.parse(theme.fading)
        self.sheen = Style.parse(theme.sheen)
        self.syntax = theme.syntax
        self.bar: Row = [] if look.frame == "bordes" else [Segment(BAR, self.border)]
        self.closed = look.frame == "panel"
        self._margin = 1 + len(BAR) * len(self.bar) + len(RIGHT_BAR) * self.closed

    @property
    def shades(self) -> tuple[Style, ...]:
        """The styles of the gradient from the border to its second colour; none if one of them has none."""
        return _shades(self.border, self.sheen)

    def room(self, width: int) -> int:
        """Cells of a row for the reply itself, in a window of this width."""
        return max(1, width - self._margin)


@lru_cache(maxsize=8)
def _shades(first: Style, second: Style) -> tuple[Style, ...]:
    if first.color is None or second.color is None:
        return ()
    begin, end = first.color.get_truecolor(), second.color.get_truecolor()
    return tuple(
        Style(color=Color.from_triplet(blend_rgb(begin, end, step / (_SHADES - 1))))
        for step in range(_SHADES)
    )


class Pen:
    """Turns rows into text with escapes, as far as the terminal knows colours and the person wants them."""

    def __init__(self, console: Console) -> None:
        names = {"standard": "STANDARD", "256": "EIGHT_BIT", "truecolor": "TRUECOLOR", "windows": "WINDOWS"}
        self._system = ColorSystem[names[console.color_system]] if console.color_system else None
        self._no_color = console.no_color
        self._known: dict[
            int, tuple[Style, str, str, bool]
        ] = {}  # by identity: to compare styles takes longer

    def __call__(self, row: Sequence[Segment]) -> str:
        """A row as text, without trailing spaces."""
        if self._system is None:
            return row_text(row).rstrip(" ")
        out: list[str] = []
        on, after, drawn, invisible = (
            "",
            "",
            None,
            True,
        )  # the style of what was written last, which may go on
        for text, style, _ in row:
            if style is not drawn and text:
                if style is not None:
                    known = self._known.get(id(style)) or self._switches(style, self._system)
                    _, before, following, unseen = known
                else:
                    before, following, unseen = "", "", True
                if before != on:
                    if unseen and invisible and text.isspace():
                        out.append(text)  # a blank looks the same in both
                        continue
                    # A parameter that is left out is 0, which resets (ECMA-48 8.3.117): one sequence.
                    one = after == RESET and before[:2] == "\x1b["
                    out.append(f"\x1b[;{before[2:]}" if one else after + before)
                    on, after, invisible = before, following, unseen
                drawn = style
            out.append(text)
        out.append(after)
        return "".join(out).rstrip(" ")

    def _switches(self, style: Style, system: ColorSystem) -> tuple[Style, str, str, bool]:
        """A style, the sequences that switch it on and off, and whether a blank in it is invisible."""
        before, after = _marks(style.without_color if self._no_color else style, system)
        if style.link is not None:
            before, after = f"\x1b]8;;{style.link}\x1b\\{before}", f"{after}\x1b]8;;\x1b\\"
        if len(self._known) >= _KNOWN:
            self._known.clear()
        seen = style.bgcolor or style.underline or style.reverse or style.strike or style.link
        known = self._known[id(style)] = (style, before, after, not seen)
        return known


def _shortest(color: Color | None) -> Color | None:
    """A colour by its number, where it is one of the fixed ones of the 256: half the bytes of its parts."""
    if color is None or color.type is not ColorType.TRUECOLOR:
        return color
    by_number = color.downgrade(ColorSystem.EIGHT_BIT)
    fixed = by_number.number is not None and by_number.number >= len(ANSI_COLOURS)
    return by_number if fixed and by_number.get_truecolor() == color.triplet else color


def _of_sixteen(color: Color | None) -> Color | None:
    """A dark colour, for light backgrounds, where only sixteen can be had: None for the terminal's own.

    Rich takes the nearest: for a dark blue it is a cyan that nobody can read on white.
    """
    if color is None or color.triplet is None or sum(color.triplet) >= _DARK:
        return color
    red, green, blue = color.triplet
    if red > 2 * (green + blue):
        return Color.parse("red")
    return Color.parse("blue") if blue > green and blue >= red else None


@lru_cache(maxsize=512)
def _marks(style: Style, system: ColorSystem) -> tuple[str, str]:
    """The escape sequences that switch a style on and off."""
    if system is ColorSystem.STANDARD:
        coloured = style.without_color + Style(color=_of_sixteen(style.color), bgcolor=style.bgcolor)
    else:
        coloured = style + Style(color=_shortest(style.color), bgcolor=_shortest(style.bgcolor))
    drawn = coloured.update_link(
        None
    )  # one of its own: Rich keeps the codes of the first colour system in it
    before, _, after = drawn.render("\0", color_system=system).partition("\0")
    return before, RESET if after else ""


def cells_of(row: Sequence[Segment]) -> int:
    """The cells that a row takes."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _, _ in row])


def row_text(row: Sequence[Segment]) -> str:
    """The bare text of a row."""
    return "".join([segment.text for segment in row])
