"""Effects: what each costs beside none, while a reply arrives and while nothing does."""

from __future__ import annotations

from statistics import median

from stream_core.config.options.appearance import Look
from stream_core.config.options.effects import EFFECTS, NO_EFFECT

from . import screen_ours
from .screen_text import reply_text
from .screen_ways import MIDDLE
from .table import Row, ratio, rounds

_ROUNDS = 7
_MOST = 1.1
_SILENCE = 30  # seconds


def rows() -> list[Row]:
    """The rows of the table."""
    text = reply_text(MIDDLE)
    looks = {name: Look("oscuro", effect=name) for name in EFFECTS}
    sides = {name: lambda look=look: screen_ours.paced(text, look) for name, look in looks.items()}
    found = rounds(sides, _ROUNDS)
    none = [cost.seconds for cost in found[NO_EFFECT]]
    table = []
    for name in EFFECTS:
        if name != NO_EFFECT:
            more = ratio([cost.seconds for cost in found[name]], none)
            sent = median(cost.sent for cost in found[name]) / MIDDLE
            measured = f"{more:.2f}x ({sent:.2f} bytes a byte)"
            table.append(
                Row(f"CPU with {name} / {NO_EFFECT}, 20 kB", measured, f"<= {_MOST}x", more <= _MOST)
            )
    for name, look in looks.items():
        cost = screen_ours.silent(text[:300], _SILENCE, look)
        each = cost.seconds / _SILENCE * 1000
        what = f"silence with {name}: CPU and bytes a second"
        table.append(Row(what, f"{each:.2f} ms, {cost.sent / _SILENCE:.0f} bytes", "<= 20 ms", each <= 20))
    return table
