"""Resolve a typed path to files: one, those of a folder, or those of a pattern such as `*.py`."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from stream_core.core.mentions import as_path
from stream_core.files.attaching import NotAttachable
from stream_core.tools.confined_folder import is_private

_MOST_FILES = 200
_ONLY_SECRETS = "solo tiene archivos ocultos o que parecen secretos; si quieres uno, nómbralo"
_MOST_SEEN = 20_000  # entries of folders that are looked at


class Found(NamedTuple):
    """The files that a path means.

    Attributes:
        files: their paths, sorted; at least one.
        size: their bytes together.
        several: whether a folder or a pattern was typed, which a person should confirm.
        secrets: names that were left out of several, because they look like secrets; sorted.
    """

    files: tuple[Path, ...]
    size: int = 0
    several: bool = False
    secrets: tuple[str, ...] = ()


def exists(typed: str) -> bool:
    """Whether a typed path names something that exists."""
    try:
        return os.path.lexists(Path(as_path(typed)).expanduser())
    except (OSError, RuntimeError, ValueError):
        return False


def find(typed: str) -> Found:
    """Find the files that a path, a folder, a pattern or a `file://` URL means.

    Raises:
        NotAttachable: there is none, or too many.
    """
    if why := _no_path(typed):
        raise NotAttachable(why)
    try:
        path = Path(as_path(typed)).expanduser()
        if path.is_dir():
            return _several(_within(path), "es una carpeta sin archivos que se puedan adjuntar")
        if not path.exists() and glob.has_magic(str(path)):
            matches = islice(Path(path.anchor or ".").glob(_pattern(path)), _MOST_SEEN)
            return _several(matches, "no coincide con ningún archivo")
    except (OSError, RuntimeError, ValueError):
        raise NotAttachable("no es un nombre de archivo") from None
    return Found((path,))


def _no_path(typed: str) -> str:
    """Why a text is no path at all, as a predicate in Spanish; "" if it may be one."""
    if not typed.strip():
        return "falta el nombre del archivo"
    if typed == "-" and not exists(typed):
        return "lo que llega por la tubería ya va con la pregunta, sin nombrarlo"
    if re.match("https?://", typed, re.IGNORECASE):
        return "es una dirección de internet: descarga el archivo y adjunta la copia"
    return ""


def _pattern(path: Path) -> str:
    """The pattern below its root or the current folder."""
    return str(path.relative_to(path.anchor)) if path.anchor else str(path)


def _within(folder: Path) -> Iterator[Path]:
    """The files of a folder and those below it, but for those in hidden folders."""
    seen = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            seen += 1
            if seen > _MOST_SEEN:
                return
            yield Path(parent, name)


def _several(paths: Iterator[Path], none: str) -> Found:
    files, size, secrets = list[Path](), 0, set[str]()
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode) and is_private(path.name):
            secrets.add(path.name)
        elif stat.S_ISREG(found.st_mode):
            files.append(path)
            size += found.st_size
        if len(files) > _MOST_FILES:
            raise NotAttachable(f"son más de {_MOST_FILES} archivos: elige menos")
    if not files:
        raise NotAttachable(_ONLY_SECRETS if secrets else none)
    return Found(tuple(sorted(files)), size, several=True, secrets=tuple(sorted(secrets)))
