"""The gallery: designed screens, each kept as text at two sizes, cell by cell with its styles.

`make gallery` writes the files in `tests/gallery/screens`; `tests/test_screens.py` compares. A screen is an
entry of `SCREENS` in `support/gallery_screens.py`: a function that draws on a `Canvas`. In a file each row is
a line after `|`; where a row has styles, the line after it, which begins with `:`, names the class of each
cell, and the legend at the end says what the classes are.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import FormattedText, StyleAndTextTuples
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import print_formatted_text
from pyte import ByteStream
from pyte.screens import Char
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.terminal.screen import Screen
from support.paths import TESTS
from support.terminal import Screen as Cells
from support.terminal import row_text

FOLDER = TESTS / "gallery" / "screens"
SIZES = ((100, 30), (60, 20))
_CLASSES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ATTRIBUTES = ("bold", "italics", "underscore", "strikethrough", "reverse", "blink")

Drawing = Callable[["Canvas"], None]


class _Window(io.StringIO):
    """A file that counts as a terminal."""

    def isatty(self) -> bool:
        return True


class Canvas:
    """A window of `cols` by `rows` cells in which a screen of the chat is drawn.

    Attributes:
        screen: the chat's own; what it draws is on the canvas.
    """

    def __init__(self, cols: int, rows: int, look: Look) -> None:
        self.cols, self.rows = cols, rows
        self._window = _Window()
        self.screen = Screen(self._window, look)

    def write(self, text: str) -> None:
        """Write text with its escapes, as a terminal gets it."""
        self._window.write(text)

    def write_styled(self, words: StyleAndTextTuples) -> None:
        """Write what the line editor would show."""
        size = Size(rows=self.rows, columns=self.cols)
        output = Vt100_Output(self._window, lambda: size, default_color_depth=ColorDepth.DEPTH_8_BIT)
        print_formatted_text(FormattedText(words), output=output, end="")

    def cells(self) -> Cells:
        """What stands in the window."""
        cells = Cells(self.rows, self.cols, 1000, True, lambda _: None)
        ByteStream(cells).feed(self._window.getvalue().replace("\n", "\r\n").encode())
        return cells


@contextmanager
def _terminal(cols: int, rows: int) -> Iterator[None]:
    """The environment of a terminal of that size that knows every colour."""
    told = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(cols), "LINES": str(rows)}
    with mock.patch.dict(os.environ, told):
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
            os.environ.pop(name, None)
        for cached in (Style.parse, Style._add):  # a style keeps the colours of its first terminal
            cached.cache_clear()
        yield


def drawn(drawing: Drawing, cols: int, rows: int, look: Look | None = None) -> Cells:
    """Draw a screen; return its cells."""
    with _terminal(cols, rows):
        canvas = Canvas(cols, rows, look or Look())
        drawing(canvas)
        return canvas.cells()


def _style(cell: Char) -> str:
    colours = [f"{name} {value}" for name, value in (("fg", cell.fg), ("bg", cell.bg)) if value != "default"]
    return " ".join([*colours, *(name for name in _ATTRIBUTES if getattr(cell, name))])


def as_text(cells: Cells) -> str:
    """The cells of a window as they are kept in a file."""
    classes: dict[str, str] = {"": "."}
    lines: list[str] = []
    for y in range(cells.lines):
        row = cells.buffer[y]
        lines.append(f"|{row_text(row)}")
        marks = ""
        for x in range(cells.columns):
            style = _style(row[x])
            marks += classes.setdefault(style, _CLASSES[len(classes) - 1])
        if marks.strip("."):
            lines.append(f":{marks.rstrip('.')}")
    while lines and lines[-1] == "|":
        lines.pop()
    legend = [f"{name} = {style}" for style, name in classes.items() if style]
    return "\n".join([*lines, "", *legend]).rstrip("\n") + "\n"


def file_of(name: str, cols: int) -> Path:
    """Return the file that keeps a screen at a width."""
    return FOLDER / f"{name}-{cols}.txt"


def _main() -> None:
    from support.gallery_screens import SCREENS

    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name, drawing in SCREENS.items():
        for cols, rows in SIZES:
            file_of(name, cols).write_text(as_text(drawn(drawing, cols, rows)), "utf-8")
    sys.stdout.write(f"{len(SCREENS)} screens in {FOLDER}\n")


if __name__ == "__main__":
    _main()
