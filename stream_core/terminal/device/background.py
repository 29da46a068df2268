"""Whether the terminal is dark or light: asked from it (OSC 11), else told by `COLORFGBG`. Pure.

Sources: xterm's "ctlseqs" (OSC 11, device attributes); rxvt for `COLORFGBG`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

Background: TypeAlias = Literal["oscuro", "claro"]
"""A background, by the name of the theme that suits it."""

QUERY = "\x1b]11;?\x1b\\\x1b[c"
"""Asks for the background, then for the device attributes: what every terminal answers ends the waiting."""

LIMIT_SECONDS = 0.05
"""From the question until the program goes on without the answer; loading it takes longer than that."""

_ANSWER = re.compile(r"11;(?:rgba?:([0-9a-f]+)/([0-9a-f]+)/([0-9a-f]+)|#([0-9a-f]{6,12})\b)", re.IGNORECASE)
_ATTRIBUTES = re.compile(rb"\x1b\[\?[\d;]*c")
_MUTE = ("dumb", "linux", "unknown", "cons25", "vt52")  # would show what they do not understand, or are dark


def may_be_asked(environ: Mapping[str, str]) -> bool:
    """Whether the terminal takes a question without showing it."""
    return environ.get("TERM", "") not in ("", *_MUTE)


def is_answered(data: bytes) -> bool:
    """Whether the last one of the answers to `QUERY` is in what came from the terminal."""
    return bool(_ATTRIBUTES.search(data))


def background_in(report: str) -> Background | None:
    """Return the background in an answer to OSC 11; None if it is no such answer."""
    found = _ANSWER.search(report)
    if found is None:
        return None
    if whole := found[4]:
        size = len(whole) // 3
        parts = [whole[at : at + size] for at in range(0, size * 3, size)]
    else:
        parts = [found[1], found[2], found[3]]
    red, green, blue = (int(part[:4], 16) / (16 ** len(part[:4]) - 1) for part in parts)
    return "claro" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "oscuro"


def background_of(environ: Mapping[str, str]) -> Background:
    """Return the background that `COLORFGBG` tells (`15;0`, `0;default;15`); dark where it tells none."""
    last = environ.get("COLORFGBG", "").split(";")[-1]
    if not re.fullmatch(r"\d{1,2}", last):
        return "oscuro"
    return "claro" if int(last) in (7, *range(9, 16)) else "oscuro"
