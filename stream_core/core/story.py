"""The story of a reply: its attempts, silences and continuations, gathered from its deltas. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .deltas import TurnDelta, Waiting
from .errors import StreamCoreError

_LEAST_SILENCE = 3.0  # seconds that are worth telling

What: TypeAlias = Literal["retry", "silence", "continued"]


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that befell a reply.

    Attributes:
        what: another attempt, a silence, or that it was continued by a request of its own.
        at: seconds since its request was sent.
        seconds: how long was waited.
        attempt: the number of the attempt that followed, for a retry.
        of: how many there may be.
        cause: why there was another attempt, or None.
    """

    what: What
    at: float = 0.0
    seconds: float = 0.0
    attempt: int = 0
    of: int = 0
    cause: StreamCoreError | None = None


class StoryTeller:
    """Gathers the episodes of one reply.

    Args:
        started: when its request was sent, in seconds on the monotonic clock.
    """

    def __init__(self, started: float) -> None:
        self._started = started
        self._episodes: list[Episode] = []

    def feed(self, delta: TurnDelta) -> None:
        """Take in the next delta; a countdown is one episode, and so is a silence, however long."""
        if not isinstance(delta, Waiting):
            return
        at, last = delta.at - self._started, self._episodes[-1] if self._episodes else None
        if delta.reason == "retry":
            if last is None or last.what != "retry" or last.attempt != delta.attempt:
                self._episodes.append(
                    Episode("retry", at, delta.seconds, delta.attempt, delta.of, delta.cause)
                )
        elif delta.reason != "upload" and delta.seconds >= _LEAST_SILENCE:
            began = at - delta.seconds
            if last is not None and last.what == "silence" and abs(last.at - began) < 1.0:
                self._episodes.pop()
                began = last.at
            self._episodes.append(Episode("silence", began, delta.seconds))

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The episodes so far, in their order."""
        return tuple(self._episodes)
