"""Reopening saved conversations: the last one, or one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn
from stream_core.core.errors import ConfigError
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.sanitize import one_line
from stream_core.core.store_errors import StoreError
from stream_core.store.alternatives import alternative_of, turns_before
from stream_core.store.protocol import Hit, Store, Summary

if TYPE_CHECKING:
    from stream_core.config.settings import Settings

    from .archive import Archive

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Reopened:
    """A reopened conversation.

    Attributes:
        summary: its summary in the store.
        turns: all its turns; of an alternative, after those before its question.
        instructions: those that were sent with its last question.
        before: number of turns that stand in the conversation that it is an alternative of.
        missing: number of turns that it followed and that are not there any more.
    """

    summary: Summary
    turns: Sequence[Turn]
    instructions: Instructions = NO_INSTRUCTIONS
    before: int = 0
    missing: int = 0

    def turn_of(self, hit: Hit) -> int | None:
        """The place in `turns`, from 1, of the turn with a search hit.

        Undone turns leave gaps in the store's numbers, so it is the nearest turn that holds the words found.
        """
        words = [hit.line[begin:end] for begin, end in hit.found]
        places = [
            place
            for place, turn in enumerate(self.turns, 1)
            if all(word in turn.question or word in turn.text for word in words)
        ]
        return min(places, key=lambda place: abs(place - self.before - hit.place.number), default=None)


def reopen_by_flags(archive: Archive, settings: Settings) -> Reopened | None:
    """Continue the conversation that the command line asks for and return it; None if it asks for none.

    Raises:
        ConfigError: there is no such conversation, or the store cannot be read.
    """
    beginning = settings.invocation.resume
    if not settings.invocation.resumes:
        return None
    if not archive.keeps:
        raise ConfigError("No hay conversaciones guardadas que seguir: no encuentro tu carpeta de datos.")
    try:
        reopened = archive.call(
            lambda store: reopen_last(store) if beginning is None else reopen_by(store, beginning)
        )
    except StoreError as error:
        from stream_core.texts.errors_es import explain

        raise ConfigError(explain(error, in_chat=False)) from None
    archive.switch_to(reopened.summary.id)
    return reopened


def reopen(store: Store, conversation: str) -> Reopened | None:
    """Return a conversation by its id; None if there is none."""
    summary = summary_of(store, conversation)
    if summary is None:
        return None
    of_it = alternative_of(conversation)
    before = turns_before(store, conversation)
    missing = of_it.turn - 1 - len(before) if of_it is not None else 0
    turns = (*before, *store.turns(conversation))
    return Reopened(summary, turns, store.instructions(conversation), len(before), missing)


def reopen_last(store: Store) -> Reopened:
    """Return the conversation used last.

    Raises:
        ConfigError: there is none.
    """
    last = store.latest()
    found = reopen(store, last) if last is not None else None
    if found is None:
        raise ConfigError("Todavía no hay ninguna conversación guardada que seguir.")
    return found


def reopen_by(store: Store, beginning: str) -> Reopened:
    """Return the only conversation whose id has this prefix. Raises the same as `resolve`."""
    found = reopen(store, resolve(store, beginning))
    if found is None:  # deleted meanwhile
        raise ConfigError("Esa conversación ya no está.")
    return found


def resolve(store: Store, beginning: str) -> str:
    """Return the only id with this prefix.

    Raises:
        ConfigError: no id, or more than one, has it.
    """
    shown, beginning = one_line(beginning, 40), beginning.strip().lower()
    ids = store.find(beginning)
    if beginning in ids:
        return beginning
    if len(ids) > 1:
        raise ConfigError(
            f"Hay varias conversaciones cuyo id empieza por «{shown}»: escribe alguna letra más."
        )
    if not ids:
        raise ConfigError(f"No hay ninguna conversación guardada cuyo id empiece por «{shown}».")
    return ids[0]


def summary_of(store: Store, conversation: str) -> Summary | None:
    """Return the summary of a conversation, or None if there is none."""
    before: Summary | None = None
    while page := store.conversations(limit=_PAGE, before=before):
        for summary in page:
            if summary.id == conversation:
                return summary
        before = page[-1]
    return None
