"""What is loaded behind the prompt: a failure there is silent, so it must not come from here."""

from __future__ import annotations

import sys

import pytest
from support import starting

from stream_core.config.options.themes import THEMES
from stream_core.terminal.warming import warm


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_is_warmed_without_an_error(theme: str) -> None:
    warm(THEMES[theme].syntax)


def test_the_first_reply_loads_nothing_any_more() -> None:
    program = """
import io, sys
from rich.console import Console
from stream_core.terminal.warming import warm
from stream_core.config.options.appearance import Look
look = Look()
warm(look.colours.syntax)
before = set(sys.modules)
from stream_core.core.deltas import Text
from stream_core.terminal.reply.view import LiveReplyView
console = Console(file=io.StringIO(), force_terminal=True, width=80, height=40)
view = LiveReplyView(console, look, practice=False)
view.prepare()
for piece in ("Así:\\n\\n", "```python\\nx = 1\\n", "```\\n", "| a | b |\\n|--|--|\\n| 1 | 2 |\\n"):
    view.feed(Text(piece, 0, 1.0))
    view.frame()
print(sorted(name for name in set(sys.modules) - before if "stream_core" in name or "pygments" in name))
"""
    done = starting.run(
        [sys.executable, "-c", program], real=True, capture_output=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"[]\n", b"")
