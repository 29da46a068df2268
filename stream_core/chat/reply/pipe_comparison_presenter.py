"""The presenter of a comparison in the one-shot mode: text on stdout below headings, all else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from stream_core.chat.process.standard_streams import say
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.terminal.pages.comparison_table import comparison_lines
from stream_core.terminal.reply.several_replies import OneAfterAnother
from stream_core.terminal.rows.word_wrap import wrap_for

from .live_comparison_presenter import LiveComparisonPresenter, figures, result_of

if TYPE_CHECKING:
    from stream_core.config.settings import Settings
    from stream_core.core.deltas import ToolAsked, TurnDelta

    from .comparison_presenter import Answer, ComparisonPresenter
    from .presenter import TurnOutcome


class PipeComparisonPresenter:
    """Writes each reply below its heading, one after another; nobody is there to be asked.

    Args:
        interrupts: Ctrl+C cancels all.

    Raises:
        OSError: stdout takes nothing any more.
    """

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._text: OneAfterAnother | None = None

    @contextmanager
    def comparing(
        self, names: Sequence[str], cancel: Callable[[int | None], None], texts: Callable[[], Sequence[str]]
    ) -> Iterator[None]:
        """Begin the replies."""
        titles = [f"## {at} · {name}" for at, name in enumerate(names, 1)]
        self._text = OneAfterAnother(_write, titles, lambda figures: None, wrap_for(sys.stdout))
        with self._interrupts.cancelling(lambda: cancel(None)):
            yield
            self._text.finish(texts())

    def show(self, number: int, delta: TurnDelta) -> None:
        """Write what of a delta is text."""
        assert self._text is not None, "`comparing` is not open"
        self._text.feed(number, delta)

    def ended(self, number: int, outcome: TurnOutcome) -> None:
        """Write the rest of a reply."""
        assert self._text is not None, "`comparing` is not open"
        self._text.ended(number, outcome.reply.text, figures(outcome))

    def results(self, answers: Sequence[Answer]) -> None:
        """Tell the figures."""
        say(*comparison_lines([result_of(each) for each in answers]))

    def may_run(self, number: int, asked: ToolAsked) -> bool:
        """Refuse a tool that asks first."""
        return False

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        """Tell why nothing is sent, or no more."""
        if begun:
            say(f"{objection} No sigo por mi cuenta.")
            return False
        return _refuse(objection)

    def notice(self, sentence: str) -> None:
        """Write a notice to stderr."""
        say(sentence)


def presenter_of(settings: Settings, interrupts: Interrupts) -> ComparisonPresenter:
    """Return the presenter: columns on a terminal that can draw them, else text below headings."""
    if settings.preferences.look.plain or not sys.stdout.isatty():
        return PipeComparisonPresenter(interrupts)
    from stream_core.terminal.device.background import background_of
    from stream_core.terminal.device.clipboard import multiplexer_of
    from stream_core.terminal.screen import Screen

    terminal = settings.invocation.terminal
    screen = Screen(
        look=settings.preferences.look,
        multiplexer=multiplexer_of(terminal),
        background=background_of(terminal),
    )
    return LiveComparisonPresenter(
        screen, interrupts, Suspension(), lambda cancel, count, view: nullcontext(), _refuse, keys=False
    )


def _refuse(objection: str) -> bool:
    say(f"{objection} No se envió nada.")
    return False


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
