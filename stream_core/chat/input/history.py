"""The history of what was typed, in a file that only its owner can read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from stream_core.core.sanitize import repair_surrogates, sanitize

NAME = "history"


class _OwnFileHistory(FileHistory):
    def load_history_strings(self) -> Iterable[str]:
        # Others can have written into the file, and a search shows its lines without the buffer changing.
        return map(sanitize, super().load_history_strings())

    def store_string(self, string: str) -> None:
        try:
            super().store_string(repair_surrogates(string))
        except OSError:
            pass  # a full disk must not end the chat; the history of this session is still in memory


def open_history(directory: Path | None) -> History:
    """Open the history in `directory`; one that lives only in memory when no file can be had there."""
    if directory is None:
        return InMemoryHistory()
    file = directory / NAME
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here with its mode, before the line editor makes it readable for all; never through a link.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600))
        return _OwnFileHistory(str(file))
    except OSError:
        return InMemoryHistory()
