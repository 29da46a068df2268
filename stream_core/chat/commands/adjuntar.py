"""`/adjuntar`: send files with the next message."""

from __future__ import annotations

import shlex

from stream_core.chat.attached.finding import exists
from stream_core.chat.commands import Command
from stream_core.chat.session.attaching import attach, tell_waiting
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold

_NONE = ("no", "nada", "ninguno")


def _run(session: Session, argument: str) -> None:
    if not argument.strip():
        tell_waiting(session)
    elif fold(argument.strip()) in _NONE and not exists(argument.strip()):
        session.tray.clear()
        session.screen.note("Tu próximo mensaje va sin adjuntos.")
    else:
        for typed in _paths(argument.strip()):
            attach(session, typed)


def _paths(argument: str) -> list[str]:
    """The paths of a line: the whole of it if that exists, else its words, in quotes or with backslashes."""
    if exists(argument):
        return [argument]
    try:
        return [word.removeprefix("@") if not exists(word) else word for word in shlex.split(argument)]
    except ValueError:  # a quote without its end
        return [argument]


COMMAND = Command(
    name="adjuntar",
    summary="manda archivos con tu próximo mensaje: textos, PDF o imágenes",
    usage=(
        "«/adjuntar foto.png» lo manda con tu próximo mensaje, «/adjuntar» muestra lo que va con "
        "él y «/adjuntar no» lo quita. Dentro de un mensaje basta @foto.png, y también puedes "
        "soltar el archivo sobre la terminal."
    ),
    brief="manda archivos o imágenes",
    run=_run,
    order=26,
    bare=False,
    argument="[archivo o no]",
    paths=True,
    known_as=("attach", "file", "add", "image", "upload"),
    related=("archivo", "fichero", "imagen", "foto", "documento", "subir", "pdf", "read", "leer", "drop"),
)
