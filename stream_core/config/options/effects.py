"""Effects and spinners: what may move while a reply arrives. Pure functions of time and cells.

An effect is one entry of `EFFECTS`, a spinner one of `SPINNERS`; option, completion and drawing follow. Only
what is still open is animated; the colours are those of the theme.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, tau
from typing import NamedTuple


class Effect(NamedTuple):
    """One effect; each part of it that is None stays as it is without.

    Attributes:
        summary: a description in Spanish.
        glow: brightness (0 to 1) of text of an age in seconds.
        settles: seconds after which `glow` is 0.
        sheen: share (0 to 1) of the theme's second colour in a cell of the closing edge; its arguments are
            the cell, the number of cells, and the seconds since the reply began.
        beat: brightness (0 to 1) of the cursor so many seconds after the newest text.
        pace: characters a second that are typed while so many wait.
        stroke: how many characters a character takes the time of.
    """

    summary: str
    glow: Callable[[float], float] | None = None
    settles: float = 0.0
    sheen: Callable[[int, int, float], float] | None = None
    beat: Callable[[float], float] | None = None
    pace: Callable[[int], float] | None = None
    stroke: Callable[[str], float] | None = None


_SETTLES = 0.4  # seconds
_BEAT = 0.3  # seconds
_WAVE_SECONDS = 2.5  # in which the gradient passes once
_TYPED_A_SECOND = 40.0
_BEHIND_SECONDS = 1.2  # that a typewriter is behind at most: then it types faster


def _fading(seconds: float) -> Callable[[float], float]:
    return lambda age: min(1.0, max(0.0, 1 - age / seconds))


def _wave(cell: int, cells: int, seconds: float) -> float:
    return 0.5 - 0.5 * cos(tau * (cell / max(1, cells) - seconds / _WAVE_SECONDS))


def _typewriter(waiting: int) -> float:
    return max(_TYPED_A_SECOND, waiting / _BEHIND_SECONDS)


def _stroke(char: str) -> float:
    return 6.0 if char in ".!?…\n" else 3.0 if char in ",;:" else 1.0


NO_EFFECT = "ninguno"

EFFECTS: dict[str, Effect] = {
    NO_EFFECT: Effect("sin efectos"),
    "brillo": Effect("lo más nuevo brilla un momento", glow=_fading(_SETTLES), settles=_SETTLES),
    "degradado": Effect("un degradado recorre el borde mientras llega", sheen=_wave),
    "pulso": Effect("el cursor late con cada trozo que llega", beat=_fading(_BEAT)),
    "máquina": Effect(
        "letra a letra, con la cadencia de una máquina de escribir", pace=_typewriter, stroke=_stroke
    ),
}
"""The effects by the names that users type; accents may be left out."""

SPINNERS: dict[str, str] = {
    "puntos": "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
    "línea": "|/-\\",
    "arco": "◜◝◞◟",
    "barras": "▁▂▃▄▅▆▇▆▅▄▃▂",
    "círculo": "◐◓◑◒",
}
"""The spinners by the names that users type: the characters that follow each other, of one cell each."""
