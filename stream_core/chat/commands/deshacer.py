"""`/deshacer`: remove the last turn."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.alternatives import BORROWED
from stream_core.chat.session.session import Session
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    undone = session.undo()
    if undone is None and session.borrowed:
        session.screen.note(BORROWED)
        return
    if undone is None:
        session.screen.note("No hay ningún turno que deshacer.")
        return
    session.screen.note(f"Quité el último turno: «{one_line(undone.question, 60)}».")


COMMAND = Command(
    name="deshacer",
    summary="quita el último turno, también de lo guardado",
    brief="quita el último turno",
    run=_run,
    order=22,
    bare=False,
    known_as=("undo", "rewind"),
    related=("atras", "quitar", "revertir", "retroceder"),
)
