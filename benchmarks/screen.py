"""The drawing of a reply: what a delta costs on the screen, beside the obvious ways of doing it.

Paced as at 200 deltas a second with twelve frames a second, on a virtual clock: every frame a person would
see is drawn, none is waited for. CPU time; the terminal is a sink that counts.
"""

from __future__ import annotations

import io
import math
import random
import time
from importlib import import_module
from statistics import median

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.text import Text as Styled

from stream_core.deltas import Text
from stream_core.practice.scenarios import load
from stream_core.terminal.rows import markdown
from stream_core.terminal.view import BarView

from .table import Row

_DELTAS_A_FRAME = 17
_SMALL, _LARGE = 20_000, 200_000
_ROUNDS = 3


class _Sink(io.StringIO):
    """A terminal that only counts what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    def write(self, text: str) -> int:
        self.sent += len(text)
        return len(text)


def run() -> list[Row]:
    """Measure, and give the rows of the table."""
    small, large = _text(_SMALL), _text(_LARGE)
    _ours(small)  # loads the lexers
    ours, seed, once, longer, frames, sent = [], [], [], [], [], 0
    for _ in range(_ROUNDS):
        seconds, sent, worst = _ours(small)
        ours.append(seconds)
        frames.append(worst)
        seed.append(_live_panel(small))
        once.append(_one_render(small))
        longer.append(_ours(large)[0])
    deltas = len(_deltas(small))
    per_delta = median(ours) / deltas * 1e6
    exponent = math.log(median(longer) / median(ours)) / math.log(_LARGE / _SMALL)
    against_seed, against_render = median(seed) / median(ours), median(ours) / median(once)
    worst_ms, bytes_ratio = median(frames) * 1000, sent / len(small)
    return [
        Row("CPU a delta at 200/s, 20 kB", f"{per_delta:.0f} us", "<= 100 us", per_delta <= 100),
        Row("growth exponent, 20 -> 200 kB", f"{exponent:.2f}", "<= 1.05", exponent <= 1.05),
        Row(
            "Live + Panel, drawn at each delta / ours, 20 kB",
            f"{against_seed:.1f}x",
            ">= 10x",
            against_seed >= 10,
        ),
        Row(
            "ours / one Rich Markdown render, 20 kB", f"{against_render:.2f}x", "<= 1.0x", against_render <= 1
        ),
        Row("terminal bytes a byte of text", f"{bytes_ratio:.2f}", "<= 2.0", bytes_ratio <= 2),
        Row("worst frame, warm, 20 kB", f"{worst_ms:.1f} ms", "<= 16 ms", worst_ms <= 16),
    ]


def _text(length: int) -> str:
    names = [scenario.name for scenario in load()]
    modules = [import_module(f"stream_core.practice.scenarios.{name}") for name in names]
    texts = "\n\n".join(module.TEXT for module in modules if hasattr(module, "TEXT")) + "\n\n"
    return (texts * (length // len(texts) + 1))[:length]


def _deltas(text: str) -> list[str]:
    chance, pieces, at = random.Random(1), [], 0
    while at < len(text):
        end = at + chance.randint(4, 12)
        pieces.append(text[at:end])
        at = end
    return pieces


def _console(sink: _Sink) -> Console:
    return Console(file=sink, width=100, height=30, force_terminal=True, color_system="truecolor")


def _ours(text: str) -> tuple[float, int, float]:
    """CPU seconds, characters sent, and the seconds of the worst frame."""
    sink, worst = _Sink(), 0.0
    view = BarView(_console(sink), practice=False)
    view.prepare()
    begun = time.process_time()
    for number, piece in enumerate(_deltas(text), 1):
        view.feed(Text(piece, 0, 0.0))
        if number % _DELTAS_A_FRAME == 0:
            frame = time.process_time()
            view.frame()
            worst = max(worst, time.process_time() - frame)
    view.frame()
    return time.process_time() - begun, sink.sent, worst


def _live_panel(text: str) -> float:
    """The way of the first guide: a new panel with the whole text, for each delta."""
    begun, so_far = time.process_time(), ""
    with Live(console=_console(_Sink()), auto_refresh=False) as live:
        for piece in _deltas(text):
            so_far += piece
            live.update(Panel(Styled(so_far)), refresh=True)
    return time.process_time() - begun


def _one_render(text: str) -> float:
    begun = time.process_time()
    _console(_Sink()).print(markdown(text))
    return time.process_time() - begun
