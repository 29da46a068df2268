"""What the chat remembers of a person's choices: a small JSON object in the user's configuration directory.

It is read once and changed key by key, so that the keys of other versions stay. Reading changes nothing; what
cannot be understood is put aside when there is something to write, and never thrown away.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from stream_core.core.sanitize import one_line
from stream_core.files.private import make_folders
from stream_core.texts.errors_es import why_not

from .json_file import MOST, Unusable, read_object

NAME = "preferences.json"
_NOT_KEPT = "El cambio vale hasta que salgas"


def load(folder: Path | None) -> tuple[dict[str, Any], str]:
    """Read what is remembered in a folder.

    Returns:
        The values, and a Spanish sentence when there is a file that cannot be used, else "".
    """
    if folder is None:
        return {}, ""
    try:
        return _read(folder / NAME), ""
    except Unusable as problem:
        return {}, f"{_shown(folder)} {problem}: lo dejo como está y sigo sin él."


def change(folder: Path | None, values: Mapping[str, Any]) -> str:
    """Remember these values, or forget those that are None. Everything else that is remembered stays.

    The file is replaced as a whole, so that nobody sees half of it; a link in its place is replaced, not
    followed.

    Returns:
        A Spanish sentence when it could not be done or something else is worth telling, else "".
    """
    if folder is None:
        return f"{_NOT_KEPT}: no encuentro tu carpeta de configuración."
    told = ""
    try:
        try:
            before = _read(folder / NAME)
        except Unusable as problem:
            before, aside = {}, _put_aside(folder)
            told = f"{_shown(folder)} {problem}: lo he apartado como {aside}."
        after = {name: value for name, value in {**before, **values}.items() if value is not None}
        if after != before:
            told = told or _about_link(folder)
            _write(folder, after)
    except OSError as error:
        return f"{told} {_NOT_KEPT}: no se pudo guardar en {_shown(folder)} ({_why(error)}).".lstrip()
    return told


def _read(file: Path) -> dict[str, Any]:
    values = read_object(file)
    try:
        _encoded(values)  # what is nested too deep to be written again is refused before it is needed
    except (ValueError, RecursionError):
        raise Unusable("no es JSON, o no está entero") from None
    return values


def _encoded(values: Mapping[str, Any]) -> bytes:
    """A key a line, for those who look inside; what is of other versions takes no more room than before."""
    lines = (f"  {json.dumps(key)}: {json.dumps(values[key], separators=(',', ':'))}" for key in values)
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _write(folder: Path, values: dict[str, Any]) -> None:
    import tempfile

    data = _encoded(values)
    if len(data) > MOST:
        raise OSError(errno.EFBIG, "")  # it would not be read again
    make_folders(folder)
    handle, name = tempfile.mkstemp(prefix=f".{NAME}.", dir=folder)  # for its owner only
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(handle)
        temporary.replace(folder / NAME)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _put_aside(folder: Path) -> str:
    """Rename what is there, over nothing else; give its new name."""
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
