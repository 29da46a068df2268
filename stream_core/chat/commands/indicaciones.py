"""`/indicaciones`: show the system prompt, set another, or forget it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.layers import read_text
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.instructions import Instructions
from stream_core.core.sanitize import sanitize

_EDIT = "editar"
_NAME = "/indicaciones"


def _run(session: Session, argument: str) -> None:
    word = fold(argument)
    if not argument:
        _show(session)
    elif word == "no":
        had = bool(session.settings.instructions)
        session.instruct(Instructions())
        session.screen.note("Desde ahora, sin indicaciones." if had else "No había indicaciones.")
    elif word == _EDIT:
        _edit(session)
    else:
        _set(session, argument)


def _show(session: Session) -> None:
    settings, screen = session.settings, session.screen
    instructions = settings.instructions
    if not instructions:
        screen.note(
            f"No hay indicaciones. «{_NAME} Responde en verso» las pone, «{_NAME} @archivo» las lee de un "
            f"archivo y «{_NAME} {_EDIT}» deja escribir varias líneas."
        )
        return
    what = f"El rol «{instructions.role}»" if instructions.role else "Indicaciones"
    screen.note(f"{what} ({settings.origin.source('system')}):")
    for line in sanitize(instructions.text).split("\n"):
        screen.line(line)
    screen.note(f"«{_NAME} no» las quita; «{_NAME} {_EDIT}» las cambia.")


def _set(session: Session, text: str) -> None:
    try:
        found = Instructions(read_text(text, _NAME))
    except ConfigError as error:
        session.screen.warning(error.hint)
        return
    session.instruct(found)
    lines = found.text.count("\n") + 1
    of = "" if lines == 1 else f" ({lines} líneas)"
    session.screen.note(f"Desde ahora, con estas indicaciones{of}. Se guardan con la conversación.")


def _edit(session: Session) -> None:
    session.screen.note(
        "Escríbelas y pulsa Enter; Alt+Enter o Ctrl+J, otra línea; Ctrl+C las deja como están."
    )
    try:
        text = session.write_text(session.settings.instructions.text)
    except (KeyboardInterrupt, EOFError):
        session.screen.note("Las indicaciones quedan como estaban.")
        return
    if not text.strip():
        session.instruct(Instructions())
        session.screen.note("Desde ahora, sin indicaciones.")
    else:
        session.instruct(Instructions(text))
        session.screen.note("Desde ahora, con esas indicaciones. Se guardan con la conversación.")


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else (("no", "las quita"), (_EDIT, "escribe varias líneas"), ("@", "de un archivo"))


COMMAND = Command(
    name="indicaciones",
    summary="muestra las indicaciones de toda la conversación, o las cambia",
    usage=(
        "«/indicaciones Responde en verso» las pone, «/indicaciones @archivo» las lee de un "
        "archivo, «/indicaciones editar» deja escribir varias líneas y «/indicaciones no» las "
        "quita."
    ),
    brief="dice a Claude cómo responder",
    run=_run,
    order=54,
    bare=False,
    argument="[texto, @archivo, editar o no]",
    complete=_complete,
    known_as=("system", "prompt", "instructions"),
    related=("sistema", "instrucciones", "indicacion"),
)
