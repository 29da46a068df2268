"""Whether the terminal wraps its rows anew in a narrower window, or cuts them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CUTS = re.compile(r"(?:st|linux|vt\d+)(?:-.*)?")  # values of TERM


def rewraps(environ: Mapping[str, str]) -> bool:
    """Guess it from the environment: most terminals do; xterm, st, GNU screen and consoles do not.

    Nothing can be asked: an answer would come after the first drawing. Where the guess is wrong, a resize
    with a draft leaves a copy of some of its rows, or takes as many rows above it.
    """
    if environ.get("TMUX"):
        return True
    if environ.get("STY") or environ.get("XTERM_VERSION"):
        return False
    return _CUTS.fullmatch(environ.get("TERM", "")) is None
