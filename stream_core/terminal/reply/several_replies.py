"""The contract of a view of several replies, and its plain form: one after another, as lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from typing_extensions import Self

from stream_core.core.block_text import TextJoiner
from stream_core.core.deltas import TurnDelta
from stream_core.core.sanitize import Sanitizer
from stream_core.terminal.rows.word_wrap import WordWrap

from .protocol import View, WrittenOnce


class SeveralReplies(View, Protocol):
    """A view of several replies: entered before the first delta, finished once, left in any case."""

    def feed(self, number: int, delta: TurnDelta) -> None:
        """Show the next delta of a reply."""

    def ended(self, number: int, arrived: str, figures: Sequence[str]) -> None:
        """Note that a reply has ended, with its whole text, and its state and figures."""

    @property
    def drafting(self) -> bool:
        """Whether something is typed for the next prompt."""

    def arm(self, armed: bool) -> None:
        """Ask for the number of the reply that is stopped, or no longer. Any thread may call this."""

    def finish(self, texts: Sequence[str]) -> None:
        """Show all of it; `texts` are the whole texts, for the case that drawing fails."""


class OneAfterAnother(WrittenOnce):
    """Replies as text, each below its title; those that arrive meanwhile wait for their turn.

    Args:
        write: writes text, at once.
        titles: the titles of the replies.
        tell: gets the figures of each reply, after its text.
        wrap: wraps the text for where it is written; None for as it is.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        titles: Sequence[str],
        tell: Callable[[str], None],
        wrap: WordWrap | None = None,
    ) -> None:
        self._write, self._titles, self._tell = write, titles, tell
        self._wrap = wrap or WordWrap(lambda: 0)
        self._texts = [""] * len(titles)  # safe, and not written yet
        self._joiners = [TextJoiner() for _ in titles]
        self._sanitizers = [Sanitizer() for _ in titles]
        self._arrived = [0] * len(titles)  # characters
        self._figures: list[Sequence[str] | None] = [None] * len(titles)  # None while it arrives
        self._current, self._titled = 0, -1
        self._last = "\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def feed(self, number: int, delta: TurnDelta) -> None:
        """Write what a delta brings, if it is this reply's turn."""
        text = self._joiners[number].feed(delta)
        if text:
            self._arrived[number] += len(text)
            self._texts[number] += self._sanitizers[number].feed(text)
            self._go_on()

    def ended(self, number: int, arrived: str, figures: Sequence[str]) -> None:
        """Write the rest of a reply, and those that wait behind it."""
        rest = self._sanitizers[number].feed(arrived[self._arrived[number] :])
        self._texts[number] += rest + self._sanitizers[number].flush()
        self._figures[number] = figures
        self._go_on()

    def _go_on(self) -> None:
        while self._current < len(self._titles):
            at = self._current
            if self._titled < at:
                self._titled = at
                self._put(f"{self._titles[at]}\n\n")
            self._put(self._texts[at])
            self._texts[at] = ""
            figures = self._figures[at]
            if figures is None:
                return
            self._put("\n" * (2 - (len(self._last) - len(self._last.rstrip("\n")))))
            self._tell(" · ".join(figures))
            self._current += 1

    def _put(self, text: str) -> None:
        if text:
            self._last = (self._last + text)[-2:]
            if ready := self._wrap.feed(text):
                self._write(ready)

    @property
    def drafting(self) -> bool:
        """Nothing that is typed is shown here."""
        return False

    def arm(self, armed: bool) -> None:
        """No key stops one of them here."""

    def suspend(self, *, patiently: bool = False) -> None:
        """End the row, for what another program writes, or a question."""
        if not self._last.endswith("\n"):
            self._put("\n")

    def resume(self) -> None:
        """Continue below the output of the other program."""

    def finish(self, texts: Sequence[str]) -> None:
        """All of it is written already, unless a signal ended a reply."""
        for number, text in enumerate(texts):
            if self._figures[number] is None:
                self.ended(number, text, ())
