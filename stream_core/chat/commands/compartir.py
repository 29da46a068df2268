"""`/compartir`: let the team read this conversation, or no longer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.saved.reopening import summary_of
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.numbers import counted
from stream_core.store.alternatives import Alternative, alternative_of
from stream_core.store.protocol import SharedStore, Store

NO = "no"


def _run(session: Session, argument: str) -> None:
    shared = fold(argument) != NO
    if argument and shared:
        session.screen.warning("Se escribe «/compartir», o «/compartir no» para dejar de hacerlo.")
        return
    conversation = session.archive.conversation
    if conversation is None:
        session.screen.note("Todavía no hay nada que compartir: pregunta algo primero.")
        return
    answer = session.from_archive(lambda store: (_share(store, conversation, shared),))
    if answer is None:
        return
    if answer[0] is None:
        session.screen.note(
            "Esta conversación se guarda solo para ti. Se comparte en el almacén de un equipo "
            "(STREAM_CORE_STORE; docs/equipo.md lo explica)."
        )
    elif not answer[0]:
        session.screen.note(
            "Esta conversación es de otra persona: cuando preguntes algo, seguirás en una copia tuya."
        )
    elif shared:
        session.screen.note("Tu equipo ya puede leer esta conversación. Deja de hacerlo con «/compartir no».")
        if (own := _unread(session, conversation)) is not None:
            turns, base = counted(own.turn - 1, "turno", "turnos"), own.conversation
            session.screen.note(
                f"Lo que se dijo antes de su primera pregunta ({turns}) está en {base}, que sigue siendo "
                f"solo tuya: ábrela con «/abrir {base}» y compártela también si hace falta."
            )
    else:
        session.screen.note("Esta conversación vuelve a ser solo tuya.")


def _share(store: Store, conversation: str, shared: bool) -> bool | None:
    return store.share(conversation, shared) if isinstance(store, SharedStore) else None


def _unread(session: Session, conversation: str) -> Alternative | None:
    """Of an alternative, the nearest one whose turns before the question nobody else can read."""

    def look(store: Store) -> tuple[Alternative | None]:
        of_it = alternative_of(conversation)
        while of_it is not None and of_it.turn > 1:
            summary = summary_of(store, of_it.conversation)
            if summary is not None and not summary.shared and summary.owner is None:
                return (of_it,)
            of_it = alternative_of(of_it.conversation)
        return (None,)

    found = session.from_archive(look)
    return found[0] if found else None


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else [(NO, "dejar de compartirla")]


COMMAND = Command(
    name="compartir",
    summary="deja que tu equipo lea esta conversación",
    usage=(
        "Hace falta el almacén de un equipo (STREAM_CORE_STORE; docs/equipo.md lo explica). "
        "«/compartir no» deja de compartirla."
    ),
    brief="deja leerla a tu equipo",
    run=_run,
    order=36,
    bare=False,
    argument="[no]",
    complete=_complete,
    known_as=("share",),
    related=("publicar", "equipo", "mostrar"),
)
