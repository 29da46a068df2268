"""`/conversaciones`: list the saved conversations page by page, or continue one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.saved.reopening import reopen
from stream_core.chat.saved.results import ResultList, ResultRow
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings

from ._conversation_choice import pick

MORE = "más"
PAGE = 10


def _run(session: Session, argument: str) -> None:
    if not argument:
        session.archive.results = ResultList()
        _list(session, "Todavía no hay conversaciones guardadas.")
    elif fold(argument) == fold(MORE):
        _list(session, "No hay más conversaciones.")
    elif picked := pick(session, argument):
        _open(session, picked)


def _list(session: Session, none: str) -> None:
    """Show the page after the one shown last; numbering continues from page to page."""
    before = session.archive.results.last
    page = session.from_archive(lambda store: store.conversations(limit=PAGE + 1, before=before))
    if page is None:
        return
    if not page:
        session.screen.note(none)
        return
    shown = page[:PAGE]
    results = session.archive.results if before is not None else ResultList()
    first = len(results.rows) + 1
    session.screen.conversations(shown, first=first, current=session.archive.conversation)
    results.rows += [ResultRow(summary.id) for summary in shown]
    results.last = shown[-1]
    session.archive.results = results
    more = " «/conversaciones más» muestra otras." if len(page) > PAGE else ""
    apart = (
        " Son las del modo práctica; las demás están aparte." if session.settings.connection.practice else ""
    )
    session.screen.note(f"Para seguir con una, escribe su número: «/abrir {first}».{more}{apart}")


def _open(session: Session, picked: ResultRow) -> None:
    reopened = session.from_archive(lambda store: (reopen(store, picked.conversation),))
    if reopened is None:
        return
    if reopened[0] is None:
        session.screen.warning("Esa conversación ya no está.")
        return
    session.reopen(reopened[0], picked.hit)


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else [(MORE, "la página siguiente")]


COMMAND = Command(
    name="conversaciones",
    summary="muestra las guardadas, o sigue con la de ese número",
    usage=(
        "«/conversaciones» muestra las últimas y «/conversaciones más», las siguientes. «/abrir "
        "1» sigue con la primera; también vale el principio de su id."
    ),
    brief="muestra y sigue las guardadas",
    everyday=True,
    run=_run,
    order=31,
    aliases=("abrir",),
    bare=False,
    argument="[n]",
    complete=_complete,
    known_as=("resume", "history", "chats", "sessions", "list", "load", "open"),
    related=(
        "historial",
        "historia",
        "conversacion",
        "sesion",
        "sesiones",
        "guardadas",
        "retomar",
        "reanudar",
        "cargar",
        "lista",
    ),
)
