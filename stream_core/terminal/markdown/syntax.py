"""Recognising Markdown lines, and the places where a text may be cut. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .scanner import plain, scan

QUOTE = re.compile(r" {0,3}(?!>>>(?: |$))> ?")  # `>>> ` is how Python asks
ITEM = re.compile(r"( {0,3})([-*+•]|\d{1,9}[.)])( {1,4}(?=\S)| +|$)")
FENCE = re.compile(r"( *)(`{3,}(?!`)|~{3,}(?!~))([^`]*)$")
HEADING = re.compile(r" {0,3}(#{1,6})(?=\s|$)")
RULE = re.compile(r" {0,3}([-*_])[ \t]*(\1[ \t]*){2,}$")
UNDERLINE = re.compile(r" {0,3}(={3,}|-{3,})\s*$")
TABLE_RULE = re.compile(r" {0,3}\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*(\|\s*)?$")
_LANGUAGE = re.compile(r"[\w+#.-]+(?:\s*$|\s+[\w{\[(\"':=-])")
MATHS_BLOCK = re.compile(r" *(\$\$|\\\[|\\begin\{([A-Za-z]+\*?)\})")
UNSURE = re.compile(r"[\s>#*+•~=`|:_-]*(\d{1,9}[.)]?\s*)?")  # what may still become anything


def heading_text(text: str) -> str:
    """Without the run of # that may close it."""
    bare = text.strip().rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else text.strip()


def spaces_at(line: str, at: int) -> int:
    """Count the spaces in a line from a place on."""
    end = at
    while line.startswith(" ", end):
        end += 1
    return end - at


def neutral(text: str) -> bool:
    """Whether nothing is open at the end of a text: what follows can be laid out by itself."""
    return plain(text) or not scan(text).unclosed


# -- fences ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FenceLine:
    """A line that opens a fence.

    Attributes:
        run: the characters of the fence.
        indent: the spaces before them.
        info: what stands behind them: the language, mostly.
    """

    run: str
    indent: int
    info: str


def fence_line(line: str) -> FenceLine | None:
    """Read a line that opens a fence; None for any other."""
    found = FENCE.match(line)
    return FenceLine(found.group(2), len(found.group(1)), found.group(3).strip()) if found else None


_DEEPEST_FENCE = 16  # fences in each other; one that is deeper opens no level


def within_fence(levels: tuple[str, ...], line: str) -> tuple[str, ...]:
    """The fences that are open after a line within a fence, the outermost first; none when it has closed.

    A line with a language within a fence opens another level: models put Markdown that has fences into fences
    of the same length. A bare fence closes the innermost level that it is long enough for; one as long as an
    outer fence, and longer than those within it, closes that one.
    """
    bare = line.strip()
    if not bare or bare[0] not in "`~" or len(bare) < 3:
        return levels
    if not bare.strip(bare[0]):
        same = [number for number, run in enumerate(levels) if run == bare]
        fitting = same or [
            number for number, run in enumerate(levels) if run[0] == bare[0] and len(run) < len(bare)
        ]
        return levels[: fitting[-1]] if fitting else levels
    inner = fence_line(line)
    opens = inner is not None and len(levels) < _DEEPEST_FENCE and _LANGUAGE.match(inner.info)
    return (*levels, inner.run) if inner is not None and opens else levels
