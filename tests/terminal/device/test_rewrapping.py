"""Which terminals wrap their rows anew when the window gets narrower."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stream_core.terminal.device.rewrapping import rewraps


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(390)"}, False),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "XTERM_VERSION": "XTerm(390)"}, True),
        ({"TERM": "screen.xterm-256color", "STY": "1.pts"}, False),
        ({"TERM": "st-256color"}, False),
        ({"TERM": "st"}, False),
        ({"TERM": "stterm"}, True),
        ({"TERM": "linux"}, False),
        ({}, True),
    ],
)
def test_it_is_guessed_from_the_environment(environ: Mapping[str, str], told: bool) -> None:
    assert rewraps(environ) is told
