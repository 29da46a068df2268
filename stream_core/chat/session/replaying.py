"""Playing recordings in the chat: their questions are asked again, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream_core.core.numbers import counted
from stream_core.core.recording import Attempt
from stream_core.core.sanitize import one_line

from .session import Session

if TYPE_CHECKING:
    from stream_core.practice.recordings import Contents
    from stream_core.practice.replay import Replay
    from stream_core.practice.stepper import Stepper

_UNKNOWN = "(pregunta sin grabar)"
_ENDED_BY = {
    "cancel": "Cuando se grabó, esa respuesta se canceló ahí.",
    "timeout": "Cuando se grabó, ahí se agotó la espera.",
}
"""What ended a recorded reply, where what is played ends as a connection that is cut."""


def play(session: Session, replay: Replay, stepper: Stepper | None) -> None:
    """Ask the questions of the recordings, until the person cancels a reply."""
    screen = session.screen
    for contents in replay.contents:
        screen.note(about(contents))
    if stepper is not None and screen.look.plain:
        screen.warning("En modo plano no hay teclas sueltas: los eventos llegan a su ritmo.")
        stepper.release()
    elif stepper is not None:
        screen.note("Paso a paso: la barra espaciadora deja pasar un evento; Enter, todos los que quedan.")
    for attempt in asked(replay):
        if attempt.continues and session.can_continue:  # a setting may have continued it already
            screen.asked("/continuar")
            session.continue_reply()
        elif not attempt.continues:
            screen.asked(attempt.question or _UNKNOWN)
            session.ask(attempt.question or _UNKNOWN)
        turns = session.conversation.turns
        if not turns or turns[-1].outcome == "cancelled":
            return
        if (played := replay.last) is not None and played.how in _ENDED_BY:
            screen.note(_ENDED_BY[played.how])
    screen.note("Fin de la grabación. Lo que preguntes ahora la reproduce otra vez desde el principio.")


def asked(replay: Replay) -> list[Attempt]:
    """The requests of a person in all recordings; where none is known, one that stands for it."""
    places = [place for each in replay.contents for place in each.places]
    return [place.attempt for place in places if place.asks and place.attempt.attempt == 1] or [Attempt(0.0)]


def first_question(replay: Replay) -> str:
    """The first question of the recordings, or what stands for it."""
    return asked(replay)[0].question or _UNKNOWN


def about(contents: Contents) -> str:
    """A Spanish sentence about a recording."""
    requests = {place.request for place in contents.places}
    facts = [counted(len(contents.questions) or len(requests), "respuesta", "respuestas")]
    if len(contents.places) > len(requests):
        facts[0] += f" en {counted(len(contents.places), 'intento', 'intentos')}"
    if contents.model:
        facts.append(one_line(contents.model, 60))
    if date := one_line(contents.head.date, 30):
        facts.append(date)
    name = one_line(contents.places[0].path.name, 120)
    told = f"Grabación «{name}»: {', '.join(facts)}. No responde ninguna IA."
    return f"{told} {one_line(contents.damage, 200)}".rstrip()
