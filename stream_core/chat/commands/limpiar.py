"""`limpiar`: a new conversation."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session import Session


def _run(session: Session, argument: str) -> None:
    session.conversation.clear()
    session.screen.note("Conversación nueva: lo anterior ya no se enviará. Las estadísticas siguen.")


COMMAND = Command(name="limpiar", summary="empezar una conversación nueva", run=_run, order=40)
