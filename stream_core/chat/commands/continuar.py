"""`/continuar`: continue the last reply from where it was cut."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.alternatives import BORROWED
from stream_core.chat.session.session import Session
from stream_core.core.continuation import can_continue


def _run(session: Session, argument: str) -> None:
    turns = session.conversation.turns
    if not turns:
        session.screen.note("Todavía no hay ninguna respuesta que continuar.")
    elif can_continue(turns[-1]):
        if len(turns) <= session.borrowed:
            session.screen.note(BORROWED)
        else:
            session.continue_reply()
    elif turns[-1].outcome == "complete":
        session.screen.note("La última respuesta está completa. Si quieres más, pídeselo a Claude.")
    elif turns[-1].outcome == "refused":
        session.screen.note("Claude no quiso responder a eso: prueba a plantearlo de otra forma.")
    else:
        session.screen.note("De la última respuesta no llegó texto: «/reintentar» repite la pregunta.")


COMMAND = Command(
    name="continuar",
    summary="sigue la última respuesta desde donde se quedó",
    usage=(
        "Sirve si la cancelaste, si se interrumpió o si llegó al máximo de tokens. Si no llegó "
        "texto, «/reintentar» repite la pregunta."
    ),
    brief="sigue una respuesta a medias",
    everyday=True,
    run=_run,
    order=20,
    bare=False,
    known_as=("continue",),
    related=("seguir", "sigue", "continua", "proseguir", "go"),
)
