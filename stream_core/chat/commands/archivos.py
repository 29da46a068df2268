"""`/archivos`: the files that the server has, because they were too large to go in each request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stream_core.chat.attached.uploading import upload_limit
from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import NoFiles, StreamCoreError
from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line
from stream_core.texts.attachments_es import size_words

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.sdk.uploads import ServerFile

_DELETE, _ALL = "borrar", "todo"


def _run(session: Session, argument: str) -> None:
    words = fold(argument).split()
    if words and (words[0] != _DELETE or len(words) != 2):
        session.screen.warning(
            f"«{one_line(argument, 40)}» no sirve: «/archivos» los muestra, y «/archivos {_DELETE} 2» o "
            f"«/archivos {_DELETE} {_ALL}» los borra del servidor."
        )
        return
    client = session.client()
    if client is None:
        return
    try:
        if words:
            _delete(session, client, words[1])
        else:
            _show(session, client)
    except KeyboardInterrupt:
        session.screen.note("Cancelado.")
    except NoFiles:
        session.screen.note("Este servidor no guarda archivos: lo adjunto va en cada petición.")
    except StreamCoreError as error:
        from stream_core.texts.errors_es import explain

        session.screen.fault(explain(error, in_chat=True))


def _show(session: Session, client: AsyncAnthropic) -> None:
    files = _fetched(session, client)
    if not files:
        most = upload_limit(session.settings)
        when = f" Los de más de {number(most)} MB se suben una sola vez." if most else ""
        session.screen.note(f"El servidor no guarda ningún archivo tuyo.{when}")
        return
    ours = {each.file_id for each in session.uploads.record(session.settings).files()}
    session.screen.commands(
        (str(at), _row(each, ours=each.file_id in ours)) for at, each in enumerate(files, 1)
    )
    session.screen.note(f"«/archivos {_DELETE} 1» borra uno del servidor; lo guardado en tu equipo se queda.")


def _delete(session: Session, client: AsyncAnthropic, which: str) -> None:
    record = session.uploads.record(session.settings)
    if which == _ALL:
        ours = {each.file_id for each in record.files()}
        chosen = [each for each in _fetched(session, client) if each.file_id in ours]
    else:
        shown = session.uploads.shown or _fetched(session, client)
        place = int(which[:6]) if which.isascii() and which.isdigit() else 0
        if not 0 < place <= len(shown):
            session.screen.warning(f"En la lista no hay ningún «{one_line(which, 20)}».")
            return
        chosen = [shown[place - 1]]
    if not chosen:
        session.screen.note("No hay nada que borrar: desde este equipo no se subió ningún archivo.")
        return
    what = f"«{_name(chosen[0])}»" if len(chosen) == 1 else counted(len(chosen), "archivo", "archivos")
    if not session.decisions.confirm(f"¿Borro {what} del servidor?"):
        session.screen.note("No se borró nada.")
        return
    from stream_core.sdk.uploads import delete_file
    from stream_core.streaming.event_loop import submit

    for each in chosen:
        session.account.wait_for(submit(delete_file(client, each.file_id)), "Borrando…")
        record.forget(each.file_id)
    session.uploads.shown = ()
    session.screen.note("Borrado del servidor. Si hace falta otra vez, se sube de nuevo.")


def _fetched(session: Session, client: AsyncAnthropic) -> Sequence[ServerFile]:
    from stream_core.sdk.uploads import list_files
    from stream_core.streaming.event_loop import submit

    files = session.account.wait_for(submit(list_files(client)), "Pidiendo la lista de archivos…")
    session.uploads.shown = tuple(files)
    return session.uploads.shown


def _row(file: ServerFile, *, ours: bool) -> str:
    size = size_words(file.size) if file.size is not None else ""
    created = f"subido el {file.created:%d/%m/%Y}" if file.created is not None else ""
    expires = f"se borra solo el {file.expires:%d/%m/%Y}" if file.expires is not None else ""
    whose = "" if ours else "no lo subió este equipo"
    return ", ".join(filter(None, [_name(file), size, created, expires, whose]))


def _name(file: ServerFile) -> str:
    return one_line(file.name, 60) or one_line(file.file_id, 60)


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    if not before:
        return [(_DELETE, "uno por su número, o todo")]
    return [(_ALL, "lo que subió este equipo")] if fold(before[0]) == _DELETE and len(before) == 1 else ()


COMMAND = Command(
    name="archivos",
    summary="muestra los archivos grandes subidos al servidor, o los borra",
    usage=(
        "«/archivos» los muestra, «/archivos borrar 2» borra uno del servidor y «/archivos "
        "borrar todo», los que subió este equipo. Lo guardado en tu equipo se queda."
    ),
    brief="muestra lo subido al servidor",
    run=_run,
    order=27,
    bare=False,
    argument=f"[{_DELETE} n o {_ALL}]",
    complete=_complete,
    known_as=("uploads",),
    related=("subidos", "subida", "ficheros"),
)
