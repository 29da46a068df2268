"""A gallery of Markdown, as it looks: each look and width is kept in a file that a terminal can show.

After a change that is meant to be seen: `PYTHONPATH=tests python tests/terminal/test_gallery.py` writes them
again; look at them with `cat tests/gallery/*.ansi` before they are committed.
"""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console
from support.paths import TESTS

from stream_core.config.options.appearance import Look
from stream_core.config.options.themes import THEMES
from stream_core.terminal.markdown.layout import whole_reply

FOLDER = TESTS / "gallery"
TEXT = (FOLDER / "gallery.md").read_text("utf-8")
LOOKS = {
    "oscuro-100": (Look("oscuro"), 100),
    "oscuro-60": (Look("oscuro"), 60),
    "oscuro-20": (Look("oscuro"), 20),
    "claro-60": (Look("claro"), 60),
    "contraste-60": (Look("contraste"), 60),
    "bordes-60": (Look("oscuro", frame="bordes", border="green"), 60),
}


def drawn(look: Look, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    console.no_color = False
    return "".join(f"{row}\n" for row in whole_reply(TEXT, console, look))


@pytest.mark.parametrize("name", LOOKS)
def test_the_gallery_looks_as_it_did(name: str) -> None:
    assert drawn(*LOOKS[name]) == (FOLDER / f"{name}.ansi").read_text("utf-8")


def test_every_theme_is_in_the_gallery() -> None:
    assert {look.theme for look, _ in LOOKS.values()} == set(THEMES)


@pytest.mark.parametrize("name", LOOKS)
def test_every_word_of_the_gallery_is_there(name: str) -> None:
    shown = re.sub("\x1b\\[[\\d;]*m|\x1b]8;;[^\x1b]*\x1b\\\\|│ ", "", drawn(*LOOKS[name]))
    joined = "".join(shown.split())
    for word in re.findall(r"\w{3,}", TEXT):
        assert word in joined, word


if __name__ == "__main__":
    for name, told in LOOKS.items():
        (FOLDER / f"{name}.ansi").write_text(drawn(*told), "utf-8")
