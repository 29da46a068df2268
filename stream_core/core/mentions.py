"""Paths in what a person types: `@ruta` in a message, and paths that a terminal writes when one is dropped.

Pure: whether a path exists, the caller asks the system. Terminals write a dropped path as a shell would read
it (in quotes, with backslashes, or both: `'it'\\''s'`), as Windows has it, or as a `file://` URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)|(?P<tick>`+)(?:(?!(?P=tick)).)+(?P=tick)", re.M | re.S
)
# What stands before an address, a decorator in a call chain or a word is no beginning of a path.
_MENTION = re.compile(
    r"""(?<![\w@.+/\\-])@(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>(?:\\.|[^\s\\"'`<>|])+))"""
)
_TAIL = ".,;:!?)]}»"
# The pieces of a word (POSIX Shell Command Language, 2.2; the first is bash's, for control characters).
_PIECE = re.compile(
    r"""\$'(?P<ansi>(?:\\.|[^'\\])*)'|'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<bare>(?:\\.|[^\s\\'"])+)""",
    re.DOTALL,
)
_ANSI = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_ANSI_CONTROLS = {"a": 7, "b": 8, "e": 27, "E": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_WINDOWS = re.compile(r"""\s*(?:"([A-Za-z]:\\[^"\n]*)"|'([A-Za-z]:\\[^'\n]*)'|([A-Za-z]:\\\S*))(?=\s|$)""")
_MOST = 4_096  # characters of a path


class Mention(NamedTuple):
    """A path in a text.

    Attributes:
        start, end: where it stands, with the `@`.
        paths: what it may name, the longest reading first.
    """

    start: int
    end: int
    paths: tuple[str, ...]


def mentions(text: str) -> list[Mention]:
    """Find `@ruta` in a message: not in code, nor within an address such as `ana@ejemplo.es`."""
    code = [found.span() for found in _CODE.finditer(text)] if "`" in text or "~~~" in text else []
    found = (match for match in _MENTION.finditer(text))
    return [
        _mention(match)
        for match in found
        if not any(begin <= match.start() < end for begin, end in code)
        and len(match[0]) <= _MOST
        and re.search(r"\w", match[0])  # `@.` and `@/` name nothing that anybody wants to send
    ]


def _mention(match: re.Match[str]) -> Mention:
    quoted = match["double"] or match["single"]
    if quoted:
        return Mention(match.start(), match.end(), (as_path(quoted),))
    bare = match["bare"]
    readings = [bare]
    while bare and bare[-1] in _TAIL:
        bare = bare[:-1]
        readings.append(bare)
    paths = dict.fromkeys(as_path(_unescaped(reading)) for reading in readings if reading)
    return Mention(match.start(), match.end(), tuple(paths))


def dropped(line: str) -> tuple[list[str], str]:
    """Read a message that begins with dropped paths.

    Returns:
        The paths, each of which is absolute, and what was typed after them; no paths if the message begins
        with something else. One of several lines has paths only if it is nothing but paths.
    """
    line = line.strip()
    if len(line) > 16 * _MOST:
        return [], line
    paths: list[str] = []
    at = 0
    while (word := _word(line, at)) is not None:
        path = as_path(word[0])
        if not (path.startswith(("/", "~/")) or re.match(r"[A-Za-z]:[\\/]", path)):
            break
        paths.append(path)
        at = word[1]
    rest = line[at:].strip()
    return ([], line) if rest and "\n" in line else (paths, rest)


def _word(line: str, at: int) -> tuple[str, int] | None:
    """The next word as a shell reads it, and where it ends; None if there is none, or a quote has no end."""
    if (path := _WINDOWS.match(line, at)) is not None:
        return next(filter(None, path.groups())), path.end()
    while at < len(line) and line[at].isspace():
        at += 1
    read: list[str] = []
    while (piece := _PIECE.match(line, at)) is not None:
        read.append(_UNQUOTED[piece.lastgroup or "bare"](piece[piece.lastgroup or 0]))
        at = piece.end()
    return ("".join(read), at) if read and (at == len(line) or line[at].isspace()) else None


def _ansi(text: str) -> str:
    """The text within `$'…'`, whose numbers are bytes."""

    def byte(found: re.Match[str]) -> bytes:
        hexadecimal, octal, char = found.groups()
        if hexadecimal or octal:
            return bytes([int(hexadecimal or octal, 16 if hexadecimal else 8) & 0xFF])
        return bytes([_ANSI_CONTROLS[char]]) if char in _ANSI_CONTROLS else char.encode()

    parts, at = list[bytes](), 0
    for found in _ANSI.finditer(text):
        parts += [text[at : found.start()].encode("utf-8", "surrogateescape"), byte(found)]
        at = found.end()
    return b"".join([*parts, text[at:].encode("utf-8", "surrogateescape")]).decode("utf-8", "surrogateescape")


def as_path(typed: str) -> str:
    """Return the path that a `file://` URL names; any other text as it is."""
    if not typed.lower().startswith("file://"):
        return typed
    try:
        parts = urlsplit(typed)
    except ValueError:
        return typed
    path = unquote(parts.path).removeprefix("/" if re.match("/[A-Za-z]:", unquote(parts.path)) else "")
    return path if parts.netloc in ("", "localhost") else typed


def opened(path: str) -> str:
    """Return a path as it is completed after an `@`: in quotes if it needs some, open ones after a folder."""
    if re.fullmatch(r"[^\s\\\"'`<>|]+", path) and path[-1] not in _TAIL:
        return path
    if '"' in path:
        return re.sub(r"([\s\\\"'`<>|])", r"\\\1", path)
    return f'"{path}' if path.endswith("/") else f'"{path}"'


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


_UNQUOTED: Mapping[str, Callable[[str], str]] = {
    "ansi": _ansi,
    "single": str,
    "double": lambda text: re.sub(r'\\(["\\$`])', r"\1", text),
    "bare": _unescaped,
}
