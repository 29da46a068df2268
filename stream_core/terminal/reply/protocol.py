"""The contracts of views: all that the chat knows of how a reply is drawn."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from typing_extensions import Self

from stream_core.core.deltas import TurnDelta
from stream_core.core.frame_stats import FrameStats
from stream_core.core.numbers import counted
from stream_core.core.reply import ReplyLike
from stream_core.core.stats import ReplyStats


class View(Protocol):
    """The part of a view that keys, questions and other programs use, for one reply or several."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def skip_typing_delay(self) -> None:
        """Show at once whatever is paused, or delayed by the typing speed.

        Any thread and any signal handler may call this.
        """

    def stop_soon(self) -> None:
        """Show for a moment more what has arrived, then leave out the rest of it and say how much that is.

        Any thread and any signal handler may call this.
        """

    def pause(self) -> None:
        """Show nothing new until `unpause`; the reply continues to arrive. Any thread may call this."""

    def unpause(self) -> None:
        """Go on after `pause`."""

    def clear_screen(self) -> None:
        """Scroll what is on the screen into the scrollback and go on at the top."""

    def show_draft(self, before: str, after: str) -> None:
        """Show what is typed for the next prompt, before and after its cursor; called from any thread."""

    def suspend(self, *, patiently: bool = False) -> None:
        """Leave the terminal to another program; what comes is shown later.

        Args:
            patiently: whether to wait for a terminal that does not read what is being drawn.
        """

    def resume(self) -> None:
        """Go on where `suspend` interrupted, below what the other program wrote."""


class ReplyView(View, Protocol):
    """A view of one reply: entered before the first delta, fed with each, finished once, left in any case.

    Attributes:
        frames: how the deltas came onto the screen.
    """

    frames: FrameStats

    def feed(self, delta: TurnDelta) -> None:
        """Show the next delta."""

    def finish(self, reply: ReplyLike, stats: ReplyStats, price: str = "") -> None:
        """Show the whole reply with its outcome, its figures and, if there is one, its price.

        Returns once all of it is on the terminal, however long the terminal takes to read it; what a signal
        handler raises ends the waiting.
        """


def left_out(characters: int) -> str:
    """Return the line that takes the place of text that was not shown."""
    words = counted(characters, "carácter que ya llegó", "caracteres que ya llegaron")
    return f"… sin mostrar: {words} (en el chat, «/exportar» guarda la respuesta entera)"


class WrittenOnce:
    """A `View` of text that is written once and never touched again: its methods do nothing."""

    def skip_typing_delay(self) -> None:
        """Nothing here is slow on purpose."""

    def stop_soon(self) -> None:
        """A person who reads a pipe or a file does not wait for it."""

    def pause(self) -> None:
        """Nothing here is drawn again: the terminal's own Ctrl+S holds lines up."""

    def unpause(self) -> None:
        """Nothing is paused here."""

    def clear_screen(self) -> None:
        """Nothing that was written is touched again."""

    def show_draft(self, before: str, after: str) -> None:
        """Nothing here is drawn again, and the terminal keeps what is typed until the prompt."""
