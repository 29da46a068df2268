"""`exit`: leave the chat."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session


def _run(session: Session, argument: str) -> None:
    session.leaving = True


COMMAND = Command(
    name="exit",
    summary="sale del programa",
    usage=("También salen Ctrl+D y dos Ctrl+C seguidos. Al salir dice cómo volver a la conversación."),
    brief="sale del programa",
    everyday=True,
    run=_run,
    order=12,
    aliases=("salir",),
    known_as=("quit", "q", "bye"),
    related=("cerrar", "adios", "terminar", "fin", "logout", "close"),
)
