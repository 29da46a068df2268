"""Two tools for the text files below one folder; both ask first. `confined_folder.py` keeps them inside."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line
from stream_core.texts.tool_errors_es import ToolError

from . import asks_first
from .confined_folder import LONGEST_PATH, Below

if TYPE_CHECKING:
    from stream_core.core.tool_call import ToolCall

_MOST = 1024 * 1024
"""Bytes of a file that are read; its further lines cannot be."""
_ROOM = 40_000
"""Characters of the lines that are given at a time; a turn would cut a result at 50,000."""
_ENTRIES = 200
_LOOKED_AT = 10_000
"""Entries of a folder that are looked at, to give the first `_ENTRIES` in order."""
_ARGUMENTS = 10
"""Arguments of a call that a question shows at most."""
_VALUES = 500
"""Characters of their values together; each has the same part of it."""
_LONGEST_NAME = 40
"""Characters of an argument's name; a tool's has twice that."""


def file_reader(folder: Path) -> Callable[..., str]:
    """Make the tool `read_file` for a folder.

    Raises:
        ConfigError: there is no such folder, or it is not one to read from.
    """
    below = Below(folder)

    @asks_first
    def read_file(path: str, first_line: int = 1, lines: int = 500) -> str:
        """Read lines of a text file in the folder that the person opened to you.

        The person is asked each time. Hidden files and folders (with a dot in front, such as .env or .git),
        private keys and credentials cannot be read, nor can anything through a symbolic link.

        Args:
            path: relative to the folder, with slashes. For example: notas/lunes.txt
            first_line: the first line to read; the file's first is 1.
            lines: how many lines to read at most.
        """
        if first_line < 1 or lines < 1:
            raise ToolError("first_line y lines tienen que ser 1 o más")
        return _lines(below.read(path, _MOST + 1), first_line, lines)

    return read_file


def file_lister(folder: Path) -> Callable[..., str]:
    """Make the tool `list_files` for a folder.

    Raises:
        ConfigError: there is no such folder, or it is not one to read from.
    """
    below = Below(folder)

    @asks_first
    def list_files(path: str = ".") -> str:
        """List the files and folders in the folder that the person opened to you, or in one below it.

        The person is asked each time. Folders end in a slash. What read_file cannot read is left out.

        Args:
            path: relative to the folder, with slashes. The folder itself if it is left out.
        """
        names, others = below.entries(path, _LOOKED_AT)
        notes = []
        if len(names) > _ENTRIES:
            notes.append(f"{number(len(names) - _ENTRIES)} más")
        if others:
            notes.append(f"{number(others)} que no se {'puede' if others == 1 else 'pueden'} leer")
        if len(names) + others == _LOOKED_AT:
            notes.append(f"lo que haya después de {number(_LOOKED_AT)} nombres")
        shown = names[:_ENTRIES] or ["[nada que se pueda leer]"]
        return "\n".join(shown) + (f"\n[sin mostrar: {'; '.join(notes)}]" if notes else "")

    return list_files


def describe(call: ToolCall) -> str:
    """Describe in Spanish what a call would do, safe for a line: `leer el archivo «notas.txt»`.

    Any tool's call can be told; of those that are not from here, the name and the arguments are,
    each shortened by itself: a long one must not hide the next.
    """
    given: Mapping[str, object] = call.input if isinstance(call.input, Mapping) else {}
    match call.name, given.get("path", "." if call.name == "list_files" else None):
        case "read_file", str(path):
            return f"leer el archivo «{_quoted(path)}»"
        case "list_files", str(path):
            if path.strip("./"):
                return f"ver los nombres de la carpeta «{_quoted(path)}»"
            return "ver los nombres de la carpeta"
        case _:
            return f"usar la herramienta «{_quoted(call.name, 2 * _LONGEST_NAME)}» {_arguments(call.input)}"


def _arguments(given: object) -> str:
    """Describe a tool's arguments: `con nota=«xxx…» (300 caracteres), ruta=«/importante»`."""
    if not isinstance(given, Mapping):
        return f"con {_value(given, _VALUES)}"
    if not given:
        return "sin argumentos"
    shown = list(given.items())[:_ARGUMENTS]
    written = [
        f"{_quoted(str(name), _LONGEST_NAME)}={_value(value, _VALUES // len(shown))}" for name, value in shown
    ]
    left = len(given) - len(shown)
    return f"con {', '.join(written)}" + (
        f" y {counted(left, 'argumento', 'argumentos')} más" if left else ""
    )


def _value(value: object, most: int) -> str:
    compact = (",", ":")
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, separators=compact, default=str)
    )
    if len(text) <= most:
        return f"«{_quoted(text, most)}»"
    return f"«{_quoted(text[:most], most)}…» ({counted(len(text), 'carácter', 'caracteres')})"


def _quoted(text: str, most: int = LONGEST_PATH) -> str:
    """Make a text safe between quotation marks: it must not seem to end before it does."""
    return one_line(text, most).replace("«", "‹").replace("»", "›")


def _lines(data: bytes, first: int, most: int) -> str:
    """Return some lines of a file, with notes in brackets below them.

    Raises:
        ToolError: it is not text, or has no such line.
    """
    lines, notes = _text(data)
    if not lines:
        return "[el archivo está vacío]"
    if first > len(lines):
        raise ToolError(f"no hay línea {first}: la última que se puede leer es la {len(lines)}")
    given, room = [lines[first - 1][:_ROOM]], _ROOM - len(lines[first - 1])
    for line in lines[first : first - 1 + most]:
        room -= len(line) + 1
        if room < 0:
            break
        given.append(line)
    last = first - 1 + len(given)
    if cut := len(lines[first - 1]) - len(given[0]):
        notes.append(f"la línea {first} está cortada; caracteres que faltan: {cut}")
    if left := len(lines) - last:
        notes.append(f"líneas por leer: {left}; sigue con first_line={last + 1}")
    return "\n".join([*given, *(f"[{note}]" for note in notes)])


def _text(data: bytes) -> tuple[list[str], list[str]]:
    """Return the lines of a file, and notes about them.

    Raises:
        ToolError: it is not text.
    """
    if b"\0" in data:
        raise ToolError("no es un archivo de texto en UTF-8: tiene bytes nulos")
    notes, whole = [], len(data) <= _MOST
    if not whole:
        data = data[:_MOST]
        data = data[: data.rfind(b"\n") + 1] or data  # without the line that is not all there
        notes.append(f"el archivo pasa de {number(_MOST // 1024**2)} MB: solo se puede leer el principio")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text, _ = codecs.utf_8_decode(data, "strict", whole)  # a character that is not all there is left out
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        notes.append("no todo está en UTF-8: lo que no, va como \ufffd")
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else [], notes
