"""One of the replies of a comparison: what has arrived of it, and its state in a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from stream_core.config.options.appearance import Look
from stream_core.core.deltas import Text, Thinking, TurnDelta, Waiting
from stream_core.terminal.rows.figures import live_figures

from .delta_queue import DeltaQueue
from .status_words import status
from .thinking_summary import heading

if TYPE_CHECKING:
    from .column_document import ColumnDocument

_WAITING = "Conectando…"
_ONE_ALONE = " (Esc cancela)"  # of a reply that stands alone; in a comparison Esc asks which one


class ComparedReply:
    """A reply of a comparison.

    Args:
        title: its title.
        look: how it looks.
        clock: returns the current time in seconds.

    Attributes:
        queue: its deltas.
        document: its rows; None until Markdown is loaded.
        status: what it waits for; "" for nothing.
        thinking: since when it thinks, before its first text; None where it does not.
        characters: of the text so far.
        index: the block that this is in.
        ended: whether nothing more will arrive.
        complete: whether all of it is laid out.
        stands_above: whether some of its rows are final.
        figures: its state and figures, once it has ended.
    """

    def __init__(self, title: str, look: Look, clock: Callable[[], float]) -> None:
        self.title = title
        self.queue = DeltaQueue(look.typing_speed, clock, "")
        self.document: ColumnDocument | None = None
        self.status, self.started = _WAITING, clock()
        self.first_text: float | None = None
        self.thinking: float | None = None
        self.characters = self.index = 0  # of the text so far, and the block it is in
        self.ended = self.complete = self.stands_above = False
        self.figures: Sequence[str] = ()

    def feed(self, delta: TurnDelta, now: float) -> None:
        """Take in the next delta."""
        if isinstance(delta, Text):
            self.characters, self.index = self.characters + len(delta.text), delta.index
            self.first_text = self.first_text or now
            self.status, self.thinking = "", None
        elif thinks := _thinks_since(delta, now) if not self.characters else None:
            self.thinking = self.thinking or thinks
        else:
            self.thinking = None
            words = status(delta, self.status, writing=bool(self.characters))
            self.status = words.removesuffix(_ONE_ALONE)
        self.queue.put(delta, now)

    def live(self, now: float, turn: str) -> str:
        """The line that says what it does; after its end, how that was."""
        if self.ended:
            return " · ".join(self.figures)
        if self.thinking is not None:
            return f"{turn} {heading(now - self.thinking)}"
        if self.status:
            return f"{turn} {self.status}"
        return " · ".join(live_figures(now - self.started, now - (self.first_text or now), self.characters))


def _thinks_since(delta: TurnDelta, now: float) -> float | None:
    """Since when a reply without text thinks, as a delta tells it; thinking that is not sent is a silence."""
    if isinstance(delta, Thinking):
        return now
    return now - delta.seconds if isinstance(delta, Waiting) and delta.reason == "idle" else None
