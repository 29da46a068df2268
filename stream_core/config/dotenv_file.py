"""Reading one `.env` file."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.files.trusted import Distrusted, NotReadable, read_trusted

_MAX_BYTES = 1 << 20  # bytes


def read_env(file: Path) -> dict[str, str]:
    """Return the values of a `.env` file; none if it does not exist.

    Raises:
        ConfigError: it cannot be read, other users may have written it, or a line cannot be parsed.
    """
    from dotenv.parser import parse_stream

    shown = one_line(str(file), 200)
    values: dict[str, str] = {}
    try:
        text = read_trusted(file, _MAX_BYTES).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        for binding in parse_stream(StringIO(text)):
            if binding.error or not _settable(binding.key, binding.value):
                blank = len(binding.original.string) - len(binding.original.string.lstrip("\n"))
                line = binding.original.line + blank
                raise ConfigError(f"En {shown}, línea {line}: no se entiende; va NOMBRE=valor.")
            if binding.key and binding.value:
                values[binding.key] = binding.value
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except NotReadable as found:
        raise ConfigError(f"No se puede leer {shown}: {found}.") from None
    except Distrusted as found:
        raise ConfigError(f"{shown} {found.why} y no lo obedezco: {found.remedy}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown} no está en UTF-8. Guárdalo de nuevo con esa codificación.") from None
    except OSError as problem:
        why = "no tienes permiso" if isinstance(problem, PermissionError) else "no es un archivo legible"
        raise ConfigError(f"No se puede leer {shown}: {why}.") from None
    return values


def _settable(name: str | None, value: str | None) -> bool:
    """Whether the operating system accepts this as an environment variable."""
    return "\0" not in f"{name}{value}" and "=" not in (name or "")
