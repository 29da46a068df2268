"""`/deshacer`: the last turn, as if it had never been."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session import Session
from stream_core.conversation import Turn
from stream_core.sanitize import one_line
from stream_core.store.protocol import Store


def _run(session: Session, argument: str) -> None:
    turns = session.conversation.turns
    if not turns:
        session.screen.note("No hay ningún turno que deshacer.")
        return
    conversation, last = session.archive.conversation, turns[-1]
    if conversation is not None:
        undone = session.from_archive(lambda store: _undo(store, conversation, last))
        if undone is False:
            session.screen.warning(
                "La conversación guardada no acaba en ese turno (quizá siguió en otra terminal): "
                "lo quito de aquí, y allí queda."
            )
    turns.pop()
    if not turns:
        session.archive.go_on(None)
    session.screen.note(f"Quitado el último turno: «{one_line(last.question, 60)}».")


def _undo(store: Store, conversation: str, last: Turn) -> bool:
    """Forget the turn in the store, if it is the last there too: another terminal may have gone on."""
    stored: Turn | None = None
    for stored in store.turns(conversation):  # noqa: B007 -- only the last one is wanted
        pass
    if stored is None or (stored.question, stored.text) != (last.question, last.text):
        return False
    store.undo(conversation)
    return True


COMMAND = Command(
    name="deshacer",
    summary="quita el último turno, también de lo guardado",
    run=_run,
    order=32,
    bare=False,
)
