"""A flat TOML file as statements with lines, to say where a mistake is and to change single values. Pure.

The standard library reads TOML but neither tells the line of a key nor writes. A statement of TOML ends where
a line does, and no beginning of it is a whole statement, so the shortest run of lines that can be parsed is
one.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Value: TypeAlias = "str | int | float | bool | list[str]"


class NotToml(Exception):
    """The text is not TOML.

    Attributes:
        line: the number of the line, from 1, or 0 if it is unknown.
    """

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the file.

    Attributes:
        first: the index of its first line.
        end: the index of the line after its last one.
        values: what it says by itself: one key, or one table.
    """

    first: int
    end: int
    values: Mapping[str, Any]


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a TOML text in order; comments and blank lines are none.

    Raises:
        NotToml: it is not TOML, or says something twice.
    """
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise NotToml(int(found[1]) if found else text.count("\n") + 1) from None
    except RecursionError:
        raise NotToml(0) from None
    lines, first = text.split("\n"), 0
    while first < len(lines):
        end = first + 1
        while (values := _parsed(lines[first:end])) is None:
            end += 1
        if values:
            yield Statement(first, end, values)
        first = end


def changed(text: str, values: Mapping[str, Value | None]) -> str:
    """Return the text with these keys set, or removed for None; all else, comments too, stays as it is.

    Raises:
        NotToml: the text is not TOML.
    """
    lines, left = text.split("\n"), dict(values)
    new, done = [], 0
    for statement in statements(text):
        (key,) = statement.values
        if key in left:
            value = left.pop(key)
            new += lines[done : statement.first]
            if value is not None:
                old = lines[statement.first : statement.end]
                same = statement.values[key] == value
                new += old if same else [f"{key} = {encoded(value)}{_comment(old)}"]
            done = statement.end
    new += lines[done:]
    added = [f"{key} = {encoded(value)}" for key, value in left.items() if value is not None]
    while added and new and not new[-1].strip():
        new.pop()
    return "\n".join([*new, *added, ""]) if added else "\n".join(new)


def encoded(value: Value) -> str:
    """Return a value as TOML; a text of several lines as a multi-line string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(encoded, value))}]"
    if not isinstance(value, str):
        return str(value)
    if "\n" in value and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", value):
        escaped = value.replace("\\", "\\\\").replace('"""', '""\\"')
        escaped = re.sub(r'"$', r"\\" + '"', escaped)
        return f'"""\n{escaped}"""'
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _parsed(lines: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _comment(lines: list[str]) -> str:
    """The comment at the end of a statement of one line, with the blanks before it; "" for none."""
    if len(lines) > 1:
        return ""
    line, before = lines[0], _parsed(lines)
    for found in re.finditer(r"\s*#", line):
        if _parsed([line[: found.start()]]) == before:
            return line[found.start() :]
    return ""
