"""Screens of the emulator as SVG: text that can be selected, in light and dark, still or moving.

Each row is a `<text>` whose runs of one style stand at their columns. Colours are classes; the reader's
colour scheme chooses between the terminal's own and a darker shade of it that can be read on white. A moving
picture shows each row for as long as it stood there; who asked for less motion sees its last frame.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from pyte.screens import Char

CELL, ROW, SIZE = 8.4, 19, 14  # pixels: the width of a cell, the height of a row, the font
_MARGIN, _BAR = 14, 30
_NAMED = {
    "black": "3b3b45", "red": "ff6b6b", "green": "6fcf7f", "brown": "e5c07b", "blue": "7aa2f7",
    "magenta": "d89bf0", "cyan": "6fd3d8", "white": "d7d7dd", "brightblack": "8a8a95",
}  # fmt: skip
_LEAST = 4.5  # contrast on the background


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one style that follow one another."""

    column: int
    text: str
    style: str


Row = tuple[Run, ...]


@dataclass(slots=True)
class Palette:
    """The classes of a picture, one a style."""

    names: dict[str, str] = field(default_factory=dict)

    def class_of(self, style: str) -> str:
        return self.names.setdefault(style, f"s{len(self.names)}") if style else ""

    def rules(self) -> str:
        """The style sheet of the classes."""
        dark, light, other = [], [], []
        for style, name in self.names.items():
            colour, *attributes = style.split(" ")
            if colour != "default":
                hexed = _NAMED.get(colour.removeprefix("bright"), _NAMED.get(colour, colour))
                dark.append(f".{name}{{fill:#{hexed}}}")
                light.append(f".{name}{{fill:#{readable(hexed)}}}")
            other += [f".{name}{{{_ATTRIBUTES[attribute]}}}" for attribute in attributes]
        return f"{''.join(dark)}{''.join(other)}@media(prefers-color-scheme:light){{{''.join(light)}}}"


_ATTRIBUTES = {
    "bold": "font-weight:bold",
    "italics": "font-style:italic",
    "underscore": "text-decoration:underline",
}


def runs(cells: Mapping[int, Char], columns: int) -> Row:
    """Return the runs of a row; wide gaps and the blanks at the ends are in none.

    A blank is of the run before it: its colour, which nobody sees, depends on how often the row was drawn.
    """
    found: list[Run] = []
    for column in range(columns):
        cell = cells[column]
        if not cell.data:  # the second half of a wide character
            continue
        style = " ".join([cell.fg, *(name for name in _ATTRIBUTES if getattr(cell, name))])
        style = "" if style == "default" else style
        last = found[-1] if found else None
        if cell.data == " " and not cell.underscore and last is not None:
            style = last.style
        if last is None or last.style != style or _alone(cell.data) or _alone(last.text):
            found.append(Run(column, cell.data, style))
        else:
            found[-1] = Run(last.column, last.text + cell.data, style)
    return tuple(part for run in found for part in _parts(run))


def _parts(run: Run) -> Iterator[Run]:
    """The parts of a run between its gaps: viewers differ in whether they keep blanks."""
    for part in re.finditer(r"\S+(?: \S+)*", run.text):
        yield Run(run.column + part.start(), part[0], run.style)


def _alone(text: str) -> bool:
    """Whether a character is drawn at its own column: fonts differ in how wide they are."""
    return any(char > "⺀" or "☀" <= char <= "⣿" for char in text)  # wide ones, signs, Braille


def readable(colour: str) -> str:
    """Return the shade of a colour that has enough contrast on white."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    while True:
        shade = colorsys.hls_to_rgb(hue, lightness, saturation)
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shade]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        if 1.05 / (luminance + 0.05) >= _LEAST:
            return "".join(f"{round(part * 255):02x}" for part in shade)
        lightness -= 0.02


def still(rows: Sequence[Row], columns: int, title: str) -> str:
    """Return a picture of rows."""
    palette = Palette()
    body = "\n".join(_text(y, row, palette) for y, row in enumerate(rows) if row)
    return _picture(body, palette, "", columns, len(rows), title)


def moving(frames: Sequence[tuple[float, Sequence[Row]]], columns: int, title: str, rest: float = 4.0) -> str:
    """Return a picture that plays frames, each with the second at which it begins, and then rests."""
    palette, height = Palette(), max(len(rows) for _, rows in frames)
    whole = frames[-1][0] + rest
    body: list[str] = []
    motion: list[str] = []
    for y in range(height):
        for row, begin, end in _spans(frames, y):
            name = f"k{len(motion)}"
            start, stop = 100 * begin / whole, 100 * end / whole
            shown = "0%{opacity:1}" if not begin else f"0%{{opacity:0}}{start:.2f}%{{opacity:1}}"
            hidden = "" if end >= whole else f"{stop:.2f}%{{opacity:0}}"
            if begin or hidden:
                motion.append(f"@keyframes {name}{{{shown}{hidden}100%{{opacity:{int(not hidden)}}}}}")
                last = "" if not hidden else ";opacity:0"
                style = f' style="animation-name:{name}{last}" class="m"'
            else:
                style = ""
            body.append(_text(y, row, palette, style))
    rules = f".m{{animation:{whole:.2f}s step-end infinite}}"
    rules += "@media(prefers-reduced-motion:reduce){.m{animation:none}}"
    return _picture("\n".join(body), palette, rules + "".join(motion), columns, height, title)


def _spans(frames: Sequence[tuple[float, Sequence[Row]]], y: int) -> list[tuple[Row, float, float]]:
    """What stands in one row, from when to when; the end of the last frame is infinite."""
    spans: list[tuple[Row, float, float]] = []
    for at, rows in frames:
        row = rows[y] if y < len(rows) else ()
        if spans and spans[-1][0] == row:
            continue
        if spans:
            spans[-1] = (spans[-1][0], spans[-1][1], at)
        spans.append((row, at, float("inf")))
    return [span for span in spans if span[0]]


def _text(y: int, row: Row, palette: Palette, style: str = "") -> str:
    spans = []
    for run in row:
        name = palette.class_of(run.style)
        kind = f' class="{name}"' if name else ""
        length = f' textLength="{len(run.text) * CELL:.1f}"' if len(run.text) > 1 else ""
        spans.append(f'<tspan x="{_MARGIN + run.column * CELL:.1f}"{kind}{length}>{escape(run.text)}</tspan>')
    return f'<text y="{_BAR + _MARGIN + y * ROW + SIZE}"{style}>{"".join(spans)}</text>'


def _picture(body: str, palette: Palette, motion: str, columns: int, rows: int, title: str) -> str:
    width, height = round(columns * CELL + 2 * _MARGIN), rows * ROW + _BAR + 2 * _MARGIN
    font = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
    dark = "text{fill:#d7d7dd}.w{fill:#16161c;stroke:#34343f}"
    light = "text{fill:#1f2328}.w{fill:#fff;stroke:#d0d7de}"
    rules = f"text{{font:{SIZE}px {font}}}{dark}@media(prefers-color-scheme:light){{{light}}}"
    rules += palette.rules() + motion
    dots = "".join(
        f'<circle cx="{18 + 18 * n}" cy="17" r="5.5" fill="#{fill}"/>'
        for n, fill in enumerate(("ff5f57", "febc2e", "28c840"))
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    window = f'<rect class="w" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t">'
        f'<title id="t">{escape(title)}</title><style>{rules}</style>\n{window}{dots}\n{body}\n</svg>\n'
    )
