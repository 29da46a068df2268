"""`config.toml`: the user's own defaults, by the names of the flags without their dashes.

    model = "opus"
    idle-timeout = 60
    plain = true

It counts where neither a flag nor a variable says anything. A mistake in it stops the program, as one on the
command line does: what was meant may have been `save = false`.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line
from stream_core.files.private import replace_file
from stream_core.models.cost import limit
from stream_core.texts.file_errors_es import why_not

from .flags import flag_parser
from .options.limits import LIMITS
from .options.option import Option
from .options.values import fold
from .preferences import REMEMBERED
from .text_file import read_obeyed

NAME = "config.toml"
_MOST = 64 * 1024  # bytes
_OPTIONS: Mapping[str, Option] = {option.field: option for option in (*REMEMBERED, *LIMITS)}
_ONE_RUN = frozenset(
    "resume compare attach chunked fault record replay replay_speed replay_step replay_cut where completion"
    " version help".split()
)  # flags about a single run
_SECRETS = ("anthropicapikey", "apikey", "key", "clave", "anthropicauthtoken", "token")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The content of the file.

    Attributes:
        path: where it is, or None without a configuration directory.
        values: the values as flags have them, by their `dest`.
        lines: the line of each of them, from 1.
    """

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def where(self, dest: str) -> str:
        """Return in Spanish the place of a value, to begin a sentence about it."""
        return _place(self.path, self.lines[dest])


def load(folder: Path | None) -> ConfigFile:
    """Read the file of a folder; an empty one if there is none.

    Raises:
        ConfigError: it cannot be read or trusted, is not TOML, or has a wrong key or value: with its line.
    """
    path = folder / NAME if folder is not None else None
    text = read_obeyed(path, _MOST) if path is not None else None
    if not text:
        return ConfigFile(path)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    known = _Known()
    for line, key, value in _entries(path, text):
        try:
            dest, read = known.read(key, value)
            if dest in values:
                raise ConfigError(f"«{one_line(key, 40)}» y la línea {lines[dest]} dicen lo mismo: deja una.")
        except ConfigError as error:
            raise ConfigError(f"{_place(path, line)}: {error.hint}") from None
        values[dest], lines[dest] = read, line
    return ConfigFile(path, values, lines)


def change(path: Path | None, values: Mapping[str, Any]) -> str:
    """Set these keys in the file, and remove those that are None; comments and all other lines stay.

    The file is replaced atomically and is its owner's only. A link stays one: the file it leads to changes.

    Returns:
        A Spanish sentence if this failed, else "".
    """
    if path is None:
        return "No encuentro tu carpeta de configuración: no hay dónde guardarlo."
    from .toml_lines import NotToml, changed

    shown = one_line(str(path), 200)
    try:
        target = Path(os.path.realpath(path))
        text = read_obeyed(path, _MOST) or ""
        data = changed(text, values).encode("utf-8", "replace")
        if len(data) > _MOST:
            return f"No lo guardo: {shown} pasaría de {_MOST // 1024} kB."
        replace_file(target, data)
    except ConfigError as error:
        return error.hint
    except NotToml as wrong:
        return f"{_place(path, wrong.line)}: no es TOML. Arréglalo, y vuelve a guardar."
    except OSError as error:
        return f"No se pudo guardar en {shown} ({why_not(error)})."
    return ""


def _entries(path: Path | None, text: str) -> Iterator[tuple[int, str, Any]]:
    """Yield each key with its line and value."""
    from .toml_lines import NotToml, statements

    try:
        for statement in statements(text):
            line = statement.first + 1
            for key, value in statement.values.items():
                if isinstance(value, dict):
                    raise ConfigError(
                        f"{_place(path, line)}: aquí no hay secciones ni claves con punto "
                        f"(«{one_line(key, 40)}»); se escribe nombre = valor, uno por línea."
                    )
                yield line, key, value
    except NotToml as wrong:
        written = text.split("\n")[max(wrong.line, 1) - 1]
        if (word := re.match(r"\s*([\w-]+)\s*=", written)) and not word[
            1
        ].isascii():  # TOML wants it in quotes
            raise ConfigError(f"{_place(path, wrong.line)}: {_Known().unknown(word[1])}") from None
        raise ConfigError(
            f"{_place(path, wrong.line)}: no se entiende. Se escribe nombre = valor, cada nombre una vez, "
            'y los textos entre comillas: theme = "claro".'
        ) from None


