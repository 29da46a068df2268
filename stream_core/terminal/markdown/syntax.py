"""What lines of Markdown look like, and where a text may be cut. Pure."""

from __future__ import annotations

import re

QUOTE = re.compile(r" {0,3}> ?")
ITEM = re.compile(r"( {0,3})([-*+•]|\d{1,9}[.)])( {1,4}(?=\S)| +|$)")
FENCE = re.compile(r"( *)(`{3,}(?!`)|~{3,}(?!~))([^`]*)$")
HEADING = re.compile(r" {0,3}(#{1,6})(?=\s|$)")
RULE = re.compile(r" {0,3}([-*_])[ \t]*(\1[ \t]*){2,}$")
UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
TABLE_RULE = re.compile(r" {0,3}\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*(\|\s*)?$")
_CODE_SPAN = re.compile(r"(`+)[^`]*\1")
_INSIDE_A_WORD = re.compile(r"(?<=\w)_(?=\w)")
UNSURE = re.compile(r"[\s>#*+•~=`|:_-]*(\d{1,9}[.)]?\s*)?")  # what may still become anything


def heading_text(text: str) -> str:
    """Without the run of # that may close it."""
    bare = text.strip().rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else text.strip()


def spaces_at(line: str, at: int) -> int:
    """How many spaces stand in a line from a place on."""
    end = at
    while line.startswith(" ", end):
        end += 1
    return end - at


def neutral(text: str) -> bool:
    """Whether no style is open at the end of a text: what follows can be laid out by itself."""
    if "`" in text:
        text = _CODE_SPAN.sub("", text)
        if "`" in text:
            return False
    if "_" in text and _INSIDE_A_WORD.sub("", text).count("_") % 2:
        return False
    strong = text.count("**")
    if strong % 2 or (text.count("*") - 2 * strong) % 2 or text.count("~~") % 2:
        return False
    if text.count("[") > text.count("]"):
        return False
    link = text.rfind("](")
    return link < 0 or ")" in text[link:]
