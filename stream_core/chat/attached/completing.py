"""Completion of paths, after an `@` and after a command that takes files."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from stream_core.core.mentions import opened

_MOST_OFFERED = 200
_MOST_SEEN = 20_000  # entries of a folder that are looked at


def mention_completions(word: str) -> list[tuple[str, str]]:
    """Return the completions of a path after an `@`, in quotes where it needs some."""
    if not word.startswith('"'):
        return [(opened(path), summary) for path, summary in completions(word)]
    found = completions(word[1:])
    return [(f'"{path}' if path.endswith("/") else f'"{path}"', summary) for path, summary in found]


def completions(word: str) -> list[tuple[str, str]]:
    """Return the paths that begin as a word does, each with what it is; folders end in a slash."""
    try:
        path = Path(word).expanduser()
        folder = path if word.endswith(("/", os.sep)) or not word else path.parent
        begin = "" if folder == path or not word else path.name
        shown = word[: len(word) - len(begin)] if begin else word
        entries = sorted(islice(os.scandir(folder), _MOST_SEEN), key=lambda entry: entry.name)
    except (OSError, RuntimeError, ValueError):
        return []
    found: list[tuple[str, str]] = []
    for entry in entries:
        if entry.name.startswith(begin) and (begin.startswith(".") or not entry.name.startswith(".")):
            try:
                inside = entry.is_dir()
            except OSError:
                continue
            found.append((f"{shown}{entry.name}{'/' if inside else ''}", "carpeta" if inside else ""))
    return found[:_MOST_OFFERED]
