"""Two tools for the text files below one folder; both ask first. What keeps them inside is `below.py`."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stream_core.sanitize import one_line

from . import asks_first
from .below import LONGEST_PATH, Below

if TYPE_CHECKING:
    from stream_core.toolcall import ToolCall

_MOST = 1024 * 1024
"""Bytes of a file that are read; its further lines cannot be."""
_ROOM = 40_000
"""Characters of the lines that are given at a time; a turn would cut a result at 50,000."""
_ENTRIES = 200
_LOOKED_AT = 10_000
"""Entries of a folder that are looked at, to give the first `_ENTRIES` in order."""


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
            raise ValueError("first_line and lines must be 1 or more")
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
            notes.append(f"{len(names) - _ENTRIES} more")
        if others:
            notes.append(f"{others} that cannot be read")
        if len(names) + others == _LOOKED_AT:
            notes.append(f"only {_LOOKED_AT} entries were looked at")
        shown = names[:_ENTRIES] or ["[nothing that can be read]"]
        return "\n".join(shown) + (f"\n[not shown: {'; '.join(notes)}]" if notes else "")

    return list_files


def describe(call: ToolCall) -> str:
    """Say in Spanish what a call would do, safe for a line: `leer el archivo «notas.txt»`.

    Any tool's call can be told; of those that are not from here, the name and the input are.
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
            told = json.dumps(call.input, ensure_ascii=False, default=str)
            return f"usar la herramienta «{_quoted(call.name)}» con {one_line(told)}"


def _quoted(text: str) -> str:
    """Make a text safe between quotation marks: it must not seem to end before it does."""
    return one_line(text, LONGEST_PATH).replace("«", "‹").replace("»", "›")


def _lines(data: bytes, first: int, most: int) -> str:
    """Give some lines of a file, and in brackets below them what else there is to know.

    Raises:
        ValueError: it is not text, or has no such line.
    """
    lines, notes = _text(data)
    if not lines:
        return "[the file is empty]"
    if first > len(lines):
        raise ValueError(f"there is no line {first}: only {len(lines)} can be read")
    given, room = [lines[first - 1][:_ROOM]], _ROOM - len(lines[first - 1])
    for line in lines[first : first - 1 + most]:
        room -= len(line) + 1
        if room < 0:
            break
        given.append(line)
    last = first - 1 + len(given)
    if cut := len(lines[first - 1]) - len(given[0]):
        notes.append(f"line {first} is cut: {cut} more characters")
    if last < len(lines):
        notes.append(f"{len(lines) - last} lines are left: go on with first_line={last + 1}")
    return "\n".join([*given, *(f"[{note}]" for note in notes)])


def _text(data: bytes) -> tuple[list[str], list[str]]:
    """Give the lines of a file, and what has to be said about them.

    Raises:
        ValueError: it is not text.
    """
    if b"\0" in data:
        raise ValueError("this is not a text file in UTF-8: it holds zero bytes")
    notes, whole = [], len(data) <= _MOST
    if not whole:
        data = data[:_MOST]
        data = data[: data.rfind(b"\n") + 1] or data  # without the line that is not all there
        notes.append(f"the file has more than {_MOST} bytes: only what begins it can be read")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text, _ = codecs.utf_8_decode(data, "strict", whole)  # a character that is not all there is left out
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        notes.append("not all of it is UTF-8: what is not was replaced by \ufffd")
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else [], notes
