"""`/exportar`: write the conversation to a file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from stream_core.chat.commands import Command
from stream_core.chat.saved.atomic_write import write_whole
from stream_core.chat.saved.chosen_file import chosen_file, is_taken
from stream_core.chat.saved.exported import Exported, file_name
from stream_core.chat.saved.reopening import summary_of
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.texts.file_errors_es import why_not_written


def _run(session: Session, argument: str) -> None:
    if not session.conversation.turns:
        session.screen.note("Todavía no hay conversación que exportar.")
        return
    from stream_core.chat.saved.export import FORMATS  # not for every message: it has all of the Markdown

    try:
        form, typed = _form(argument)
        exported = _exported(session)
        file = chosen_file(typed, file_name(exported, form))
        replace = is_taken(file)
    except ConfigError as error:
        session.screen.warning(error.hint)
        return
    shown = one_line(str(file), 300)
    if replace and not session.decisions.confirm(f"{shown} ya existe. ¿Lo reemplazo?"):
        session.screen.note("No se exportó nada.")
        return
    try:
        write_whole(file, FORMATS[form].write(exported), replace=replace)
    except FileExistsError:
        session.screen.warning(f"{shown} acaba de aparecer: no lo toco. Prueba otra vez.")
    except OSError as error:
        session.screen.warning(f"No se pudo escribir {shown}: {why_not_written(error)}.")
    else:
        session.screen.note(f"Exportada a {shown}.")


def _form(argument: str) -> tuple[str, str]:
    """Split the argument into a format and a path; either may be missing."""
    from stream_core.chat.saved.export import FORMATS

    word, _, rest = argument.partition(" ")
    if not argument:
        return "md", ""
    if fold(word) in FORMATS:
        return fold(word), rest.strip()
    suffix = Path(argument).suffix.removeprefix(".").lower()
    if suffix in FORMATS:
        return suffix, argument
    *others, last = FORMATS
    raise ConfigError(f"«{one_line(word, 40)}» no es un formato. Puede ser {', '.join(others)} o {last}.")


def _exported(session: Session) -> Exported:
    """The open conversation; its start is known only if it is saved."""
    archive, summary = session.archive, None
    conversation = archive.conversation
    if conversation is not None:
        found = session.from_archive(lambda store: (summary_of(store, conversation),))
        summary = found[0] if found else None
    begun = summary.created if summary is not None else time.time()
    turns = tuple(session.conversation.turns)
    settings = session.settings
    return Exported(
        conversation,
        begun,
        turns,
        practice=settings.connection.practice,
        prices=settings.priced,
        name=summary.title if summary is not None else "",
        recorded=bool(settings.wire.replay),
    )


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    from stream_core.chat.saved.export import FORMATS

    return () if before else [(name, form.summary) for name, form in FORMATS.items()]


COMMAND = Command(
    name="exportar",
    summary="guarda la conversación en un archivo; sin ruta, en esta carpeta",
    usage=(
        "«/exportar» la guarda en Markdown; «/exportar html» o «/exportar json», en otro "
        "formato; «/exportar html ~/notas/robots.html», donde digas."
    ),
    brief="guarda en md, html o json",
    run=_run,
    order=34,
    bare=False,
    argument="[md, json o html] [ruta]",
    complete=_complete,
    known_as=("export", "save"),
    related=("guardar", "descargar", "archivo", "fichero", "html", "markdown", "json", "download"),
)
