"""Paths in what a person types: `@ruta` in a message, and paths that a terminal writes when one is dropped.

Pure: whether a path exists, the caller asks the system. Terminals write a dropped path in quotes, with
backslashes before special characters, or as a `file://` URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)|(?P<tick>`+)(?:(?!(?P=tick)).)+(?P=tick)", re.M | re.S
)
# What stands before an address, a decorator in a call chain or a word is no beginning of a path.
_MENTION = re.compile(
    r"""(?<![\w@.+/\\-])@(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>(?:\\.|[^\s\\"'`<>|])+))"""
)
_TAIL = ".,;:!?)]}»"
_WORD = re.compile(r"""\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|((?:\\.|[^\s\\'"])+))(?=\s|$)""")
_MOST = 4_096  # characters of a path


@dataclass(frozen=True, slots=True)
class Mention:
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
    """Read a line that begins with dropped paths.

    Returns:
        The paths, each of which is absolute, and what was typed after them; no paths if the line begins with
        something else.
    """
    line = line.strip()
    if "\n" in line or len(line) > 16 * _MOST:
        return [], line
    paths: list[str] = []
    at = 0
    while (word := _WORD.match(line, at)) is not None:
        double, single, bare = word.groups()
        told = single if single is not None else _unescaped(double if double is not None else bare)
        path = as_path(told)
        if not (path.startswith(("/", "~/")) or re.match(r"[A-Za-z]:[\\/]", path)):
            break
        paths.append(path)
        at = word.end()
    return paths, line[at:].strip()


def as_path(told: str) -> str:
    """Return the path that a `file://` URL names; any other text as it is."""
    if not told.lower().startswith("file://"):
        return told
    try:
        parts = urlsplit(told)
    except ValueError:
        return told
    return unquote(parts.path) if parts.netloc in ("", "localhost") else told


def opened(path: str) -> str:
    """Return a path as it is completed after an `@`: in quotes if it needs some, open ones after a folder."""
    if re.fullmatch(r"[^\s\\\"'`<>|]+", path) and path[-1] not in _TAIL:
        return path
    if '"' in path:
        return re.sub(r"([\s\\\"'`<>|])", r"\\\1", path)
    return f'"{path}' if path.endswith("/") else f'"{path}"'


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
