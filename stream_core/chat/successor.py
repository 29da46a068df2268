"""The model that takes the place of one that is retired, where the person named only its line, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace

from stream_core.chat.signals.interrupts import Interrupts
from stream_core.config.settings import Settings
from stream_core.core.errors import StreamCoreError
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import suggest
from stream_core.models.model_list import ListedModel, find_listed, names_to_suggest, newest

from .backend import Backend

PATIENCE_SECONDS = 10.0
"""For the list: somebody may be waiting with a question, and without it the model of before is asked."""


class Successor:
    """Fetches the account's list of models behind the prompt, but only where the model is outdated."""

    def __init__(self) -> None:
        self._coming: Future[tuple[ListedModel, ...]] | None = None

    def look_for(self, settings: Settings, backend: Backend, then: Callable[[], None]) -> None:
        """Begin to fetch the list if it is needed; comes back at once.

        Args:
            then: called on another thread when it is there, or is not to be had.
        """
        if settings.outdated is not None:
            self._coming = backend.list_models(PATIENCE_SECONDS)
            self._coming.add_done_callback(lambda _: then())

    @property
    def coming(self) -> Future[tuple[ListedModel, ...]] | None:
        """The list that `take` will look at, here already or not; None for nothing to take."""
        return self._coming

    def drop(self) -> None:
        """Look at it no more: who asks next asks the model of before."""
        self._coming = None

    def take(self, settings: Settings) -> tuple[Settings, str]:
        """Wait for the list and return the settings that hold from now on, as `succeed` does; once."""
        coming, self._coming = self._coming, None
        if coming is None or settings.outdated is None:  # the person has chosen another by now
            return settings, ""
        try:
            listed = coming.result()
        except (StreamCoreError, CancelledError):
            listed = ()
        return succeed(settings, listed, in_chat=True)


def succeed(settings: Settings, listed: Sequence[ListedModel], *, in_chat: bool) -> tuple[Settings, str]:
    """Return the settings with the newest model of the line, and a Spanish sentence about it.

    Args:
        settings: whose model is outdated, or was not found by the server.
        listed: the server's list; nothing where it is not to be had.
        in_chat: whether commands can be named.

    Returns:
        The model stays as it was where the list has none of the line; "" where there is nothing to say.
    """
    day, old = settings.outdated, one_line(settings.model, 60)
    gone = f"El modelo «{old}» " + (f"se retiró el {day:%d/%m/%Y}" if day else "ya no está disponible")
    if not listed:
        return settings, f"{gone} y no he podido ver qué modelos hay ahora: {_choose(in_chat)}."
    line = settings.line.capitalize()
    whose = "de tu cuenta" if settings.connection.talks_to_anthropic else "de este servidor"
    found = _newest(settings.with_list(listed))
    if found is None:
        other = suggest(settings.model, names_to_suggest(listed))
        left = f"{gone} y no hay otro {line} en la lista {whose}: {_choose(in_chat, other)}."
        return settings.with_list(listed), left
    if found.model == settings.model:
        return found, ""
    return found, f"{gone}: ahora responde «{one_line(found.model, 60)}», el {line} más nuevo {whose}."


def _newest(settings: Settings) -> Settings | None:
    """The settings with the newest model of the line on their list; None where none of it answers.

    A model that still answers stays, though a newer one may be there: nobody chose to change.
    """
    listed = find_listed(settings.listed, settings.model)
    if listed is not None and listed.answers:
        return settings
    name = newest(settings.line, settings.listed, settings.models, settings.today)
    found = find_listed(settings.listed, name)
    return replace(settings, model=found.id) if found is not None and found.answers else None


def up_to_date(
    settings: Settings, backend: Backend, interrupts: Interrupts, *, missing: bool = False
) -> tuple[Settings, str]:
    """Return what `succeed` does for a single answer, waiting for the list only where it is needed.

    Args:
        missing: whether the server has said that it does not have the model.

    Raises:
        KeyboardInterrupt: the person does not want to wait.
    """
    if settings.outdated is None and not missing:
        return settings, ""
    coming = backend.list_models(PATIENCE_SECONDS)
    try:
        with interrupts.cancelling(coming.cancel):
            listed = coming.result()
    except CancelledError:
        raise KeyboardInterrupt from None
    except StreamCoreError:
        listed = ()
    return succeed(settings, listed, in_chat=False)


def _choose(in_chat: bool, other: str = "") -> str:
    if in_chat:
        return f"elige otro con «/modelo{f' {other}' if other else ''}»"
    return f"elige otro con --model{f', por ejemplo --model {other}' if other else ''}"
