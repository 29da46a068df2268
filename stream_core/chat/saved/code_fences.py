"""Separating code and formulas from the text around them, as the screen does, for copying and exporting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from stream_core.terminal.markdown.block_state import (
    Container,
    IndentedCode,
    OpenFence,
    OpenMaths,
    State,
    content_of,
    matched,
)
from stream_core.terminal.markdown.blocks import step
from stream_core.terminal.markdown.syntax import fence_line

_BACKTICKS = re.compile(r"^ *(`+)", re.MULTILINE)


class Piece(NamedTuple):
    """A piece of a text: code, a formula over several lines, or the lines outside of them.

    Attributes:
        text: its lines; of code and of a formula in a fence without the fences, and without what the quotes
            and lists around it add.
        kind: what the screen takes it for.
        language: the info string of the fence, or "".
        hang: what each of its lines begins with, within quotes and lists.
        fenced: whether it stood in a fence.
    """

    text: str
    kind: Literal["text", "code", "maths"] = "text"
    language: str = ""
    hang: str = ""
    fenced: bool = False


def pieces(text: str) -> Iterator[Piece]:
    """Split a text as the screen does; only code and formulas may be empty."""
    return _Pieces().of(text)


def code_blocks(text: str) -> list[str]:
    """Return the code blocks of a text."""
    return [piece.text for piece in pieces(text) if piece.kind == "code" and piece.text]


def in_fence(piece: Piece) -> Iterator[str]:
    """The lines of code or of a formula in a fence that is long enough for it."""
    longest = max((len(run) for run in _BACKTICKS.findall(piece.text)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = (f"{fence}{piece.language.replace('`', '')}", *piece.text.split("\n"), fence)
    yield from (f"{piece.hang}{line}".rstrip() if not line else f"{piece.hang}{line}" for line in lines)


class _Pieces:
    """Follows the lines of one text."""

    def __init__(self) -> None:
        self._state = State()
        self._lines: list[str] = []
        self._blank = 0  # lines in code by its indentation, which are part of it if more follows
        self._opened = Piece("")  # what the lines belong to

    def of(self, text: str) -> Iterator[Piece]:
        for line in text.split("\n"):
            before = self._state
            self._state, parts = step(before, line)
            if isinstance(before.block, (OpenFence, OpenMaths)):
                yield from self._within(line, before)
            elif isinstance(before.block, IndentedCode):
                code = next((part.text for part in reversed(parts) if part.kind == "code"), "")
                yield from self._indented(line, code)
            else:
                yield from self._outside(line, before)
        if self._lines or self._opened.kind != "text":
            yield from self._end()
        if self._blank:
            yield Piece("\n" * (self._blank - 1))

    def _end(self) -> Iterator[Piece]:
        if self._lines or self._opened.kind != "text":
            yield self._opened._replace(text="\n".join(self._lines))
        self._lines, self._opened = [], Piece("")

    def _within(self, line: str, before: State) -> Iterator[Piece]:
        """A line after which a fence or a formula may be closed."""
        block, after = before.block, self._state.block
        assert isinstance(block, (OpenFence, OpenMaths))
        content = content_of(before.inside, line)
        fenced = isinstance(block, OpenFence) or block.end[0] in "`~"
        open_still = type(after) is type(block)
        if content is None or (not fenced and not content.strip()):
            yield from self._end()
            yield from self._outside(line, before._replace(block=None))
        elif open_still or (isinstance(block, OpenMaths) and not (fenced and _closes(content, block.end))):
            indent = block.indent if isinstance(block, OpenFence) else 0
            self._lines.append(content[min(indent, len(content) - len(content.lstrip(" "))) :])
            if not open_still:
                yield from self._end()
        else:
            yield from self._end()

    def _indented(self, line: str, code: str) -> Iterator[Piece]:
        if isinstance(self._state.block, IndentedCode):
            if line.strip():
                self._lines += [*[""] * self._blank, code]
                self._blank = 0
            else:
                self._blank += 1
            return
        yield from self._end()
        self._lines, self._blank = [""] * self._blank, 0
        yield from self._outside(line, State())

    def _outside(self, line: str, before: State) -> Iterator[Piece]:
        """A line after which a fence, a formula or code may be open."""
        block, inside = self._state.block, self._state.inside
        if isinstance(block, IndentedCode):
            yield from self._end()
            self._opened = Piece("", "code")
            self._lines = [line.expandtabs(4)[4:]]
            return
        if not isinstance(block, (OpenFence, OpenMaths)):
            self._lines.append(line)
            return
        line = line.expandtabs(4) if "\t" in line else line
        already, at = matched(before.inside, line)
        run = block.levels[0] if isinstance(block, OpenFence) else block.end
        fenced = isinstance(block, OpenFence) or run[0] in "`~"
        begin = line.index(run, at) if fenced else line.index(block.lines[0], at)  # type: ignore[union-attr]
        if any(box.width for box in inside[len(already) :]):  # an item begins in the same line
            self._lines.append(f"{_hang(inside[: len(already)])}{line[at:begin].rstrip()}")
        yield from self._end()
        fence = fence_line(line[begin:]) if fenced else None
        kind: Literal["code", "maths"] = "code" if isinstance(block, OpenFence) else "maths"
        self._opened = Piece("", kind, fence.info if fence is not None else "", _hang(inside), fenced)
        if not fenced:
            self._lines = [line[begin:]]


def _closes(content: str, fence: str) -> bool:
    bare = content.strip()
    return not bare.strip(fence[0]) and len(bare) >= len(fence)


def _hang(inside: tuple[Container, ...]) -> str:
    return "".join([" " * box.width if box.width else "> " for box in inside])
