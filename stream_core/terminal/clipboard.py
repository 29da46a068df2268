"""The clipboard of the person's own machine, by way of the terminal (OSC 52): also from afar, over ssh."""

from __future__ import annotations

from base64 import b64encode

MOST = 74_994
"""Characters of base64 that terminals take; some drop what is longer without a word."""


def copying(text: str, *, tmux: bool) -> str | None:
    """Make the sequence that puts a text onto the clipboard; None when the text is too long for it.

    Args:
        tmux: whether tmux stands in between: it passes on only what is wrapped for that.
    """
    encoded = b64encode(text.encode()).decode()
    if len(encoded) > MOST:
        return None
    sequence = f"\x1b]52;c;{encoded}\x07"
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\" if tmux else sequence
