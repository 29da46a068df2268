"""`/borrar`: delete a conversation permanently."""

from __future__ import annotations

from collections.abc import Mapping

from stream_core.chat.commands import Command
from stream_core.chat.saved.reopening import summary_of
from stream_core.chat.saved.results import ResultRow
from stream_core.chat.session.session import Session
from stream_core.core.numbers import counted
from stream_core.store.alternatives import alternative_of, whole
from stream_core.store.protocol import Store

from ._conversation_choice import pick


def _run(session: Session, argument: str) -> None:
    if argument:
        picked = pick(session, argument)
        if picked is not None:
            _kept(session, picked)
    elif (current := session.archive.conversation) is not None:
        _kept(session, ResultRow(current))
    elif session.conversation.turns:
        _unkept(session)
    else:
        session.screen.note("No hay conversación que borrar.")


def _kept(session: Session, picked: ResultRow) -> None:
    conversation = picked.conversation
    found = session.from_archive(lambda store: (summary_of(store, conversation), _apart(store, conversation)))
    if found is None:
        return
    if found[0] is None:
        if conversation == session.archive.conversation:
            _unkept(session)
        else:
            session.screen.warning("Esa conversación ya no está.")
        return
    from stream_core.terminal.pages.lists import title_of  # not for every message

    of_it, own = alternative_of(conversation), counted(found[0].turns, "turno", "turnos")
    which = f"{own} de la alternativa {of_it.answer}" if of_it is not None else own
    described = f"«{title_of(found[0].title)}» ({which})"
    if found[1]:
        described += f" y {_alternatives(found[1])}"
    if not session.decisions.confirm(f"¿Borro {described}? No se podrá recuperar."):
        session.screen.note("No se borró nada.")
        return
    if not session.delete(conversation):
        return
    if session.archive.conversation in (conversation, *found[1]):
        session.begin_anew()
    session.screen.note("Borrada.")


def _apart(store: Store, conversation: str) -> dict[str, int]:
    """The number of turns of each alternative that is deleted with a conversation."""
    _, *others = whole(store, conversation)
    return {each: sum(1 for _ in store.turns(each)) for each in others}


def _alternatives(turns: Mapping[str, int]) -> str:
    words = "su alternativa" if len(turns) == 1 else f"sus {len(turns)} alternativas"
    continued = sum(count > 1 for count in turns.values())
    if not continued:
        return words
    return f"{words} ({'con ella' if len(turns) == 1 else f'con {continued}'} seguiste hablando)"


def _unkept(session: Session) -> None:
    """Delete a conversation that exists only in memory."""
    if session.decisions.confirm("¿Borro esta conversación? No está guardada y no se podrá recuperar."):
        session.begin_anew()
        session.screen.note("Borrada.")
    else:
        session.screen.note("No se borró nada.")


COMMAND = Command(
    name="borrar",
    summary="borra esta conversación o la de ese número, si lo confirmas",
    usage=(
        "«/borrar» borra la que está abierta y «/borrar 2», la segunda de la última lista. Antes pregunta."
    ),
    brief="borra una conversación",
    run=_run,
    order=35,
    bare=False,
    argument="[n]",
    known_as=("delete", "rm"),
    related=("eliminar", "suprimir", "remove", "tirar"),
)
