"""`Timeouts`: how long a reply may take, be silent, or wait for its connection."""

from __future__ import annotations

from dataclasses import dataclass


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
