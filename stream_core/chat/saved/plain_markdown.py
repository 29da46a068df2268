"""Markdown of a reply -> the same within a larger document: no raw HTML, and no heading of its levels.

Fences are written anew, long enough for what they hold, so that every renderer takes for code what the screen
took for it. Outside of them each `<` that may begin HTML is escaped (CommonMark 6.6), but for those in code
spans that begin and end in their line; headings of the document's levels go down below those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from .code_fences import Piece, pieces

_DEEPEST_OF_OURS = 2  # levels of heading that the document has
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"<(?:https?://|mailto:)[^\s<>]*>")
_HEADING = re.compile(r"( {0,3})(#{1,6})(?=\s|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_RUN = re.compile(r"`+")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_BACKTICKS = re.compile(r"^ *(`+)", re.MULTILINE)


def plain_markdown(text: str) -> str:
    """Rewrite a sanitised text of Markdown; a fence in which it was cut is closed."""
    written: list[str] = []
    for piece in pieces(text):
        written += _fenced(piece, bool(written)) if piece.code or piece.language else _outside(piece.text)
    return "\n".join(written)


def _fenced(piece: Piece, follows: bool) -> Iterator[str]:
    longest = max((len(run) for run in _BACKTICKS.findall(piece.text)), default=0)
    fence, indent = "`" * max(3, longest + 1), " " * piece.indent
    if follows and piece.indent > 3:
        yield ""  # else it could be the end of a paragraph
    yield f"{indent}{fence}{piece.language.replace('`', '')}"
    yield from (f"{indent}{line}" for line in piece.text.split("\n"))
    yield f"{indent}{fence}"


def _outside(text: str) -> Iterator[str]:
    for blank, lines in groupby(text.split("\n"), key=lambda line: not line.strip()):
        if blank:
            yield from lines
        else:
            yield from _paragraph(list(lines))


def _paragraph(lines: list[str]) -> Iterator[str]:
    """Lines without a blank one between: code spans may go on from one to the next."""
    sure = all("\\`" not in line and not _RUN.search(_CODE_SPAN.sub("", line)) for line in lines)
    for number, line in enumerate(lines):
        if heading := _HEADING.match(line):
            level = min(6, len(heading.group(2)) + _DEEPEST_OF_OURS)
            line = f"{heading.group(1)}{'#' * level}{line[heading.end() :]}"
        elif number and _UNDERLINE.match(line):
            line = re.sub(r"[=-]", lambda sign: f"\\{sign.group()}", line, count=1)
        yield _without_tags(line, keep_code=sure)


def _without_tags(line: str, *, keep_code: bool) -> str:
    kept = [found.span() for found in (_CODE_SPAN.finditer(line) if keep_code else ())]
    kept += [found.span() for found in _LINK.finditer(line)]
    return _TAG.sub(
        lambda tag: (
            "<" if any(begin <= tag.start() < end for begin, end in kept) else _escaped(line, tag.start())
        ),
        line,
    )


def _escaped(line: str, at: int) -> str:
    """`<` escaped: after a backslash, which would be escaped instead of it, as an entity."""
    return "&lt;" if at and line[at - 1] == "\\" else "\\<"
