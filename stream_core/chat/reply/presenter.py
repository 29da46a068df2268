"""The contract between a `TurnRunner` and whoever shows its replies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stream_core.core.conversation import Turn
    from stream_core.core.deltas import ToolAsked, TurnDelta
    from stream_core.core.stats import ReplyStats
    from stream_core.core.turn_result import TurnResult


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """The result of one reply.

    Attributes:
        turn: the question with its whole reply; for a continuation, with both parts.
        reply: what this reply brought; for a continuation, only what is new.
        stats: the figures of its requests.
        price: its cost, as Spanish text; "" where there is nothing to say.
        continued: the turn whose reply it continued; None for a new turn.
        declined: whether it was ended between two requests because of the budget.
        apart: whether what came does not follow the text that it was to continue.
    """

    turn: Turn
    reply: TurnResult
    stats: ReplyStats
    price: str = ""
    continued: Turn | None = None
    declined: bool = False
    apart: bool = False

    @property
    def before(self) -> str:
        """The text that it continued from; "" for a new turn."""
        return self.continued.text if self.continued is not None else ""


class Presenter(Protocol):
    """Shows replies, one after another, and answers the questions that come up. Main thread only."""

    def showing(
        self, cancel: Callable[[], None], lead: str, outcome: Callable[[], TurnOutcome]
    ) -> AbstractContextManager[object]:
        """Return a context that is open while one reply arrives, and shows at its end how it ended.

        Args:
            cancel: cancels the reply; from any thread. The context lets Ctrl+C call it.
            lead: text to show before the reply, which continues it.
            outcome: returns what became of the reply, at the end; also when an exception ended it.
        """

    def show(self, delta: TurnDelta) -> None:
        """Show the next delta."""

    def may_run(self, asked: ToolAsked) -> bool:
        """Decide whether a tool may run, while the reply waits for it."""

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        """Decide whether a request is sent in spite of the budget.

        Args:
            objection: what is against it, as a Spanish sentence.
            begun: whether it goes on with a reply, which `showing` may still be open for.
        """

    def notice(self, sentence: str) -> None:
        """Show a notice; never while `showing` is open."""
