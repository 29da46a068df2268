"""The state between two lines of Markdown: exactly one open block, within quotes and items. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from re import Match
from typing import NamedTuple, TypeAlias

from .syntax import QUOTE, spaces_at

_BULLETS = "•◦▪"


class Container(NamedTuple):
    """A quote, or an item of a list, that is open.

    `needs` are the spaces that a line begins with when it is in the item, of which `width` belong to it.
    """

    lead: str = "▌ "
    hang: str = "▌ "
    needs: int = 0
    width: int = 0


# -- what may be open: exactly one of these ------------------------------------------------------


class OpenText(NamedTuple):
    """A text that has not ended.

    Attributes:
        text: its whole lines.
        lead: what stands before its first row.
        fresh: whether it may still become a heading or a table.
        read: characters that were read, again and again, to see whether something is open at its end.
    """

    text: str
    lead: str
    fresh: bool = True
    read: int = 0


@dataclass(frozen=True, slots=True)
class CutText:
    """The rest of a line, of which the beginning is final."""


class OpenFence(NamedTuple):
    """A fence with its levels, and the indentation of its lines."""

    levels: tuple[str, ...]
    indent: int


@dataclass(frozen=True, slots=True)
class IndentedCode:
    """Code by its indentation."""


class OpenTable(NamedTuple):
    """A table: the lines that decide its columns; none once these are fixed."""

    lines: tuple[str, ...]
    lead: str
    fixed: bool = False


class OpenMaths(NamedTuple):
    """A formula over several lines: what ends it, and its lines so far."""

    end: str
    lines: tuple[str, ...]
    lead: str


Block: TypeAlias = "OpenText | CutText | OpenFence | IndentedCode | OpenTable | OpenMaths | None"


class State(NamedTuple):
    """The state after a complete line.

    Attributes:
        inside: the quotes and items that are open, the outermost first.
        block: what is open within them.
        gap: whether a blank row belongs before the next part.
        any: whether there was a part.
    """

    inside: tuple[Container, ...] = ()
    block: Block = None
    gap: bool = False
    any: bool = False


@lru_cache(maxsize=64)
def hang_of(inside: tuple[Container, ...]) -> str:
    """What stands before the rows in these containers, but for the first one."""
    return "".join([box.hang for box in inside])


def matched(inside: tuple[Container, ...], line: str) -> tuple[tuple[Container, ...], int]:
    """The open containers that a line is in, and where its content begins."""
    at = 0
    for number, box in enumerate(inside):
        if not box.width:
            quote = QUOTE.match(line, at)
            if quote is None:
                return inside[:number], at
            at = quote.end()
        else:
            spaces = spaces_at(line, at)
            if spaces < box.needs:
                return inside[:number], at
            at += min(spaces, box.width)
    return inside, at


def content_of(inside: tuple[Container, ...], line: str) -> str | None:
    """The content of a line within containers; None if a quote, and so the block in it, has ended."""
    at = 0
    for box in inside:
        if not box.width:
            quote = QUOTE.match(line, at)
            if quote is None:
                return None
            at = quote.end()
        else:
            at += min(spaces_at(line, at), box.width)
    return line[at:]


def opened_by_item(found: Match[str], inside: tuple[Container, ...]) -> Container:
    """The container that an item of a list opens."""
    mark, indent = found.group(2), len(found.group(1))
    depth = sum(box.width > 0 and not box.lead[0].isdigit() for box in inside)
    lead = f"{mark if mark[0].isdigit() else _BULLETS[depth % len(_BULLETS)]} "
    width = max(found.end() - found.start(), indent + len(mark) + 1)
    return Container(lead, " " * len(lead), min(indent + 2, width), width)
