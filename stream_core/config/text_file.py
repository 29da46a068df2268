"""Reading a text file of the user that the program acts on; a Spanish sentence if it cannot be trusted."""

from __future__ import annotations

from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.files.trusted import Distrusted, NotReadable, read_trusted


def read_obeyed(file: Path, limit: int) -> str | None:
    """Return the text of a UTF-8 file with `\\n` as its line ends, or None if it does not exist.

    Args:
        limit: bytes that it may have.

    Raises:
        ConfigError: it cannot be read, other users may have written it, or it is not UTF-8.
    """
    shown = one_line(str(file), 200)
    try:
        return read_trusted(file, limit).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except NotReadable as found:
        raise ConfigError(f"No se puede leer {shown}: {found}.") from None
    except Distrusted as found:
        raise ConfigError(f"{shown} {found.why} y no lo uso: {found.remedy}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown} no está en UTF-8. Guárdalo de nuevo con esa codificación.") from None
    except (OSError, ValueError) as problem:  # ValueError: a null character in the path
        why = "no tienes permiso" if isinstance(problem, PermissionError) else "no es un archivo legible"
        raise ConfigError(f"No se puede leer {shown}: {why}.") from None
