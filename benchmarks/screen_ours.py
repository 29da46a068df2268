"""Our view, as the benchmarks of the screen use it. What they know of its interface is in this file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Finished, Text, Usage
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.terminal.reply.view import LiveReplyView

from .drain import COLUMNS, LINES, Terminal
from .screen_text import pieces
from .table import Cost, cpu

DELTAS_A_SECOND = 200
# As often as the view draws in a live run: it redraws its frame 10 times a second (`Look.refresh`), and the
# words that come in between up to four times as often.
_LOOK = Look()
_TICKS_A_SECOND = _LOOK.refresh
_DRAWS_A_SECOND = 4 * _TICKS_A_SECOND


def console(terminal: Terminal) -> Console:
    """A console on the terminal. Text is text: nothing is parsed for markup, emoji codes or highlights."""
    return Console(
        file=terminal.file,
        width=COLUMNS,
        height=LINES,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        emoji=False,
        highlight=False,
    )


class Ours:
    """Our view of one reply."""

    def __init__(
        self, terminal: Terminal, clock: Callable[[], float] = time.monotonic, look: Look = _LOOK
    ) -> None:
        self.view = LiveReplyView(
            console(terminal), look, practice=False, resend_final_rows=False, clock=clock
        )
        self.view.prepare()

    def feed(self, piece: str) -> None:
        """One delta."""
        self.view.feed(Text(piece, 0, time.monotonic()))

    def finish(self, text: str) -> None:
        """The end of the reply; `text` is the whole of it."""
        reply, stats = Reply(), ReplyStats(time.monotonic())
        for delta in (Text(text, 0, time.monotonic()), Finished("end_turn", Usage(), time.monotonic())):
            reply.feed(delta)
            stats.feed(delta)
        self.view.finish(reply, stats)


def due(number: int, times_a_second: int) -> bool:
    """Whether something that is done so often is due when delta `number` (from 1) comes."""
    return number * times_a_second // DELTAS_A_SECOND > (number - 1) * times_a_second // DELTAS_A_SECOND


def paced(text: str, look: Look = _LOOK) -> Cost:
    """As at 200 deltas a second, on a virtual clock: every frame of a live run is drawn, none waited for."""
    worst, now = 0.0, 0.0

    def work() -> None:
        nonlocal worst, now
        for number, piece in enumerate(pieces(text), 1):
            now = number / DELTAS_A_SECOND
            ours.feed(piece)
            if due(number, _DRAWS_A_SECOND):
                begun = time.process_time()
                ours.view.frame(tick=due(number, _TICKS_A_SECOND))
                worst = max(worst, time.process_time() - begun)
        ours.finish(text)

    with Terminal() as terminal:
        ours = Ours(terminal, lambda: now, look)
        seconds = cpu(work)
    return Cost(seconds, terminal.seen.sent, worst)


def silent(text: str, seconds: int, look: Look) -> Cost:
    """What the ticks cost, and send, in so many seconds in which nothing arrives after a text."""
    now = 0.0

    def work() -> None:
        nonlocal now
        for _ in range(seconds * _TICKS_A_SECOND):
            now += 1 / _TICKS_A_SECOND
            ours.view.frame(tick=True)

    with Terminal(record=True) as terminal:
        ours = Ours(terminal, lambda: now, look)
        ours.feed(text)
        ours.view.frame()
        before = now
        took = cpu(work)
        assert now > before
        ours.view.suspend()
    return Cost(took, terminal.seen.sent)


def at_once(text: str) -> Cost:
    """As fast as possible, with the view's own thread."""

    def work() -> None:
        with ours.view:
            for piece in pieces(text):
                ours.feed(piece)
            ours.finish(text)

    with Terminal() as terminal:
        ours = Ours(terminal)
        seconds = cpu(work)
    return Cost(seconds, terminal.seen.sent)


@contextmanager
def live(terminal: Terminal, text: str) -> Iterator[Callable[[str], None]]:
    """In real time, with the view's own thread; gives what takes the deltas."""
    ours = Ours(terminal)
    with ours.view:
        yield ours.feed
        ours.finish(text)
