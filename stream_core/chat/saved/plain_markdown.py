"""Markdown of a reply -> the same within a larger document: no raw HTML, headings below those.

Fences are written anew, long enough for what they hold, so that every renderer takes for code what the screen
took for it. Outside of them each `<` that may begin HTML is escaped (CommonMark 6.6), but for those in code
spans that begin and end in their line; headings of the document's levels go down below those, also in lists
and quotations. A link reference definition would hold for the whole document: its colon is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from stream_core.terminal.markdown.maths import DELIMITERS

from .code_fences import Piece, in_fence, pieces

_DEEPEST_OF_OURS = 2  # levels of heading that the document has
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"<(?:https?://|mailto:)[^\s<>]*>")
# The marks of quotations and of items of lists that a line begins with, one within the other.
_CONTAINERS = re.compile(r"(?:[ \t]*(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]|$)))*")
_HEADING = re.compile(r"([ \t]*)(#{1,6})(?=\s|$)")
_UNDERLINE = re.compile(r"[ \t]*(=+|-+)\s*$")
_TILDES = re.compile(r"[ \t]*~~~")
_DEFINITION = re.compile(r"[ \t]*\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
_LONGEST_LABEL = 1_000  # characters, and so lines
_CODE_INDENT = 4  # columns; what begins there is code and no heading
_RUN = re.compile(r"`+")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")


def plain_markdown(text: str) -> str:
    """Rewrite a sanitised text of Markdown; a fence in which it was cut is closed."""
    written: list[str] = []
    lists = False  # for others a list may go on where it does not for us, and code in it is none
    for piece in pieces(text):
        if piece.fenced:
            written += _fenced(piece, bool(written))
            continue
        if piece.kind == "text":
            written += _outside(piece.text)
        else:
            written += _unfenced(piece, bool(written), in_list=piece.kind == "code" and lists)
        lists = lists or any(map(_marks, piece.text.split("\n")))
    return "\n".join(written)


def _fenced(piece: Piece, follows: bool) -> Iterator[str]:
    if follows and piece.hang.startswith("    "):
        yield ""  # else it could be the end of a paragraph
    yield from in_fence(piece)


def _unfenced(piece: Piece, follows: bool, *, in_list: bool) -> Iterator[str]:
    """Code by its indentation, or a formula: as it came, or in a fence where something would be escaped."""
    begin = piece.hang + " " * (_CODE_INDENT if piece.kind == "code" else 0)
    source = [f"{begin}{line}".rstrip() for line in piece.text.split("\n")]
    within = source if piece.kind == "code" else [line.rstrip() for line in piece.text.split("\n")]
    if not (in_list or "`" in piece.text) and [*_outside("\n".join(within))] == within:
        yield from source
    elif piece.kind == "code":
        yield from _fenced(piece, follows)
    else:
        formula = DELIMITERS.sub("", piece.text)
        yield from _fenced(piece._replace(text=formula, language="math"), follows)


def _outside(text: str) -> Iterator[str]:
    begin = 0  # column in which the content of the newest item of a list begins
    for blank, group in groupby(text.split("\n"), key=lambda line: not line.strip()):
        lines = list(group)
        if blank:
            yield from lines
            continue
        parted = []
        for number, line in enumerate(lines):
            mark = _marks(line)
            column = _column(line, len(mark))
            begin = column if mark or not (column or number) else begin  # a paragraph goes on from anywhere
            may_begin = bool(mark) or column < begin + _CODE_INDENT
            parted.append((mark, line[len(mark) :]) if may_begin else (line, ""))
        yield from _paragraph(parted)


def _marks(line: str) -> str:
    marks = _CONTAINERS.match(line)
    return marks.group() if marks else ""


def _column(line: str, at: int) -> int:
    """The column of the first character at or after a place that is not blank."""
    rest = line[at:].lstrip(" \t")
    return len(line[: len(line) - len(rest)].expandtabs(_CODE_INDENT))


def _paragraph(lines: list[tuple[str, str]]) -> Iterator[str]:
    """Lines without a blank one between, each with what may not begin anything cut off before it.

    Code spans may go on from one to the next.
    """
    whole = [mark + rest for mark, rest in lines]
    if any("]:" in line for line in whole):
        lines = _undefined(lines)
    sure = all("\\`" not in line and not _RUN.search(_CODE_SPAN.sub("", line)) for line in whole)
    words = ""  # of the line before, without its marks
    for mark, rest in lines:
        if heading := _HEADING.match(rest):
            level = min(6, len(heading.group(2)) + _DEEPEST_OF_OURS)
            rest = f"{heading.group(1)}{'#' * level}{rest[heading.end() :]}"
        elif words and rest.strip() and _UNDERLINE.match(rest):
            rest = re.sub(r"[=-]", lambda sign: f"\\{sign.group()}", rest, count=1)
        elif words and not rest.strip() and mark.endswith("-") and _CONTAINERS.fullmatch(mark):
            mark = f"{mark[:-1]}\\-"  # an underline, too, where an item cannot be empty
        elif _TILDES.match(rest):  # with a backtick behind them a fence elsewhere, and none on the screen
            rest = rest.replace("~", "\\~", 1)
        # In a paragraph an empty item is text, and so is what begins far to the right.
        goes_on = bool(mark) and (">" not in mark or _column(mark, 0) >= _CODE_INDENT)
        words = _CONTAINERS.sub("", mark + rest, count=1).strip() or (words if goes_on else "")
        yield _without_tags(mark + rest, keep_code=sure)


def _undefined(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Escape the colon of each link reference definition; its label may go on over several lines."""
    lines = list(lines)
    for number, (_, rest) in enumerate(lines):
        if not rest.lstrip(" \t").startswith("["):
            continue
        following = ["".join(line) for line in lines[number + 1 : number + _LONGEST_LABEL]]
        found = _DEFINITION.match("\n".join([rest, *following]))
        if found is None:
            continue
        *before, last = found.group().split("\n")
        mark, line = lines[number + len(before)] if before else ("", rest)
        line, at = mark + line, len(last) - 1
        kept = lines[number][0] if not before else ""
        lines[number + len(before)] = (kept, f"{line[:at]}\\{line[at:]}")
    return lines


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
