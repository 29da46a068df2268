"""The locations of all files that the program writes or reads, for `--where`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from stream_core.chat.debug.file import log_folder
from stream_core.chat.input.history import NAME as HISTORY
from stream_core.chat.reply.answer_cache import cache_folder
from stream_core.chat.saved.part_answers import FOLDER as PARTS
from stream_core.chat.saved.place import ATTACHED, store_folder
from stream_core.config.program import APP
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line
from stream_core.files.uploads import NAME as UPLOADS
from stream_core.store.protocol import FOLDER


def places(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each kind of file and its location, with a note if it does not exist yet."""
    kept, data = _store(settings, practice=False), settings.paths.data_dir
    files = [
        ("Conversaciones", kept),
        ("Archivos adjuntos", kept / ATTACHED if kept is not None else None),
        ("Conversaciones de práctica", _store(settings, practice=True)),
        ("Lo que tecleas", data / HISTORY if data is not None else None),
        ("Partes de --chunked", data / PARTS if data is not None else None),
        ("Lo subido al servidor", data / UPLOADS if data is not None else None),
        ("Configuración", settings.paths.config_file),
        ("Roles", settings.paths.roles_dir),
        ("Lo elegido en el chat", settings.paths.preferences_file),
        ("Modelos y precios", settings.paths.models_file),
        ("Registros de --debug", log_folder(settings)),
        ("Respuestas de --cache", cache_folder(settings)),
        *(
            ("Tu clave (.env)" if file == settings.paths.key_file else "Otro .env que se lee", file)
            for file in settings.paths.env_files
        ),
    ]
    if settings.paths.team_store is not None:
        yield "Conversaciones del equipo", _without_password(settings.paths.team_store)
    for what, file in files:
        yield what, _shown(file)
    if ours := [folder for folder in (data, settings.paths.config_dir) if _is_ours(folder)]:
        shown = " y ".join(one_line(str(folder), 4096) for folder in ours)
        yield "Para quitarlo todo", f"desinstala {APP} (con pip, pipx o uv tool) y borra {shown}"


def _is_ours(folder: Path | None) -> bool:
    """Whether a folder is there, and nothing else is kept in it: one that the user named may hold more."""
    return folder is not None and folder.name == APP and folder.is_dir()


def _store(settings: Settings, *, practice: bool) -> Path | None:
    folder = store_folder(replace(settings, connection=replace(settings.connection, practice=practice)))
    return folder / FOLDER if folder is not None else None


def _shown(file: Path | None) -> str:
    if file is None:
        return "en ningún sitio: no encuentro tu carpeta"
    shown = one_line(str(file.absolute()), 4096)
    return shown if file.exists() else f"{shown} (aún no existe)"


def _without_password(url: str) -> str:
    """The server and the database of a URL."""
    parts = urlsplit(url)
    return one_line(f"{parts.hostname or 'localhost'}{parts.path}", 200)
