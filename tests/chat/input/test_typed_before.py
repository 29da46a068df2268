"""What is typed before the program has taken the terminal: there Enter is a newline, and still sends."""

from __future__ import annotations

import os
import sys

import pytest
from support.chats import KEY, answering, leave, wait_for_prompt
from support.paths import PROGRAM
from support.terminal import Terminal
from support.wire import playing


@pytest.mark.parametrize("mode", [(), ("--plain",)])
def test_a_line_typed_before_the_prompt_is_sent(mode: tuple[str, ...]) -> None:
    with playing(answering("vale")) as server:
        env = {**os.environ, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url}
        with Terminal([sys.executable, str(PROGRAM), *mode], env=env) as terminal:
            terminal.send("hola, ñandú\r")  # in the terminal's usual mode, which makes a newline of it
            wait_for_prompt(terminal, 2)
            assert server.requests[0].json()["messages"][-1]["content"] == "hola, ñandú"
            leave(terminal)
