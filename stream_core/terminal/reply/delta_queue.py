"""The deltas of a reply that have arrived, cut into parts: a slice of them for each frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from stream_core.config.options.effects import EFFECTS, NO_EFFECT, Effect
from stream_core.core.deltas import (
    BlockDone,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolDone,
    ToolInput,
    TurnDelta,
    Waiting,
)
from stream_core.terminal.markdown.parts import Part

from .protocol import left_out

if TYPE_CHECKING:
    from .assembler import Assembler

FRAME = 16_384
"""Characters of a backlog that one frame takes in."""
_SLICE = 2_048  # characters that are read before a look at the clock
_AGE_SECONDS = 0.1  # steps in which text ages: between two of them a row only gets longer
_SHOWN = (Text, Thinking, ToolInput, BlockDone, ToolDone, RoundDone)
_QUEUED = (*_SHOWN, Opened, Waiting)  # the last two end a block


class DeltaQueue:
    """Takes in deltas at the speed of the wire and returns their parts at the speed that the person chose.

    Args:
        speed: characters a second; 0 for no limit.
        clock: returns the current time in seconds.
        lead: text of an earlier reply that this one continues.
        effect: may type with a cadence, and says for how long text counts as new.

    Attributes:
        parts: parts that are final and not laid out yet.
        arrivals: when the deltas came that the next frame shows for the first time.
        ended: whether all parts of the reply are there.
        paused: whether nothing is taken in for now.
        stopping: whether a person waits for the end of the drawing.
    """

    def __init__(
        self,
        speed: float,
        clock: Callable[[], float],
        lead: str,
        effect: Effect = EFFECTS[NO_EFFECT],
        asks: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self.parts: deque[Part] = deque()
        self.arrivals: list[float] = []
        self.ended = self.paused = self.stopping = False
        self._asks, self._lead = asks, lead
        self._pending: deque[tuple[TurnDelta, float]] = deque()  # with the time of their arrival
        self._newest: tuple[float, float] = (0.0, 0.0)  # of those taken in: the wire's time, that of arrival
        self._clock = clock
        self._speed, self._allowed, self._taken_at = speed, 1.0, clock()
        self._effect, self._hurried = effect, False
        self._characters = 0  # of text that waits
        self._taken = 0  # characters of the first delta that waits
        self._new: deque[tuple[int, int]] = deque()  # characters taken in, and in which step

    @cached_property
    def _assembler(self) -> Assembler:
        """Loaded by whoever draws: it reads Markdown, and the first request does not wait for that."""
        from .assembler import Assembler

        return Assembler(self._asks)

    @property
    def waiting(self) -> bool:
        """Whether a frame would have something new to draw."""
        return bool(self.parts or (self._pending and not self.paused))

    @property
    def backlog(self) -> bool:
        """Whether something that arrived has not been drawn."""
        return bool(self.parts or self._pending)

    @property
    def slow(self) -> bool:
        """Whether it is held back on purpose, by a pause or the typing speed."""
        return self.paused or bool(self._speed) or (self._effect.pace is not None and not self._hurried)

    @property
    def open(self) -> list[Part]:
        """The parts that are open, as they stand."""
        return self._assembler.open()

    @property
    def thinking(self) -> float | None:
        """For how many seconds Claude has been thinking, as far as it is taken in; None when it is not."""
        since = self._assembler.thinking_since
        if since is None:
            return None
        at, arrival = self._newest
        until = self._pending[0][0].at if self._pending else at + self._clock() - arrival
        return max(0.0, until - since)

    @property
    def newest(self) -> list[tuple[int, float]]:
        """Characters that were taken in a moment ago, with their age in seconds; the newest first."""
        now = int(self._clock() / _AGE_SECONDS)
        while self._new and (now - self._new[-1][1]) * _AGE_SECONDS > self._effect.settles:
            self._new.pop()
        return [(count, (now - step) * _AGE_SECONDS) for count, step in self._new]

    def put(self, delta: TurnDelta, now: float) -> None:
        """Queue a delta that arrives `now`, if it has to do with what is drawn."""
        if isinstance(delta, Text):
            self._characters += len(delta.text)
        elif not isinstance(delta, _QUEUED):
            return
        self._pending.append((delta, now))

    def skip_typing_delay(self) -> None:
        """From now on, as fast as possible, and not paused."""
        self._speed, self.paused, self._hurried = 0, False, True

    def stop_soon(self) -> None:
        """Note that somebody waits for the end."""
        self.stopping = True
        self.skip_typing_delay()

    def take(self, most: int = FRAME, *, ending: bool) -> int:
        """Cut what has arrived into parts: some of it, and the rest of the text when it has ended.

        Args:
            most: characters that may be taken in; no more than are quickly read are, whatever it says.
            ending: whether nothing more will arrive.

        Returns:
            How many were taken in; a delta without text counts as one.
        """
        left = allowed = self._allowance(min(most, _SLICE))
        together: list[Text] = []  # read at once: what a frame shows does not depend on how it was cut
        while self._pending and left > 0:
            delta, arrival = self._next(left)
            self._newest = (delta.at, arrival)
            if isinstance(delta, Text):
                if not self._taken:
                    self.arrivals.append(arrival)
                left -= len(delta.text)
                if together and together[-1].index != delta.index:
                    self._read(together)
                together.append(delta)
                continue
            if isinstance(delta, _SHOWN):
                self.arrivals.append(arrival)
            left -= len(delta.text) if isinstance(delta, Thinking) else 1
            self._read(together)
            self.parts += self._assembler.feed(delta)
        self._read(together)
        if ending and not self._pending and not self.ended:
            self.ended = True
            self.parts += self._assembler.finish()
        return allowed - left

    def _next(self, most: int) -> tuple[TurnDelta, float]:
        """Take the next delta, or so many characters of a longer one, of which the rest is not copied."""
        delta, arrival = self._pending[0]
        most = most if isinstance(delta, Text) else _SLICE  # thinking is not typed slowly
        if not isinstance(delta, (Text, Thinking)) or not (self._taken or len(delta.text) > most):
            return self._pending.popleft()
        piece = replace(delta, text=delta.text[self._taken : self._taken + most])
        self._taken += len(piece.text)
        if self._taken == len(delta.text):
            self._pending.popleft()
            self._taken = 0
        return piece, arrival

    def leave_out_rest(self) -> None:
        """Forget what arrived and is not laid out; a line that says so takes its place."""
        parts = [*self.parts, *([] if self.ended else self._assembler.finish())]
        left = sum(len(part.text) for part in parts if not part.is_thinking)
        left, self._characters = left + self._characters, 0
        self._pending.clear()
        self._taken = 0
        self.parts.clear()
        self.ended = True
        if left:
            self.parts.append(Part("label", left_out(left)))

    def _count(self, text: str) -> None:
        """Note what the effect has to know of a text that is taken in."""
        self._characters -= len(text)
        if self._effect.settles:
            step = int(self._taken_at / _AGE_SECONDS)
            before = self._new.popleft()[0] if self._new and self._new[0][1] == step else 0
            self._new.appendleft((before + len(text), step))
        if self._effect.stroke is not None:
            self._allowed -= sum(map(self._effect.stroke, text)) - len(text)

    def _read(self, together: list[Text]) -> None:
        """Read texts of one block as one, and forget them."""
        if together:
            text, newest = "".join([delta.text for delta in together]), together[-1]
            self._count(text)
            self.parts += self._assembler.feed(Text(self._lead + text, newest.index, newest.at))
            self._lead = ""
            together.clear()

    def _allowance(self, most: int) -> int:
        """Return the number of characters that may be taken in now, `most` or fewer."""
        now = self._clock()
        passed, self._taken_at = now - self._taken_at, now
        if self.paused:
            return 0
        pace = None if self._hurried else self._effect.pace
        speed = self._speed or (pace(self._characters) if pace is not None else 0)
        if not speed:
            return most
        self._allowed = min(self._allowed, 1.0) + passed * speed
        whole = min(most, max(0, int(self._allowed)))
        if self._pending:
            self._allowed -= whole
        return whole
