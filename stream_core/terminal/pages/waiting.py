"""One line that turns while the program gets ready.

Rich's own status would load what draws live tables, in the very moment in which the first request waits for
the SDK to be loaded.
"""

from __future__ import annotations

import threading
from itertools import cycle

from rich.cells import set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import SPINNERS
from stream_core.terminal.device.output import Output
from stream_core.terminal.rows.styles import Pen

_EVERY_SECONDS = 0.12  # a turn costs little beside what is loaded meanwhile
_PATIENCE_SECONDS = 0.5  # for a turn that is being written: a terminal that reads nothing is not waited for
_HIDE, _SHOW, _ERASE = "\x1b[?25l", "\x1b[?25h", "\r\x1b[K"


class WaitingLine:
    """A spinner and some words on the row of the cursor; without effect where there is no terminal.

    Args:
        console: where it is drawn.
        words: what is shown.
        look: whose spinner turns, in the colour of the frame.
    """

    def __init__(self, console: Console, words: str, look: Look) -> None:
        self._console, self._words, self._turns = console, words, SPINNERS[look.spinner]
        self._style, self._pen = Style.parse(look.colours.border), Pen(console)
        self._output = Output(console.file)
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def start(self) -> None:
        """Show it until `stop`."""
        if self._thread is None and self._console.is_terminal:
            self._over = threading.Event()
            self._thread = threading.Thread(
                target=self._turn, args=(self._over,), name="stream-core-waiting", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Take it away."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._over.set()
            thread.join(_PATIENCE_SECONDS)
            self._output.write(f"{_ERASE}{_SHOW}")

    def _turn(self, over: threading.Event) -> None:
        for turn in cycle(self._turns):
            words = Segment(f" {self._words}")
            row = self._pen([Segment(turn, self._style), words])
            if len(turn) + len(words.text) >= self._console.width:  # a second row would stay behind
                row = set_cell_size(f"{turn}{words.text}", max(1, self._console.width - 1)).rstrip()
            self._output.write(f"{_HIDE}{_ERASE}{row}")
            if over.wait(_EVERY_SECONDS):
                return
