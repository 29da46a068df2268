"""The account's list of models, fetched on demand and cached for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, TypeVar

from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.models.model_list import ListedModel

from .client import Backend

if TYPE_CHECKING:
    from stream_core.terminal.screen import Screen

T = TypeVar("T")

FRESH_SECONDS = 600.0
"""A list that is older is fetched again when it is wanted."""


class Account:
    """Fetches the list of models.

    Args:
        clock: returns seconds; the age of a list is measured with it.

    Attributes:
        shown: the ids of the list shown last, in order; a number typed by the user is a place in it.
    """

    def __init__(
        self,
        backend: Backend,
        screen: Screen,
        interrupts: Interrupts,
        suspension: Suspension,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shown: tuple[str, ...] = ()
        self._backend, self._screen, self._clock = backend, screen, clock
        self._interrupts, self._suspension = interrupts, suspension
        self._models: tuple[ListedModel, ...] = ()
        self._fetched = 0.0

    def models(self, *, anew: bool = False, patience: float | None = None) -> tuple[ListedModel, ...]:
        """Return the list, fetching it if necessary; Ctrl+C ends the wait.

        Args:
            anew: whether to fetch it even if a recent one is cached.
            patience: seconds until the fetch is given up; None for the default.

        Raises:
            StreamCoreError: the list could not be fetched.
            KeyboardInterrupt: the user cancelled the wait.
        """
        if anew or not self._models or self._clock() - self._fetched > FRESH_SECONDS:
            coming = self._backend.list_models(patience)
            self._models, self._fetched = self.wait_for(coming), self._clock()
        return self._models

    def wait_for(self, coming: Future[T], doing: str = "Pidiendo la lista de modelos…") -> T:
        """Wait for what the server was asked for; a failure cancels that. Raises the same as `models`."""
        waiting = self._screen.loading(self._suspension.taking_part, doing)
        try:
            with self._interrupts.cancelling(coming.cancel), waiting:
                return coming.result()
        except CancelledError:
            raise KeyboardInterrupt from None
        finally:
            coming.cancel()  # also when a signal ends the program; no effect on a finished fetch
