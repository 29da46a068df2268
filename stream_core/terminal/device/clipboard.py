"""The clipboard of the person's own machine, by way of the terminal (OSC 52): also from afar, over ssh.

A multiplexer stands between the program and the terminal. tmux takes the sequence where `set-clipboard`
is on, and passes it on only wrapped, where `allow-passthrough` is on (tmux(1)); which of the two is on cannot
be seen, so it is sent both ways. GNU screen passes on what is wrapped in short device control strings.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal, TypeAlias

MOST = 74_994
"""Characters of base64 that terminals take; some drop what is longer without a word."""

Multiplexer: TypeAlias = Literal["", "tmux", "screen", "unknown"]
"""The multiplexer between the program and the terminal; `unknown` is tmux or screen on another machine."""

_SCREEN_STRING = 76  # characters of one string: older versions of GNU screen keep 256 bytes


def multiplexer_of(environ: Mapping[str, str]) -> Multiplexer:
    """Detect the multiplexer; ssh passes on only `TERM`, which tmux may set to `screen` too.

    Of one within the other both variables are there, and only `TERM` is of the inner one.
    """
    term = environ.get("TERM", "")
    tmux, screen = bool(environ.get("TMUX")), bool(environ.get("STY"))
    if tmux and not (screen and term.startswith("screen")):
        return "tmux"
    if screen and not tmux:
        return "screen"
    return "tmux" if term.startswith("tmux") else "unknown" if term.startswith("screen") else ""


def copying(text: str, *, multiplexer: Multiplexer = "") -> str | None:
    """Make the sequence that puts a text onto the clipboard; None when the text is too long for it."""
    encoded = b64encode(text.encode()).decode()
    if len(encoded) > MOST:
        return None
    sequence = f"\x1b]52;c;{encoded}\x07"
    own = sequence if multiplexer in ("tmux", "unknown") else ""  # tmux heeds it
    return own + passed_on(sequence, multiplexer)


def passed_on(sequence: str, multiplexer: Multiplexer) -> str:
    """Wrap a sequence so that a multiplexer passes it on to the terminal."""
    if multiplexer == "tmux":
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
    return _in_strings(sequence) if multiplexer in ("screen", "unknown") else sequence


def _in_strings(sequence: str) -> str:
    pieces = [sequence[at : at + _SCREEN_STRING] for at in range(0, len(sequence), _SCREEN_STRING)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
