"""Lets the steps of a script through one by one, when a person says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress


class Stepper:
    """A gate that opens for one step at a time, or for good. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False
        self._allowed = False  # a step that nobody has waited for yet
        self._wake: Callable[[], None] | None = None

    @property
    def waiting(self) -> bool:
        """Whether a step waits to be let through."""
        with self._lock:
            return self._wake is not None

    @property
    def open(self) -> bool:
        """Whether everything is let through."""
        with self._lock:
            return self._open

    def step(self) -> None:
        """Let one step through: the one that waits, or else the next."""
        with self._lock:
            self._allowed = self._wake is None
            self._call()

    def release(self) -> None:
        """Let everything through from now on."""
        with self._lock:
            self._open = True
            self._call()

    def ask(self, wake: Callable[[], None]) -> bool:
        """Ask to go on: True if that may be at once, else `wake` is called, on any thread, when it may."""
        with self._lock:
            if self._open or self._allowed:
                self._allowed = False
                return True
            self._wake = wake
            return False

    def forget(self) -> None:
        """Nobody waits any more: whoever did has gone."""
        with self._lock:
            self._wake = None

    def _call(self) -> None:
        wake, self._wake = self._wake, None
        if wake is not None:
            with suppress(RuntimeError):  # the loop that it belonged to is closed
                wake()
