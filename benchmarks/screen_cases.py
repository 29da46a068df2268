"""Texts that are hard for a screen: a long table, a long fence, escapes from outside; and the memory taken.

`python -m benchmarks.screen_cases` is the process whose memory is measured.
"""

from __future__ import annotations

import gc
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from . import screen_ours
from .drain import ROOT, Terminal
from .screen_text import HOSTILE, fence_text, pieces, reply_text, table_text
from .screen_ways import HUGE, MIDDLE
from .table import Row, rounds

_TABLE, _FENCE = 40_000, 1_000_000
_ROUNDS = 3
# Twice the text is a short way for an exponent: 3 % of noise in one of the two are 0.04.
_MOST = 1.1
_MEGABYTE = 1_000_000
_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def rows() -> list[Row]:
    """The rows of the table."""
    return [
        _growth("one table, 20 -> 40 kB", table_text, _TABLE, _ROUNDS),
        _growth("one fence of Python, 0.5 -> 1 MB", fence_text, _FENCE, 1),
        _memory(),
        _escapes(),
    ]


def _growth(what: str, text: Callable[[int], str], size: int, times: int) -> Row:
    half, whole = text(size // 2), text(size)
    sides = {"half": lambda: screen_ours.paced(half), "whole": lambda: screen_ours.paced(whole)}
    found = rounds(sides, times, warm=times > 1)
    took = {side: median(cost.seconds for cost in costs) for side, costs in found.items()}
    exponent = math.log2(took["whole"] / took["half"])
    per_delta = took["whole"] / sum(1 for _ in pieces(whole)) * 1e6
    worst = median(cost.worst for cost in found["whole"]) * 1000
    measured = (
        f"{exponent:.2f} ({per_delta:.0f} us a delta, {found['whole'][0].sent / size:.2f} bytes a byte, "
    )
    measured += f"worst frame {worst:.0f} ms)"
    return Row(f"growth exponent, {what}", measured, f"<= {_MOST:g}", exponent <= _MOST)


def _memory() -> Row:
    command = [sys.executable, "-m", f"{__package__}.screen_cases"]
    output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    grown = int(output) / _MEGABYTE
    return Row("memory growth at 1 MB, without the reply", f"{grown:.1f} MB", "<= 5 MB", grown <= 5)


def _grown() -> int:
    """Bytes that this process takes more at its most, while a long text is drawn."""
    text = reply_text(HUGE)
    pieces(text)  # cut before the memory is looked at: the deltas are the reply, too
    screen_ours.paced(reply_text(MIDDLE))  # loads what there is to load
    gc.collect()
    _FORGET.write_text("5")  # proc(5): the most so far becomes what it is now
    before = _resident("VmRSS")
    screen_ours.paced(text)
    return _resident("VmHWM") - before


def _resident(what: str) -> int:
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def _escapes() -> Row:
    """Escapes in a text, whole and cut everywhere, in words and in code."""
    text = "".join(f"uno {escape} dos\n\n```\ntres {escape}\n```\n\n" for escape in HOSTILE)
    came = 0
    for deltas in ([text], list(text)):
        with Terminal(record=True) as terminal, screen_ours.live(terminal, text) as feed:
            for delta in deltas:
                feed(delta)
        sent = b"".join(data for _, data in terminal.seen.chunks)
        came += sum(sent.count(escape.encode()) * len(escape.encode()) for escape in HOSTILE)
    return Row("escape bytes of outside text that reach the terminal", str(came), "0", came == 0)


if __name__ == "__main__":
    print(_grown())
