"""Code between fences, told apart from the text around it: to be copied and exported as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stream_core.terminal.markdown.syntax import FENCE


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: what stands between two fences, or outside of them.

    Attributes:
        text: its lines, without the fences and without their indentation.
        code: whether it stands between fences.
        language: what the fence says of it, or "".
        missing: the fence that would close it, when the text ends before that; else "".
    """

    text: str
    code: bool = False
    language: str = ""
    missing: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """Cut a text at its fences; there is no piece without a line."""
    lines: list[str] = []
    fence, indent, language = "", 0, ""
    for line in text.split("\n"):
        begins = FENCE.match(line)
        if fence and not _closes(line, fence):
            lines.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
        elif fence or begins:
            if lines:
                yield Piece("\n".join(lines), bool(fence), language)
            lines = []
            opens = begins if begins and not fence else None
            fence, indent = (opens.group(2), len(opens.group(1))) if opens else ("", 0)
            language = opens.group(3).strip() if opens else ""
        else:
            lines.append(line)
    if lines:
        yield Piece("\n".join(lines), bool(fence), language, missing=fence)


def code_blocks(text: str) -> list[str]:
    """The code of a text, block by block."""
    return [piece.text for piece in pieces(text) if piece.code]


def _closes(line: str, fence: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(fence) and not bare.strip(fence[0])
