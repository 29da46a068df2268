"""`/titulo`: show the title of the conversation, or give it another."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.saved.reopening import summary_of
from stream_core.chat.session.session import Session
from stream_core.core.sanitize import one_line
from stream_core.store.protocol import TITLE


def _run(session: Session, argument: str) -> None:
    conversation = session.archive.conversation
    if conversation is None:
        session.screen.note("Todavía no hay ninguna conversación guardada a la que dar título.")
        return
    from stream_core.terminal.pages.lists import title_of  # not for every message

    title = one_line(argument, TITLE)
    if not title:
        found = session.from_archive(lambda store: (summary_of(store, conversation),))
        if found and found[0] is not None:
            session.screen.note(f"Título: «{title_of(found[0].title)}». Con «/titulo otro» lo cambias.")
        return
    renamed = session.from_archive(lambda store: (store.rename(conversation, title),))
    if renamed is None:
        return
    if renamed[0]:
        session.screen.note(f"Ahora se llama «{title_of(title)}».")
    else:
        session.screen.warning("Esa conversación ya no está, o no es tuya.")


COMMAND = Command(
    name="titulo",
    summary="muestra el título de la conversación, o lo cambia",
    usage=("«/titulo» lo muestra y «/titulo Otro nombre» lo cambia."),
    brief="cambia el título",
    run=_run,
    order=33,
    bare=False,
    argument="[texto]",
    known_as=("title", "rename"),
    related=("renombrar", "nombre", "llamar"),
)
