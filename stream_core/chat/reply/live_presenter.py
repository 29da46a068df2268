"""The presenter of the chat: a reply is drawn as it arrives, and the person is asked what comes up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeAlias

from stream_core.chat.process.standard_streams import say
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.core.deltas import ToolAsked, TurnDelta, Usage
from stream_core.core.frame_stats import FrameStats
from stream_core.core.stats import ReplyStats, SessionStats
from stream_core.terminal.device.attention import LONG_SECONDS
from stream_core.terminal.rows.figures import FAULTS

from .permission_questions import Decisions
from .presenter import TurnOutcome
from .wire_taps import WireTaps

if TYPE_CHECKING:
    from stream_core.terminal.reply.protocol import ReplyView
    from stream_core.terminal.screen import Screen

WatchKeys: TypeAlias = "Callable[[Callable[[], None], ReplyView], AbstractContextManager[object]]"
"""Watches the keyboard while a reply streams; given what cancels the reply, and its view."""


class LivePresenter:
    """Shows replies on the screen of the chat.

    Args:
        screen: where they are drawn.
        decisions: asks the person.
        interrupts: Ctrl+C cancels the reply.
        suspension: has the view leave the terminal while the program is stopped.
        watch_keys: watches the keyboard between the questions.
        stats: gets the figures of each reply.
        frames: gets how its deltas came onto the screen.
        wire: has the trace of the reply.
        price: what tokens cost, in Spanish, while they arrive.
        practice: whether prepared replies are shown.
        recorded: whether they are those of recordings.

    Attributes:
        last_figures: the figures of the last reply and of its drawing, or None.
    """

    def __init__(
        self,
        screen: Screen,
        decisions: Decisions,
        interrupts: Interrupts,
        suspension: Suspension,
        watch_keys: WatchKeys,
        stats: SessionStats,
        frames: FrameStats,
        wire: WireTaps,
        price: Callable[[Usage], str],
        *,
        practice: bool,
        recorded: bool = False,
    ) -> None:
        self._stats, self._frames, self._wire = stats, frames, wire
        self._price = price
        self.last_figures: tuple[ReplyStats, FrameStats] | None = None
        self._screen, self._decisions = screen, decisions
        self._interrupts, self._suspension = interrupts, suspension
        self._watch_keys, self._practice, self._recorded = watch_keys, practice, recorded
        self._view: ReplyView | None = None
        self._cancel: Callable[[], None] = lambda: None
        self._failed = False  # the reply before, and nothing has been said of that yet
        self._keys = ExitStack()  # entered while the keyboard is watched

    @contextmanager
    def showing(
        self, cancel: Callable[[], None], lead: str, outcome: Callable[[], TurnOutcome]
    ) -> Iterator[None]:
        """Draw one reply, and watch the keyboard meanwhile."""
        view = self._screen.reply_view(
            practice=self._practice,
            recorded=self._recorded,
            lead=lead,
            trace=self._wire.trace,
            redact=self._wire.redact,
            price=self._price,
            asks=self._decisions.asks,
            say=say,
        )

        def cancel_drawing() -> None:
            view.stop_soon()
            cancel()

        attention, began = self._screen.attention, time.monotonic()
        with self._interrupts.cancelling(cancel_drawing), self._keys, self._suspension.holding(), view:
            self._view, self._cancel = view, cancel_drawing
            attention.begin()
            try:
                self._watch()
                with (
                    self._suspension.taking_part(attention.pause, attention.resume),
                    self._suspension.taking_part(view.suspend, view.resume),
                ):
                    yield
                    self._suspension.need_terminal()
            finally:
                self._view = None
                try:
                    self._finish(view, outcome())
                    if time.monotonic() - began >= LONG_SECONDS:
                        attention.call("Claude ha terminado de responder.")
                finally:
                    attention.end()

    def show(self, delta: TurnDelta) -> None:
        """Show the next delta."""
        self._shown.feed(delta)

    def may_run(self, asked: ToolAsked) -> bool:
        """Ask the person whether a tool may run."""
        with self._not_watching():
            return self._decisions.may_run(asked, self._shown, self._cancel)

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        """Ask the person whether a request is sent in spite of the budget."""
        if self._view is not None:
            with self._not_watching():
                question = f"{objection} ¿Sigo con la respuesta?"
                return self._decisions.may_go_on(question, self._view, self._cancel)
        self._screen.warning(objection)
        question = "¿Sigo con la respuesta?" if begun else "¿Sigo con esta pregunta?"
        if self._decisions.confirm(question, unasked=True):
            return True
        arrow = "" if self._screen.look.plain else " (flecha arriba)"
        self._screen.note(
            "No se envió nada. «/presupuesto» cambia el límite; "
            f"lo que escribiste está en el historial{arrow}."
        )
        return False

    def notice(self, sentence: str) -> None:
        """Show a notice; the first one after a failure explains that."""
        tell = self._screen.fault if self._failed else self._screen.notice
        self._failed = False
        tell(sentence)

    def _finish(self, view: ReplyView, outcome: TurnOutcome) -> None:
        with self._suspension.taking_part(view.suspend, view.resume):
            view.finish(outcome.reply, outcome.stats, outcome.price)
        self._failed = outcome.reply.outcome in FAULTS
        new = len(outcome.turn.text) - len(outcome.before)
        self._stats.add(outcome.stats, asked=outcome.continued is None, characters=new)
        self._frames.add(view.frames)
        self.last_figures = outcome.stats, view.frames

    @property
    def _shown(self) -> ReplyView:
        assert self._view is not None, "`showing` is not open"
        return self._view

    def _watch(self) -> None:
        self._keys.enter_context(self._watch_keys(self._cancel, self._shown))

    @contextmanager
    def _not_watching(self) -> Iterator[None]:
        """Leave the keyboard to a question."""
        self._keys.close()
        yield
        self._watch()
