"""Addresses and what links lead to, as they stand in a text. Pure."""

from __future__ import annotations

import re

DESTINATION = re.compile(
    r"\(\s*(?!\s)(?:<([^<>\n]*)>|((?:[^\s()<>\\]|\\.|\((?:[^\s()\\]|\\.|\([^\s()]*\))*\)){0,1000}))"
    r"(?:\s+(?:\"([^\"\n]*)\"|'([^'\n]*)'))?\s*\)"
)  # `(?!\s)` keeps white space from being tried in two places
UNESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LOOKS_LIKE_A_TARGET = re.compile(r"[/.:#@]")
_NO_TARGET = re.compile(r"(?:javascript|vbscript|file|data):", re.IGNORECASE)
AUTOLINK = re.compile(r"<((?i:https?://|mailto:)[^\s<>]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>")
_OUTSIDE = r"\s<>\[\]\"`|\u3001-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
URL = re.compile(
    rf"(?:(?i:https?://(?:\[[0-9a-f:.]+\])?|mailto:)(?!\?)|www\.(?=[\w-]+\.[\w-]))[^?{_OUTSIDE}]+"
    rf"(?:\?(?:[^{_OUTSIDE}]|(?:\[[\w.%-]{{0,40}}\])+=)*)?"
)
_AFTER_A_URL = ".,;:!?…’'*_~\\"
_CLOSERS = {")": "(", "]": "[", "}": "{", "»": "«", "”": "“"}


def target_of(found: re.Match[str]) -> str:
    """Return the target of a match of `DESTINATION`; "" where it does not look like a target: `a[i](x)`."""
    enclosed = found.group(1)
    target = enclosed if enclosed is not None else UNESCAPE.sub(r"\1", found.group(2))
    if _NO_TARGET.match(target) or (enclosed is None and not _LOOKS_LIKE_A_TARGET.search(target)):
        return ""
    return target


def trimmed_url(url: str) -> str:
    """An address without the punctuation of the sentence around it."""
    end = len(url)
    excess: dict[str, int] = {}  # closing brackets without an opening one, of what is left
    while end:
        last = url[end - 1]
        if last in _CLOSERS:
            if last not in excess:
                excess[last] = url.count(last, 0, end) - url.count(_CLOSERS[last], 0, end)
            if excess[last] <= 0:
                break
            excess[last] -= 1
        elif last not in _AFTER_A_URL:
            break
        end -= 1
    return url[:end]
