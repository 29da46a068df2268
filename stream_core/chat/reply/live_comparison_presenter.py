"""The presenter of a comparison in the chat: replies side by side, and keys that stop one or all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeAlias

from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.terminal.pages.comparison_table import Result
from stream_core.terminal.rows.figures import OUTCOMES, reply_figures

if TYPE_CHECKING:
    from stream_core.core.deltas import ToolAsked, TurnDelta
    from stream_core.terminal.reply.several_replies import SeveralReplies
    from stream_core.terminal.screen import Screen

    from .comparison_presenter import Answer
    from .permission_questions import Decisions
    from .presenter import TurnOutcome

WatchKeys: TypeAlias = (
    "Callable[[Callable[[int | None], None], int, SeveralReplies], AbstractContextManager[object]]"
)
"""Watches the keyboard; given what cancels a reply by its place, or all, their number, and their view."""


class LiveComparisonPresenter:
    """Shows a comparison on the screen of the chat.

    Args:
        screen: where it is drawn.
        interrupts: Ctrl+C cancels all.
        suspension: has the view leave the terminal while the program is stopped.
        watch_keys: watches the keyboard.
        may_spend: asks whether all is sent in spite of the budget.
        decisions: asks the person while the replies arrive; None where nobody can be asked.
        keys: whether the keyboard is watched at all.
    """

    def __init__(
        self,
        screen: Screen,
        interrupts: Interrupts,
        suspension: Suspension,
        watch_keys: WatchKeys,
        may_spend: Callable[[str], bool],
        *,
        decisions: Decisions | None = None,
        keys: bool = True,
    ) -> None:
        self._screen, self._interrupts, self._suspension = screen, interrupts, suspension
        self._watch_keys, self._may_spend, self._with_keys = watch_keys, may_spend, keys
        self._decisions = decisions
        self._view: SeveralReplies | None = None
        self._titles: Sequence[str] = ()
        self._cancel: Callable[[int | None], None] = lambda number: None
        self._keys = ExitStack()  # entered while the keyboard is watched

    @contextmanager
    def comparing(
        self, names: Sequence[str], cancel: Callable[[int | None], None], texts: Callable[[], Sequence[str]]
    ) -> Iterator[None]:
        """Draw the replies, and watch the keyboard meanwhile."""
        titles = [f"{at} · {name}" for at, name in enumerate(names, 1)]
        view = self._screen.several_replies(titles, keys=self._with_keys)

        self._titles, self._cancel = titles, cancel
        with self._interrupts.cancelling(self._cancel_all), self._suspension.holding(), view:
            self._view = view
            try:
                with self._keys, self._suspension.taking_part(view.suspend, view.resume):
                    self._watch()
                    yield
                    self._suspension.need_terminal()
            finally:
                self._view = None
                with self._suspension.taking_part(view.suspend, view.resume):
                    view.finish(texts())

    def show(self, number: int, delta: TurnDelta) -> None:
        """Show the next delta of a reply."""
        assert self._view is not None, "`comparing` is not open"
        self._view.feed(number, delta)

    def ended(self, number: int, outcome: TurnOutcome) -> None:
        """Show that a reply has ended."""
        if self._view is not None:
            self._view.ended(number, outcome.reply.text, figures(outcome))

    def results(self, answers: Sequence[Answer]) -> None:
        """Show the table."""
        self._screen.comparison([result_of(each) for each in answers])

    def may_run(self, number: int, asked: ToolAsked) -> bool:
        """Ask the person whether a tool may run; the question says whose it is."""
        view, decisions = self._view, self._decisions
        if view is None or decisions is None:
            return False
        with self._not_watching():
            return decisions.may_run(asked, view, self._cancel_all, self._titles[number])

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        """Ask the person whether all is sent, or one of them goes on, in spite of the budget."""
        if self._view is None:
            return self._may_spend(objection)
        if self._decisions is None:
            return False
        with self._not_watching():
            question = f"{objection} ¿Seguir con esa respuesta?"
            return self._decisions.may_go_on(question, self._view, self._cancel_all)

    def notice(self, sentence: str) -> None:
        """Show a notice."""
        self._screen.notice(sentence)

    def _cancel_all(self) -> None:
        if self._view is not None:
            self._view.stop_soon()
        self._cancel(None)

    def _watch(self) -> None:
        if self._view is not None:
            self._keys.enter_context(self._watch_keys(self._cancel, len(self._titles), self._view))

    @contextmanager
    def _not_watching(self) -> Iterator[None]:
        """Leave the keyboard to a question."""
        self._keys.close()
        yield
        self._watch()


def result_of(answer: Answer) -> Result:
    """Return what the table compares of an answer."""
    outcome = answer.outcome
    return Result(answer.contender.name, outcome.reply.outcome or "cancelled", outcome.stats, answer.cost)


def figures(outcome: TurnOutcome) -> list[str]:
    """Return the state of a reply that has ended, and its figures."""
    rest = reply_figures(outcome.stats, outcome.price, prepared=False)  # practice is the same for all
    return [OUTCOMES[outcome.reply.outcome or "cancelled"], *rest]
