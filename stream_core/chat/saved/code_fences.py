"""Code between fences, told apart from the text around it: to be copied and exported as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stream_core.terminal.markdown.syntax import fence_line, within_fence


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: what stands between two fences, or outside of them.

    Attributes:
        text: its lines, without the fences and without their indentation.
        code: whether it stands between fences.
        language: what the fence says of it, or "".
        indent: the spaces before the fence.
        missing: the fence that would close it, when the text ends before that; else "".
    """

    text: str
    code: bool = False
    language: str = ""
    indent: int = 0
    missing: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """Cut a text at its fences, as the screen does; there is no piece without a line."""
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
    """The code of a text, block by block."""
    return [piece.text for piece in pieces(text) if piece.code]
