"""Roles: instructions with a name, one Markdown file each in `roles/` of the configuration directory.

    ---
    model: opus
    effort: alto
    tools: calculate, web_search
    ---
    Traduces a {{idioma}} lo que te escriben, y no añades nada.

The head between `---` is optional, and so is each of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from stream_core.core.errors import ConfigError
from stream_core.core.instructions import INPUT, Instructions, filled, variables
from stream_core.core.sanitize import one_line, sanitize_message

from .options.thinking_options import THINKING_OPTIONS
from .options.values import Value, fold
from .text_file import read_obeyed
from .tool_options import read_names

FOLDER, SUFFIX = "roles", ".md"
_MOST = 256 * 1024  # bytes
_MARK = "---"
_EFFORT = next(option for option in THINKING_OPTIONS if option.field == "effort")


class Role(NamedTuple):
    """A role as its file has it.

    Attributes:
        name: its name: that of the file without `.md`.
        text: its text, with variables.
        model: the model it wants, or "".
        effort: the effort it wants, as `--effort` has it, or "".
        tools: the tools it wants, as `--only-tools` has them, or "" for the usual ones.
    """

    name: str
    text: str
    model: str = ""
    effort: str = ""
    tools: str = ""

    def instructions(self, params: Mapping[str, str], remedy: str) -> Instructions:
        """Return the text with its variables filled in.

        Args:
            params: the values by name.
            remedy: how a value is given, with the place of its name, such as `-p {}=…`.

        Raises:
            ConfigError: a variable has no value, or a value no variable.
        """
        needed = [name for name in variables(self.text) if name != INPUT]
        for name in params:
            if name not in needed:
                raise ConfigError(f"El rol «{self.name}» no tiene «{one_line(name, 40)}»: {_has(needed)}.")
        if missing := [name for name in needed if name not in params]:
            what = " y ".join(f"«{name}»" for name in missing)
            how = " ".join(remedy.format(name) for name in missing)
            raise ConfigError(f"Al rol «{self.name}» le falta{'n' * (len(missing) > 1)} {what}: añade {how}.")
        return Instructions(filled(self.text, params), self.name, tuple(params.items()))

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The names of the tools it wants."""
        return read_names(self.tools)


def names(config_dir: Path | None) -> list[str]:
    """Return the names of the roles in a configuration directory, in order; none if it cannot be read."""
    if config_dir is None:
        return []
    try:
        files = [file for file in (config_dir / FOLDER).iterdir() if file.suffix == SUFFIX]
    except OSError:
        return []
    return sorted(file.stem for file in files if file.stem == one_line(file.stem, 60) and file.stem[0] != ".")


def load(config_dir: Path | None, name: str) -> Role:
    """Read a role by its name; case and accents do not matter if no role has the exact name.

    Raises:
        ConfigError: there is no such role, or its file cannot be used.
    """
    known = names(config_dir)
    found = name if name in known else next((each for each in known if fold(each) == fold(name)), None)
    if config_dir is None or found is None:
        raise ConfigError(_unknown(name, known, config_dir))
    file = config_dir / FOLDER / f"{found}{SUFFIX}"
    text = read_obeyed(file, _MOST)
    if text is None:
        raise ConfigError(_unknown(name, known, config_dir))
    head, body = _parts(file, text)
    if not body.strip():
        raise ConfigError(
            f"El rol «{found}» está vacío: escribe sus indicaciones en {one_line(str(file), 200)}."
        )
    return Role(found, body, **_read_head(file, head))


def summary(config_dir: Path | None, name: str) -> str:
    """Return the first line of a role to be shown in a list; if it cannot be used, why."""
    try:
        return one_line(load(config_dir, name).text.lstrip("# \n").partition("\n")[0], 60)
    except ConfigError as error:
        return one_line(error.hint, 100)


def read_params(words: Iterable[str]) -> dict[str, str]:
    """Parse values such as `idioma=inglés`.

    Raises:
        ConfigError: one of them has no name or no `=`.
    """
    params = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise ConfigError(
                f"«{one_line(word, 40)}» no sirve; se escribe nombre=valor, como «idioma=inglés»."
            )
        params[name.strip()] = sanitize_message(value)
    return params


def _nearest(word: str, words: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # most programs have nothing to correct

    return get_close_matches(word, list(words), n=1)


def _has(needed: list[str]) -> str:
    if not needed:
        return "no lleva ninguna variable"
    return f"tiene {', '.join(f'«{name}»' for name in needed)}"


def _unknown(name: str, known: list[str], config_dir: Path | None) -> str:
    folder = (
        one_line(str(config_dir / FOLDER), 200) if config_dir is not None else "tu carpeta de configuración"
    )
    near = _nearest(fold(name[:40]), [fold(each) for each in known])
    hint = next((f" ¿Querías decir «{each}»?" for each in known if near and fold(each) == near[0]), "")
    if not hint and known:
        hint = f" Hay {', '.join(f'«{each}»' for each in known[:6])}{'…' if len(known) > 6 else ''}."
    return f"No hay ningún rol «{one_line(name, 40)}» en {folder}.{hint}"


def _parts(file: Path, text: str) -> tuple[list[str], str]:
    """The lines of the head, with empty ones for none, and the text below it.

    Raises:
        ConfigError: a head has begun and does not end.
    """
    lines = text.split("\n")
    if lines[0].rstrip() == _MARK:
        for number, line in enumerate(lines[1:], 1):
            if line.rstrip() == _MARK:
                return lines[1:number], sanitize_message("\n".join(lines[number + 1 :])).strip("\n")
        if fold("".join(lines[1:2]).partition(":")[0].strip()) in (*_HEAD, *_MEANT):
            raise ConfigError(
                f"En {one_line(str(file), 200)}: falta la línea «{_MARK}» que cierra el encabezado."
            )
    return [], sanitize_message(text).strip("\n")


def _read_head(file: Path, lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, key, value in _head_entries(lines):
        try:
            if key not in _HEAD:
                near = _nearest(_MEANT.get(fold(key), fold(key)), _HEAD)
                hint = f"¿Querías decir «{near[0]}»?" if near else f"Puede ser {', '.join(_HEAD)}."
                raise ConfigError(f"no conozco «{one_line(key, 40)}». {hint}")
            if key in values:
                raise ConfigError(f"«{key}» está dos veces: deja una.")
            values[key] = _HEAD[key](value)
        except ConfigError as error:
            raise ConfigError(f"En {one_line(str(file), 200)}, línea {number}: {error.hint}") from None
    return values


def _head_entries(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the keys of a head with their lines, from 1, and values; a list may stand in the lines below."""
    for index, line in enumerate(lines):
        if not line.strip() or line.lstrip().startswith(("#", "- ")):
            continue
        key, _, value = line.partition(":")
        below = []
        for other in lines[index + 1 :]:
            if not other.lstrip().startswith("- "):
                break
            below.append(other.strip()[2:])
        value = re.sub(r"(?:^|\s)#.*", "", value)  # a comment, as YAML has it
        yield index + 2, key.strip(), value.strip().strip("[]\"'") or ",".join(below)


def _effort(text: str) -> str:
    value: Value = _EFFORT.parse(text)
    return str(value)


def _tools(text: str) -> str:
    return ",".join(part.strip(" \"'") for part in text.split(",") if part.strip()) or "no"


_HEAD: Mapping[str, Callable[[str], str]] = {"model": str, "effort": _effort, "tools": _tools}
_MEANT = {"modelo": "model", "esfuerzo": "effort", "herramientas": "tools"}
