"""The clipboard by way of what stands between the program and the terminal."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.paths import ROOT
from support.terminal import Terminal

from stream_core.terminal.device.clipboard import copying, multiplexer_of

TEXT = "copiado ñ 👍 " * 30
ENCODED = base64.b64encode(TEXT.encode()).decode()
PROGRAM = (
    "import os, sys; from stream_core.terminal.device.clipboard import copying, multiplexer_of; "
    "sys.stdout.write(copying(os.environ['TEXT'], multiplexer=multiplexer_of(os.environ))); "
    "print('hecho', flush=True); sys.stdin.read()"
)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x,1,0"}, "tmux"),
        ({"TERM": "screen.xterm", "STY": "1.pts"}, "screen"),
        ({"TERM": "tmux-256color"}, "tmux"),
        ({"TERM": "screen-256color"}, "unknown"),
        ({"TERM": "screen.tmux-256color", "STY": "1.pts", "TMUX": "/tmp/x,1,0"}, "unknown"),
        ({"TERM": "tmux-256color", "STY": "1.pts", "TMUX": "/tmp/x,1,0"}, "tmux"),
        ({}, ""),
    ],
)
def test_what_stands_in_between(environ: Mapping[str, str], told: str) -> None:
    assert multiplexer_of(environ) == told


def test_gnu_screen_is_given_short_strings_that_are_the_sequence_together() -> None:
    sent = copying(TEXT, multiplexer="screen")
    assert sent is not None
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sent, re.DOTALL)
    assert "".join(pieces) == copying(TEXT) == f"\x1b]52;c;{ENCODED}\x07"
    assert max(map(len, pieces)) < 100 and "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sent


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("options", [("set-clipboard", "on"), ("allow-passthrough", "on")])
def test_in_tmux_it_reaches_the_terminal(tmp_path: Path, options: tuple[str, str]) -> None:
    """With either of the two settings alone; the other one is off."""
    config = tmp_path / "conf"
    off = {"set-clipboard": "off", "allow-passthrough": "off"} | dict([options])
    lines = [f"set -g {name} {value}" for name, value in off.items()]
    config.write_text("\n".join([*lines, "set -ga terminal-features xterm*:clipboard", ""]), "utf-8")
    env = {name: value for name, value in os.environ.items() if name not in ("TMUX", "LINES", "COLUMNS")}
    env |= {"TEXT": TEXT, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", str(config)]
    with Terminal([*tmux, "new-session", f'{sys.executable} -c "{PROGRAM}"'], env=env, real=True) as terminal:
        try:
            terminal.wait_for("hecho")
            end = time.monotonic() + 10
            while ENCODED.encode() not in terminal.raw:
                assert time.monotonic() < end
                time.sleep(0.05)
        finally:
            subprocess.run([*tmux, "kill-server"], check=False, timeout=30)


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen is not installed")
def test_in_gnu_screen_it_reaches_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    env = {name: value for name, value in os.environ.items() if name not in ("STY", "LINES", "COLUMNS")}
    env |= {"TEXT": TEXT, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    env |= {"SCREENDIR": str(tmp_path / "run"), "HOME": str(tmp_path)}
    command = ["screen", "-c", os.devnull, "-S", "clipboard", sys.executable, "-c", PROGRAM]
    with Terminal(command, env=env, real=True) as terminal:
        try:
            terminal.wait_for("hecho")
            end = time.monotonic() + 10
            while f"\x1b]52;c;{ENCODED}\x07".encode() not in terminal.raw:
                assert time.monotonic() < end
                time.sleep(0.05)
        finally:
            quit_it = ["screen", "-S", "clipboard", "-X", "quit"]
            subprocess.run(quit_it, env=env, check=False, timeout=30, capture_output=True)
