"""Replacing a retired model by the newest of its line, if the user named only the line, or nothing."""

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

from .client import Backend

PATIENCE_SECONDS = 10.0
"""For the list: somebody may be waiting with a question, and without it the model of before is asked."""


class Successor:
    """Fetches the account's list of models behind the prompt, but only if the model is outdated."""

    def __init__(self) -> None:
        self._coming: Future[tuple[ListedModel, ...]] | None = None

    def look_for(self, settings: Settings, backend: Backend, then: Callable[[], None]) -> None:
        """Start fetching the list if it is needed; returns at once.

        Args:
            then: called on another thread when the fetch has ended.
        """
        if settings.outdated is not None:
            self._coming = backend.list_models(PATIENCE_SECONDS)
            self._coming.add_done_callback(lambda _: then())

    @property
    def coming(self) -> Future[tuple[ListedModel, ...]] | None:
        """The future of the list for `take`; None if nothing is being fetched."""
        return self._coming

    def drop(self) -> None:
        """Discard the fetch: the next question goes to the current model."""
        self._coming = None

    def take(self, settings: Settings) -> tuple[Settings, str]:
        """Wait for the list and return the new settings and the sentence of `succeed`; only once."""
        coming, self._coming = self._coming, None
        if coming is None or settings.outdated is None:  # the user has chosen another model meanwhile
            return settings, ""
        try:
            listed = coming.result()
        except (StreamCoreError, CancelledError):
            listed = ()
        return succeed(settings, listed, in_chat=True)


def succeed(settings: Settings, listed: Sequence[ListedModel], *, in_chat: bool) -> tuple[Settings, str]:
    """Return the settings with the newest model of the line, and a Spanish sentence about it.

    Args:
        settings: with a model that is outdated, or that the server did not find.
        listed: the server's list; empty if it could not be fetched.
        in_chat: whether the sentence may name commands.

    Returns:
        The settings, unchanged if the list has no model of the line, and the sentence, or "".
    """
    day, old = settings.outdated, one_line(settings.model, 60)
    gone = f"El modelo «{old}» " + (f"se retiró el {day:%d/%m/%Y}" if day else "ya no está disponible")
    if not listed:
        return settings, f"{gone} y no pude ver qué modelos hay ahora: {_choose(in_chat)}."
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
    """The settings with the newest listed model of the line; None if none of the line answers.

    A model that still answers stays, even if there is a newer one: the user did not ask for a change.
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
    """Do the same as `succeed` in one-shot mode, waiting for the list only if it is needed.

    Args:
        settings: those of the run.
        backend: fetches the list.
        interrupts: Ctrl+C ends the wait.
        missing: whether the server reported that it does not have the model.

    Raises:
        KeyboardInterrupt: the user cancelled the wait.
    """
    if settings.outdated is None and not missing:
        return settings, ""
    return succeed(settings, listed_soon(backend, interrupts), in_chat=False)


def listed_soon(backend: Backend, interrupts: Interrupts) -> tuple[ListedModel, ...]:
    """Return the server's list of models; an empty one if it has none or takes long.

    Raises:
        KeyboardInterrupt: the user cancelled the wait.
    """
    coming = backend.list_models(PATIENCE_SECONDS)
    try:
        with interrupts.cancelling(coming.cancel):
            return coming.result()
    except CancelledError:
        raise KeyboardInterrupt from None
    except StreamCoreError:
        return ()


def _choose(in_chat: bool, other: str = "") -> str:
    if in_chat:
        return f"elige otro con «/modelo{f' {other}' if other else ''}»"
    return f"elige otro con --model{f', por ejemplo --model {other}' if other else ''}"
