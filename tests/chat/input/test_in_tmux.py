"""The chat in a real tmux: what is typed and pasted there, keys in its own form, and resizes with a draft."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.chats import KEY, answering
from support.paths import PROGRAM
from support.wire import playing

from stream_core.practice.script import Hang


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_drafts_in_tmux(tmp_path: Path) -> None:
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", os.devnull]

    def run(*command: str, text: str | None = None) -> str:
        done = subprocess.run(
            [*tmux, *command], input=text, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout

    def shown() -> str:
        return run("capture-pane", "-p", "-S", "-")

    def until(holds: Callable[[str], object]) -> None:
        end = time.monotonic() + 30
        while not holds(shown()):
            assert time.monotonic() < end, shown()
            time.sleep(0.05)

    with playing(answering("una", then=[Hang()])) as server:
        env = {name: value for name, value in os.environ.items() if name not in ("TMUX", "LINES", "COLUMNS")}
        env |= {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.base_url, "LC_ALL": "C.UTF-8"}
        program = shlex.join([sys.executable, str(PROGRAM)])
        start = ["new-session", "-d", "-x", "100", "-y", "30", program]
        subprocess.run([*tmux, *start], env=env, check=True, timeout=30)
        try:
            until(lambda text: text.rstrip().endswith("Tú:"))
            run("load-buffer", "-", text="pegado uno\n    pegado dos")
            run("paste-buffer", "-p")
            until(lambda text: "Tú: pegado uno\n        pegado dos" in text)
            run("send-keys", "-H", *"1b 5b 31 33 3b 32 75".split())  # Shift+Enter, as tmux 3.5 passes it on
            run("send-keys", "-l", "tecleado 👨‍👩‍👧x")
            run("send-keys", "-H", "1b", "5b", "49", "1b", "5b", "4f")  # focus in, focus out
            run("send-keys", "BSpace", "BSpace", "C-Left", "End")
            run("send-keys", "-l", "y palabras de sobra para una ventana que se estrecha hasta cuarenta")
            until(lambda text: "cuarenta" in text)
            for cols, rows in ((40, 20), (100, 30), (60, 20)):
                run("resize-window", "-x", str(cols), "-y", str(rows))
                until(lambda text: text.count("pegado dos") == 1 == text.count("cuarenta"))
            run("send-keys", "Enter")
            until(lambda text: "│ una" in text)
            sent = server.requests[0].json()["messages"][-1]["content"]
            told = "tecleado y palabras de sobra para una ventana que se estrecha hasta cuarenta"
            assert sent == f"pegado uno\n    pegado dos\n{told}"
            run("send-keys", "-l", "debajo del borde")
            until(lambda text: "\n› debajo del borde" in text)
            run("resize-window", "-x", "40", "-y", "12")
            until(lambda text: text.rstrip().endswith("\n› debajo del borde"))
            assert shown().count("debajo del borde") == 1
            run("send-keys", "Escape")
            until(lambda text: text.rstrip().endswith("Tú: debajo del borde") and "›" not in text)
            run("send-keys", "C-l", "C-l", "z")
            until(lambda text: text.rstrip().endswith("Tú: debajo del bordez"))
            assert shown().count("debajo del borde") == 1  # none in the scrollback
        finally:
            run("kill-server")
