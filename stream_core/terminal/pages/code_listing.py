"""A program as a numbered, coloured listing."""

from __future__ import annotations

from rich.syntax import Syntax


def listing(source: str) -> Syntax:
    """A listing of a program of Python; long lines are wrapped, the background is the terminal's own."""
    return Syntax(
        source.rstrip("\n"),
        "python",
        theme="ansi_dark",
        line_numbers=True,
        word_wrap=True,
        background_color="default",
    )
