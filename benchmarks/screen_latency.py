"""Latency from delta to screen in real time: each delta ends with a word of its own to look for.

What came out of the terminal is played on an emulator afterwards, piece by piece. So a word counts from when
a person could read it, whatever was drawn around it; and at the end its place in the scrollback is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pyte

from . import screen_ours, screen_streamdown
from .drain import COLUMNS, LINES, Terminal
from .screen_ours import DELTAS_A_SECOND
from .screen_text import words
from .table import Row, at, cpu

_NUMBER = 1200  # deltas: six seconds
_LEAD = "Unas palabras para entrar en calor.\n\n"
_WARM = 0.7  # seconds, for a program to load what it needs
_SETTLED = 0.3
_SCROLLBACK = 10_000
_LOOK_AHEAD = 200  # words that are looked for at a time

Feed = Callable[[str], None]
Live = Callable[[Terminal, str], AbstractContextManager[Feed]]
"""A way to show a text that arrives: on this terminal, this text."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Latencies of the words, and those that never appeared.

    Attributes:
        waits: milliseconds from the delta to the screen, of each word that was seen there.
        missing: words that are neither in the scrollback nor on the screen afterwards.
        doubled: words that are there more than once.
        cpu: microseconds of CPU a delta in this process, with those of the clock that feeds it.
    """

    waits: list[float]
    missing: int
    doubled: int
    cpu: float


def rows() -> list[Row]:
    """The rows of the table: ours with its targets, the others beside it."""
    clock = _clock()
    ours = _measure(screen_ours.live, marked=False)
    mixed = _measure(screen_ours.live, marked=True)
    plain = _measure(_print, marked=False)
    found = [
        _row("ours, plain words", ours, aimed=True),
        _row("ours, all kinds of Markdown", mixed, aimed=True),
        _row("plain print", plain),
    ]
    if screen_streamdown.command():
        found += [
            _row("streamdown, plain words", _measure(_streamdown, marked=False)),
            _row("streamdown, all kinds of Markdown", _measure(_streamdown, marked=True)),
        ]
    lost = (ours.missing + mixed.missing, ours.doubled + mixed.doubled)
    return [
        *found,
        Row(
            "text missing / duplicated in scrollback + screen (with resizes: in the tests)",
            f"{lost[0]} / {lost[1]} of {2 * _NUMBER} words",
            "0 / 0",
            lost == (0, 0),
        ),
        Row(
            "CPU a delta in real time, ours (plain words; Markdown) and plain print",
            f"{ours.cpu - clock:.0f}; {mixed.cpu - clock:.0f} and {plain.cpu - clock:.0f} us "
            f"(and {clock:.0f} of the clock)",
            "-",
            None,
        ),
    ]


def _row(what: str, found: Latency, *, aimed: bool = False) -> Row:
    middle, most = at(found.waits, 0.5), at(found.waits, 0.99)
    return Row(
        f"latency, delta -> bytes: {what}",
        f"p50 {middle:.1f}, p99 {most:.1f} ms",
        "p50 <= 15, p99 <= 40 ms" if aimed else "-",
        (middle <= 15 and most <= 40) if aimed else None,
    )


def _measure(live: Live, *, marked: bool) -> Latency:
    deltas, ends = words(_NUMBER, marked=marked)
    with Terminal(record=True) as terminal, live(terminal, _LEAD + "".join(deltas)) as feed:
        time.sleep(_WARM)
        feed(_LEAD)
        time.sleep(_SETTLED)
        before = time.process_time()
        fed = _feed(feed, deltas)
        taken = time.process_time() - before
        time.sleep(_SETTLED)
    seen, everything = _played(terminal.seen.chunks, ends)
    waits = [(seen[word] - when) * 1000 for word, when in zip(ends, fed, strict=True) if word in seen]
    times = [everything.count(word) for word in ends]
    return Latency(waits, times.count(0), sum(number > 1 for number in times), taken / _NUMBER * 1e6)


def _clock() -> float:
    """Microseconds of CPU that feeding a delta at its time takes, when nothing is done with it."""
    deltas = ["-"] * (_NUMBER // 2)
    return cpu(lambda: _feed(lambda _: None, deltas)) / len(deltas) * 1e6


def _feed(feed: Feed, deltas: list[str]) -> list[float]:
    """Feed the deltas at their times; give when each was."""
    start, fed = time.monotonic(), []
    for number, delta in enumerate(deltas):
        left = start + number / DELTAS_A_SECOND - time.monotonic()
        if left > 0:
            time.sleep(left)
        fed.append(time.monotonic())
        feed(delta)
    return fed


def _played(chunks: list[tuple[float, bytes]], ends: list[str]) -> tuple[dict[str, float], str]:
    """When each word was first on the screen, and all that there is at the end, scrollback included."""
    screen = pyte.HistoryScreen(COLUMNS, LINES, history=_SCROLLBACK)
    stream = pyte.ByteStream(screen)
    seen: dict[str, float] = {}
    awaited = list(ends)
    for when, data in chunks:
        stream.feed(data)
        shown = "".join(screen.display)
        for word in [word for word in awaited[:_LOOK_AHEAD] if word in shown]:
            seen[word] = when
            awaited.remove(word)
    above = "".join(line[column].data for line in screen.history.top for column in range(COLUMNS))
    return seen, above + "".join(screen.display)


@contextmanager
def _print(terminal: Terminal, _: str) -> Iterator[Feed]:
    yield lambda piece: print(piece, end="", flush=True, file=terminal.file)


@contextmanager
def _streamdown(terminal: Terminal, _: str) -> Iterator[Feed]:
    with screen_streamdown.live(terminal) as (feed, _taken):
        yield feed
