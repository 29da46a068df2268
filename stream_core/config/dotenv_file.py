"""Reading one `.env` file."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from io import StringIO
from pathlib import Path

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .text_file import read_obeyed

_MAX_BYTES = 1 << 20  # bytes


def read_env(file: Path) -> dict[str, str]:
    """Return the values of a `.env` file; none if it does not exist.

    Raises:
        ConfigError: it cannot be read, other users may have written it, or a line cannot be parsed.
    """
    text = read_obeyed(file, _MAX_BYTES)
    if not text:
        return {}
    from dotenv.parser import parse_stream  # most people have no such file

    shown = one_line(str(file), 200)
    values: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        if binding.error or not _settable(binding.key, binding.value):
            blank = len(binding.original.string) - len(binding.original.string.lstrip("\n"))
            line = binding.original.line + blank
            raise ConfigError(f"En {shown}, línea {line}: no se entiende; se escribe NOMBRE=valor.")
        if binding.key and binding.value:
            values[binding.key] = binding.value
    return values


def add_env_files(files: Iterable[Path], environ: MutableMapping[str, str]) -> frozenset[str]:
    """Add the variables of `.env` files; one that is set to an empty string already stays empty.

    Returns:
        The names of those that were added.

    Raises:
        ConfigError: one of the files cannot be used.
    """
    added = set[str]()
    for file in files:
        for name, value in read_env(file).items():
            if name not in environ:
                environ[name] = value
                added.add(name)
    return frozenset(added)


def _settable(name: str | None, value: str | None) -> bool:
    """Whether the operating system accepts this as an environment variable."""
    return "\0" not in f"{name}{value}" and "=" not in (name or "")
