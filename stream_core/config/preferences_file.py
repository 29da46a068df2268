"""The file of remembered choices: a small JSON object in the user's configuration directory.

It is read once and changed key by key, so that keys of other versions survive. Reading changes nothing; a
file that cannot be parsed is quarantined when there is something to write, and never deleted.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream_core.core.sanitize import one_line
from stream_core.files.private import replace_file
from stream_core.texts.file_errors_es import why_not

from .json_file import MOST, Unusable, read_object

NAME = "preferences.json"
_NOT_SAVED = "El cambio vale hasta que salgas"


def load(folder: Path | None) -> tuple[dict[str, Any], str]:
    """Read the remembered values in a folder.

    Returns:
        The values by option name, and a Spanish sentence if the file is unusable, else "".
    """
    if folder is None:
        return {}, ""
    try:
        return _read(folder / NAME), ""
    except Unusable as problem:
        return {}, f"{_shown(folder)} {problem}: lo dejo como está y sigo sin él."


def change(folder: Path | None, values: Mapping[str, Any]) -> str:
    """Remember these values, and forget those that are None. Other remembered values stay.

    The file is replaced atomically; a symbolic link in its place is replaced, not followed.

    Returns:
        A Spanish sentence if this failed or a file was quarantined or replaced, else "".
    """
    if folder is None:
        return f"{_NOT_SAVED}: no encuentro tu carpeta de configuración."
    note = ""
    try:
        try:
            before = _read(folder / NAME)
        except Unusable as problem:
            before, aside = {}, _quarantine(folder)
            note = f"{_shown(folder)} {problem}: quedó apartado como {aside}."
        after = {name: value for name, value in {**before, **values}.items() if value is not None}
        if after != before:
            note = note or _about_link(folder)
            _write(folder, after)
    except OSError as error:
        return f"{note} {_NOT_SAVED}: no se pudo guardar en {_shown(folder)} ({_why(error)}).".lstrip()
    return note


def _read(file: Path) -> dict[str, Any]:
    values = read_object(file)
    try:
        _encoded(values)  # nested too deep to be written again: refused now rather than later
    except (ValueError, RecursionError):
        raise Unusable("no es JSON, o no está entero") from None
    return values


def _encoded(values: Mapping[str, Any]) -> bytes:
    """Encode with one key per line for human readers; values of other versions stay compact."""
    lines = (f"  {json.dumps(key)}: {json.dumps(values[key], separators=(',', ':'))}" for key in values)
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _write(folder: Path, values: dict[str, Any]) -> None:
    data = _encoded(values)
    if len(data) > MOST:
        raise OSError(errno.EFBIG, "")  # `read_object` would refuse it
    replace_file(folder / NAME, data)


def _quarantine(folder: Path) -> str:
    """Rename the file to a free name, and return that."""
    names = (f"{NAME}.apartado{number}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    name = next(name for name in names if not os.path.lexists(folder / name))
    (folder / NAME).rename(folder / name)
    return name


def _about_link(folder: Path) -> str:
    if not (folder / NAME).is_symlink():
        return ""
    return f"{_shown(folder)} era un enlace: ahora es un archivo propio, y lo enlazado queda como estaba."


def _shown(folder: Path) -> str:
    return one_line(str(folder / NAME), 200)


def _why(error: OSError) -> str:
    return why_not(error, {errno.EFBIG: "ocuparía demasiado"})
