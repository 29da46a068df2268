"""`/reintentar`: ask the last question again, replacing its turn."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.alternatives import BORROWED
from stream_core.chat.session.session import Session


def _run(session: Session, argument: str) -> None:
    turns = session.conversation.turns
    if not turns:
        session.screen.note("Todavía no hay ninguna pregunta que repetir.")
        return
    if len(turns) <= session.borrowed:
        session.screen.note(BORROWED)
        return
    question = turns[-1].content
    if turns[-1].text.strip() and not session.decisions.confirm(
        "Quitaré la respuesta que hay, también de lo guardado. ¿Pregunto otra vez?"
    ):
        session.screen.note("Todo queda como estaba.")
        return
    session.ask(question, again=True)


COMMAND = Command(
    name="reintentar",
    summary="repite la última pregunta y reemplaza su respuesta",
    brief="repite la última pregunta",
    everyday=True,
    run=_run,
    order=21,
    bare=False,
    known_as=("retry", "regenerate", "regen", "again"),
    related=("repetir", "otra", "rehacer", "regenerar"),
)
