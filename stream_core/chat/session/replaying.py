"""Playing recordings in the chat: their questions are asked again, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line

from .session import Session

if TYPE_CHECKING:
    from stream_core.practice.replay import Contents, Replay
    from stream_core.practice.stepper import Stepper

_UNKNOWN = "(pregunta sin grabar)"


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
    for question in questions(replay):
        screen.asked(question)
        session.ask(question)
        turns = session.conversation.turns
        if not turns or turns[-1].outcome == "cancelled":
            return
    screen.note("Fin de la grabación. Lo que preguntes ahora la reproduce otra vez desde el principio.")


def questions(replay: Replay) -> list[str]:
    """The questions of all recordings; where none was recorded, one that stands for it."""
    found = [question for contents in replay.contents for question in contents.questions]
    return found or [_UNKNOWN]


def about(contents: Contents) -> str:
    """A Spanish sentence about a recording."""
    facts = [counted(len(contents.places), "respuesta", "respuestas")]
    if contents.model:
        facts.append(one_line(contents.model, 60))
    if date := one_line(contents.head.date, 30):
        facts.append(date)
    name = one_line(contents.places[0].path.name, 120)
    told = f"Grabación «{name}»: {', '.join(facts)}. No responde ninguna IA."
    return f"{told} {one_line(contents.damage, 200)}".rstrip()
