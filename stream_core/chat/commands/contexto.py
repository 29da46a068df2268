"""`contexto`: show the whole conversation, with the outcome of each reply."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session


def _run(session: Session, argument: str) -> None:
    session.screen.context(
        session.conversation.turns,
        practice=session.settings.connection.practice,
        recorded=bool(session.settings.wire.replay),
    )


COMMAND = Command(
    name="contexto",
    summary="muestra todo lo dicho y cómo acabó cada respuesta",
    brief="muestra todo lo dicho",
    run=_run,
    order=24,
    known_as=("context",),
    related=("transcripcion", "mensajes", "messages", "dicho", "log", "compact", "summarize"),
)
