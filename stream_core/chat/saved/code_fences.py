"""Separating fenced code from the text around it, for copying and exporting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stream_core.terminal.markdown.syntax import fence_line, within_fence


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: the lines between two fences, or outside of them.

    Attributes:
        text: its lines, without the fences and without their indentation.
        code: whether it is fenced.
        language: the info string of the fence, or "".
        indent: the spaces before the fence.
        missing: the closing fence, if the text ends before it; else "".
    """

    text: str
    code: bool = False
    language: str = ""
    indent: int = 0
    missing: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """Split a text at its fences, as the screen does; no piece is empty."""
    lines: list[str] = []
    levels: tuple[str, ...] = ()
    indent, language = 0, ""
    for line in text.split("\n"):
        begins = None if levels else fence_line(line)
        after = (begins.run,) if begins else within_fence(levels, line) if levels else ()
        if bool(after) is bool(levels):
            lines.append(line[min(indent, len(line) - len(line.lstrip(" "))) :] if levels else line)
        else:
            if lines:
                yield Piece("\n".join(lines), bool(levels), language, indent)
            lines = []
            indent, language = (begins.indent, begins.info) if begins else (0, "")
        levels = after
    if lines:
        yield Piece("\n".join(lines), bool(levels), language, indent, missing="\n".join(reversed(levels)))


def code_blocks(text: str) -> list[str]:
    """Return the code blocks of a text."""
    return [piece.text for piece in pieces(text) if piece.code]
