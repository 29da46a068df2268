"""`Timeouts`: how long a reply may take, be silent, or wait for its connection."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stream_core.core.errors import IdleTimeout, StreamCoreError, TotalTimeout


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts of a reply. Pings are not content: a stream of pings counts as silence.

    Attributes:
        idle: seconds without content after which the reply fails with `IdleTimeout`.
        notice: seconds of silence after which a `Waiting` comes, and between one and the next. The limits
            are looked at as often.
        first_byte: seconds without any event after sending, likewise; None: as `idle`.
        connect: seconds for a connection, then `ConnectionFailed`; None: as the client has it.
        total: seconds for everything, further attempts and their waits included, then `TotalTimeout`; None:
            no limit.
    """

    idle: float = 300.0
    notice: float = 1.0
    first_byte: float | None = None
    connect: float | None = None
    total: float | None = None

    @property
    def first(self) -> float:
        """Seconds without any event after sending."""
        return self.idle if self.first_byte is None else self.first_byte

    @property
    def longest(self) -> float:
        """The longest silence allowed, in seconds."""
        return max(self.idle, self.first)


class SilenceWatch:
    """Watches the attempts of one request: gives notice of silence, and says when a limit has passed.

    Attributes:
        heard: when content came last, in seconds on the monotonic clock.
        begun: whether the first event of the attempt has come.
        deadline: when the request has taken too long in all, in seconds on the monotonic clock.
    """

    def __init__(
        self,
        timeouts: Timeouts,
        notice: Callable[[Literal["first_byte", "idle"], float], None],
        expire: Callable[[StreamCoreError], None],
    ) -> None:
        self._timeouts, self._notice, self._expire = timeouts, notice, expire
        self.heard = self._due = time.monotonic()
        self.begun = False
        self.deadline = math.inf
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to watch an attempt, on the running loop."""
        self.heard, self.begun = time.monotonic(), False
        self._tick_later()

    def stop(self) -> None:
        """End the watch until the next `start`."""
        if self._handle is not None:
            self._handle.cancel()

    def _tick_later(self) -> None:
        self._due = time.monotonic() + self._timeouts.notice
        self._handle = asyncio.get_running_loop().call_later(self._timeouts.notice, self._tick)

    def _tick(self) -> None:
        limits, now = self._timeouts, time.monotonic()
        if (late := now - self._due) > limits.notice:
            # The program was stopped, or the machine asleep: nothing could be heard.
            self.heard = min(now, self.heard + late)
        silent = now - self.heard
        if now >= self.deadline:
            self._expire(TotalTimeout())
        elif silent >= (limits.idle if self.begun else limits.first):
            self._expire(IdleTimeout())
        else:
            if silent >= limits.notice:
                self._notice("idle" if self.begun else "first_byte", silent)
            self._tick_later()
