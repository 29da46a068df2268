"""The file that a person names to be written, and whether it is there already."""

from __future__ import annotations

import stat
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.texts.file_errors_es import why_not_written


def chosen_file(typed: str, name: str) -> Path:
    """The file to write: in the current folder, in the given folder, or with the given name.

    Args:
        typed: what the person typed, or "".
        name: its name where the person typed none.

    Raises:
        ConfigError: what was typed cannot be a name.
    """
    bare = typed[1:-1] if len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "\"'" else typed
    try:
        file = (Path(bare).expanduser() if bare else Path()).resolve()
        return file / name if file.is_dir() else file
    except (OSError, RuntimeError, ValueError):  # no such home, a loop of links, an invalid character
        raise ConfigError(f"«{one_line(typed, 80)}» no sirve como nombre de archivo.") from None


def is_taken(file: Path) -> bool:
    """Whether the file exists; anything but a regular file must not be replaced.

    Raises:
        ConfigError: it is something else, or cannot be looked at.
    """
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigError(
            f"No se pudo escribir {one_line(str(file), 300)}: {why_not_written(error)}."
        ) from None
    if not stat.S_ISREG(mode):
        raise ConfigError(f"{one_line(str(file), 300)} no es un archivo corriente: no lo toco.")
    return True