def _place(path: Path | None, line: int) -> str:
    return f"En {one_line(str(path), 200)}, línea {line}" if line else f"En {one_line(str(path), 200)}"


class _Known:
    """The keys that the file may have, and how their values are read."""

    def __init__(self) -> None:
        actions = flag_parser()._actions
        self._by_key = {
            name[2:]: (action, name)
            for action in actions
            for name in action.option_strings
            if name[:2] == "--"
        }

    def read(self, key: str, value: Any) -> tuple[str, Any]:
        """Return the `dest` of a key's flag, and its value as that flag has it. Raises ConfigError."""
        if key not in self._by_key:
            raise ConfigError(self.unknown(key))
        action, name = self._by_key[key]
        if action.dest in _ONE_RUN:
            raise ConfigError(f"«{key}» vale solo en la línea de comandos ({name}).")
        try:
            return action.dest, self._value(action, name, value)
        except (ConfigError, argparse.ArgumentTypeError) as error:
            hint = error.hint if isinstance(error, ConfigError) else str(error)
            raise ConfigError(f"{key}: {hint}") from None

    def _value(self, action: argparse.Action, name: str, value: Any) -> Any:
        option = _OPTIONS.get(action.dest)
        if action.nargs == 0:
            if not isinstance(value, bool):
                raise ConfigError(f"«{_shown(value)}» no sirve; es true o false, sin comillas.")
            off = isinstance(action, argparse._StoreFalseAction) or (
                isinstance(action, argparse.BooleanOptionalAction) and name.startswith("--no-")
            )
            return value is not off
        if action.dest in _LISTS:
            return _LISTS[action.dest](value)
        if isinstance(value, bool) and option is not None:
            value = "sí" if value else "no"
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ConfigError(f"«{_shown(value)}» no sirve; es un texto entre comillas o un número.")
        text = str(value)
        if option is not None:
            option.parse(text)
        elif action.dest == "budget":
            limit(text)
        return action.type(text) if callable(action.type) else text

    def unknown(self, key: str) -> str:
        """Return in Spanish that a key does not exist, with the nearest one."""
        shown, word = one_line(key, 40), fold(key).replace("_", "-")
        if word.replace("-", "") in _SECRETS:
            return f"«{shown}» no va aquí: tu clave va en ANTHROPIC_API_KEY, en el entorno o en tu .env."
        from difflib import get_close_matches  # most programs have nothing to correct

        near = self._near.get(word) or next(
            (self._near[name] for name in get_close_matches(word[:40], self._near, n=1)), ""
        )
        hint = f"¿Querías decir «{near}»?" if near else "Valen los nombres de las opciones de --help."
        return f"no conozco «{shown}». {hint}"

    @cached_property
    def _near(self) -> dict[str, str]:
        """Other words for a key (Spanish names, variables), and the keys themselves, to the key."""
        words = {key: key for key, (action, _) in self._by_key.items() if action.dest not in _ONE_RUN}
        for option in _OPTIONS.values():
            words[fold(option.name)] = words[fold(option.variable).replace("_", "-")] = option.flag[2:]
        return {**words, "modelo": "model", "anthropic-model": "model", "presupuesto": "budget", **_MEANT}


_MEANT = {
    "indicaciones": "system",
    "rol": "role",
    "prompt": "system",
    "stream-core-system": "system",
    "stream-core-budget": "budget",
    "herramientas": "tools",
    "guardar": "save",
}


def _words(value: Any) -> str:
    """A list of names as the flag has it: with commas between them."""
    if isinstance(value, str):
        return value
    return ",".join(_texts(value)) or "no"


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    raise ConfigError(f"«{_shown(value)}» no sirve; es un texto entre comillas, o varios entre corchetes.")


_LISTS: Mapping[str, Callable[[Any], Any]] = {"params": _texts, "only_tools": _words}


def _shown(value: Any) -> str:
    shown = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return one_line(shown, 40) if isinstance(value, (str, int, float)) else "[…]"
