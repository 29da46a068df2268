"""`/buscar`: search the saved conversations, best matches first."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.saved.results import ResultList, ResultRow
from stream_core.chat.session.session import Session
from stream_core.core.sanitize import one_line

MOST = 20


def _run(session: Session, argument: str) -> None:
    if not argument:
        session.screen.note("Escribe qué buscar: «/buscar robot». Las tildes y las mayúsculas no importan.")
        return
    hits = session.from_archive(lambda store: store.search(argument, limit=MOST))
    if hits is None:
        return
    if not hits:
        session.screen.note(f"No encuentro «{one_line(argument, 60)}» en lo guardado.")
        return
    session.archive.results = ResultList([ResultRow(hit.place.conversation, hit) for hit in hits])
    session.screen.hits(hits)
    best = f"Son las {MOST} mejores; añade otra palabra para afinar. " if len(hits) == MOST else ""
    session.screen.note(f"{best}Para seguir con una, escribe su número: «/abrir 1».")


COMMAND = Command(
    name="buscar",
    summary="busca en todo lo guardado, sin distinguir tildes ni mayúsculas",
    usage=(
        "Escribe qué buscar: «/buscar robot». Para seguir con una conversación, escribe su "
        "número: «/abrir 1»."
    ),
    brief="busca en lo guardado",
    everyday=True,
    run=_run,
    order=32,
    bare=False,
    argument="texto",
    known_as=("search", "find"),
    related=("encontrar", "grep", "localizar"),
)
