"""`limpiar`: start a new conversation."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session


def _run(session: Session, argument: str) -> None:
    kept = session.archive.safe
    session.begin_anew()
    before = "La de antes queda guardada: «/conversaciones» la muestra." if kept else ""
    session.screen.note(
        f"Conversación nueva: lo anterior ya no se enviará. Las estadísticas siguen. {before}".rstrip()
    )


COMMAND = Command(
    name="limpiar",
    summary="empieza una conversación nueva",
    usage=("Lo anterior ya no se envía. Si se guarda, «/conversaciones» lo muestra."),
    brief="empieza otra conversación",
    everyday=True,
    run=_run,
    order=30,
    known_as=("clear", "new", "reset"),
    related=("nueva", "nuevo", "vaciar", "empezar", "reiniciar", "limpia", "olvidar", "cls", "clean"),
)
