"""`/herramientas`: list the tools, and turn one on or off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import yes_or_no
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    try:
        entries = session.tools.entries
    except ConfigError as error:
        session.screen.warning(error.hint)
        return
    name, _, word = argument.partition(" ")
    if not argument:
        rows = (
            (entry.name, "sí" if entry.on else "no", _described(entry.summary, entry.asks))
            for entry in entries
        )
        session.screen.appearance(rows)
        session.screen.note(f"«/herramientas calculate no» apaga una, y «sí» la enciende. {_files(session)}")
        return
    found = next((entry for entry in entries if entry.name == name), None)
    wanted = yes_or_no(word.strip()) if word.strip() else found is not None and not found.on
    if found is None:
        session.screen.warning(
            f"No hay ninguna herramienta «{one_line(name, 40)}». «/herramientas» las muestra."
        )
    elif wanted is None:
        session.screen.warning(f"«{one_line(word, 40)}» no sirve: puede ser sí o no.")
    else:
        found.on = bool(wanted)
        session.tools.changed = True
        session.screen.note(f"«{found.name}» está {'encendida' if found.on else 'apagada'}.")


def _files(session: Session) -> str:
    """How Claude gets to read files, and how the question for permission is seen."""
    if session.settings.tools.folder is None:
        return "Para que pueda leer archivos, si le das permiso, abre el chat con «--files carpeta»."
    return "«Lista la carpeta» hace que te pida permiso."


def _described(summary: str, asks: bool) -> str:
    return f"{summary}; te pregunta antes" if asks else summary


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    from stream_core.chat.reply.toolset import names

    if len(before) == 1:
        return (("sí", ""), ("no", ""))
    return () if before else ((name, "") for name in names(settings))


COMMAND = Command(
    name="herramientas",
    summary="muestra las herramientas de Claude y las enciende o apaga",
    usage=(
        "«/herramientas» las muestra, «/herramientas calculate no» apaga una y «/herramientas "
        "calculate sí» la enciende. Con «--files carpeta», «Lista la carpeta» hace que pida permiso."
    ),
    brief="las enciende o las apaga",
    run=_run,
    order=53,
    bare=False,
    argument="[nombre] [sí o no]",
    complete=_complete,
    known_as=("tools", "mcp"),
    related=("herramienta", "tool", "funciones", "functions", "web", "internet"),
)
