"""Finding in a store what is to be gone on with, and what was left unfinished in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stream_core.core.conversation import Turn
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.store.protocol import Hit, Place, Store, Summary

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Reopened:
    """A conversation to go on with.

    Attributes:
        summary: what it is.
        turns: all its turns.
    """

    summary: Summary
    turns: Sequence[Turn]

    def turn_of(self, hit: Hit) -> int | None:
        """The place in `turns`, from 1, of the turn in which something was found.

        A turn that was undone leaves a gap in the numbers of the store: what was found has to be there too.
        """
        words = [hit.line[begin:end] for begin, end in hit.found]
        places = [
            place
            for place, turn in enumerate(self.turns, 1)
            if all(word in turn.question or word in turn.text for word in words)
        ]
        return min(places, key=lambda place: abs(place - hit.place.number), default=None)


def reopen(store: Store, conversation: str) -> Reopened | None:
    """Give a conversation by its id; None when there is none."""
    summary = summary_of(store, conversation)
    return None if summary is None else Reopened(summary, tuple(store.turns(conversation)))


def reopen_last(store: Store) -> Reopened:
    """Give the conversation last used.

    Raises:
        ConfigError: there is none.
    """
    last = store.latest()
    found = reopen(store, last) if last is not None else None
    if found is None:
        raise ConfigError("Todavía no hay ninguna conversación guardada que seguir.")
    return found


def reopen_by(store: Store, beginning: str) -> Reopened:
    """Give the one conversation whose id begins so. Raises as `resolve`."""
    found = reopen(store, resolve(store, beginning))
    if found is None:  # forgotten in this moment
        raise ConfigError("Esa conversación ya no está.")
    return found


def resolve(store: Store, beginning: str) -> str:
    """Give the one id that begins so.

    Raises:
        ConfigError: there is none, or more than one.
    """
    told, beginning = one_line(beginning, 40), beginning.strip().lower()
    ids = store.find(beginning)
    if beginning in ids:
        return beginning
    if len(ids) > 1:
        raise ConfigError(
            f"Hay varias conversaciones cuyo id empieza por «{told}»: escribe alguna letra más."
        )
    if not ids:
        raise ConfigError(f"No hay ninguna conversación guardada cuyo id empiece por «{told}».")
    return ids[0]


def summary_of(store: Store, conversation: str) -> Summary | None:
    """Give the summary of a conversation, or None when there is none."""
    before: Summary | None = None
    while page := store.conversations(limit=_PAGE, before=before):
        for summary in page:
            if summary.id == conversation:
                return summary
        before = page[-1]
    return None


def left_behind(store: Store, current: str | None) -> str:
    """End the turns that a program which is gone did not end.

    Args:
        current: the id of the conversation that is open now, if one is.

    Returns:
        A Spanish sentence about them: what was kept, and how to go on; "" when there is none.
    """
    places = store.recover()
    if not places:
        return ""
    if len(places) > 1:
        return (
            f"La última vez se cortaron {len(places)} respuestas. Lo que llegó de ellas está guardado: "
            "«/conversaciones» las encuentra."
        )
    return f"{_what_was_kept(store, places[0])} {_how_to_go_on(store, places[0], current)}"


def _what_was_kept(store: Store, place: Place) -> str:
    turns = list(store.turns(place.conversation))
    title = one_line(turns[0].question, 50) if turns else ""
    length = next((len(turn.text) for turn in reversed(turns) if turn.outcome == "interrupted"), 0)
    if not length:
        return f"La última vez una pregunta se quedó sin respuesta, en «{title}»."
    kept = "el carácter que llegó" if length == 1 else f"los {length:,} caracteres que llegaron"
    return f"La última vez se cortó una respuesta, en «{title}». Conservo {kept}."


def _how_to_go_on(store: Store, place: Place, current: str | None) -> str:
    if place.conversation == current:
        return "Es la conversación que tienes abierta: sigue preguntando."
    name = one_line(place.conversation, 40)
    flag = "--continue" if place.conversation == store.latest() else f"--resume {name}"
    return f"Para seguirla: «/abrir {name}», o abre el chat con {flag}. «/conversaciones» enseña las demás."
