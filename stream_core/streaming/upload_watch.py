"""`UploadWatch`: when it is worth telling how much of a request has been sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

_TELL_SECONDS = 0.1  # between two notices; a request that is sent sooner is none to tell about

Tell: TypeAlias = Callable[[int, int, float, float], None]
"""Takes bytes sent, all bytes, seconds since sending began, and the time on the monotonic clock."""


class UploadWatch:
    """Watches the bodies that one attempt sends, one after another.

    Args:
        tell: called with progress from time to time, and with the end if it was called before.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.start()

    def start(self) -> None:
        """Begin a new attempt, of which nothing has been sent."""
        self._sent = self._size = 0
        self._since = self._reported = 0.0

    @property
    def unfinished(self) -> bool:
        """Whether a body is being sent."""
        return self._sent < self._size

    def note(self, sent: int, size: int, now: float) -> None:
        """Note that the network has taken `sent` bytes of a body; the first note of each body says 0."""
        if sent == 0:
            self._since = self._reported = now
        self._sent, self._size = sent, size
        if now - self._reported >= _TELL_SECONDS or (sent == size and self._reported > self._since):
            self.tell(now)

    def tell(self, now: float) -> None:
        """Tell how far it is."""
        self._reported = now
        self._tell(self._sent, self._size, now - self._since, now)
