"""What the chat remembers of a person's choices: a small JSON object in the user's configuration directory.

It is read once and changed key by key, so that the keys of other versions stay. Reading changes nothing; what
cannot be understood is put aside when there is something to write, and never thrown away.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .sanitize import one_line
from .texts import why_not

NAME = "preferences.json"
_MOST = 64 * 1024  # bytes; what is larger is not ours
_NOT_KEPT = "El cambio vale hasta que salgas"


class _Unusable(Exception):
    """There is something, and it is not an object of JSON that can be read. Says why, in Spanish."""


def load(folder: Path | None) -> tuple[dict[str, Any], str]:
    """Read what is remembered in a folder.

    Returns:
        The values, and a Spanish sentence when there is a file that cannot be used, else "".
    """
    if folder is None:
        return {}, ""
    try:
        return _read(folder / NAME), ""
    except _Unusable as problem:
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
        except _Unusable as problem:
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
    try:
        raw = _bytes(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise _Unusable(f"no se puede leer ({_why(error)})") from None
    if len(raw) > _MOST:
        raise _Unusable("es demasiado grande")
    try:
        values = json.loads(raw.decode("utf-8-sig"))
        if not isinstance(values, dict):
            raise _Unusable("no se entiende: no es un objeto de JSON")
        _encoded(values)  # what is nested too deep to be written again is refused before it is needed
    except (ValueError, RecursionError):
        raise _Unusable("no se entiende: no es JSON") from None
    return values


def _bytes(file: Path) -> bytes:
    # Not blocking: a pipe in its place would wait for somebody to write.
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _Unusable("no es un archivo corriente")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(_MOST + 1)
    finally:
        os.close(handle)


def _encoded(values: Mapping[str, Any]) -> bytes:
    """A key a line, for those who look inside; what is of other versions takes no more room than before."""
    lines = (f"  {json.dumps(key)}: {json.dumps(values[key], separators=(',', ':'))}" for key in values)
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _write(folder: Path, values: dict[str, Any]) -> None:
    import tempfile

    data = _encoded(values)
    if len(data) > _MOST:
        raise OSError(errno.EFBIG, "")  # it would not be read again
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
