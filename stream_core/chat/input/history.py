"""The history of typed lines, in a file that only its owner can read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from stream_core.core.sanitize import repair_surrogates, sanitize_message
from stream_core.core.store_errors import StoreRefused
from stream_core.files.private import check_own_file, make_folders, new_file

NAME = "history"
MAX_BYTES = 32 << 20
"""A larger file is not read: the line editor would keep all of it in memory."""


class _OwnFileHistory(FileHistory):
    def load_history_strings(self) -> Iterable[str]:
        # Others can have written into the file, and a search shows its lines without the buffer changing.
        return map(sanitize_message, super().load_history_strings())

    def store_string(self, string: str) -> None:
        try:
            if is_usable(Path(str(self.filename))):
                super().store_string(repair_surrogates(string))
        except OSError:
            pass  # a full disk must not end the chat; the history of this session is still in memory


def open_history(directory: Path | None) -> History:
    """Open the history in `directory`; one in memory only if there can be no file."""
    if directory is None:
        return InMemoryHistory()
    file = directory / NAME
    try:
        make_folders(directory)
        with suppress(FileExistsError):  # created with its mode, before the line editor would for all to read
            os.close(new_file(file))
        return _OwnFileHistory(str(file)) if is_usable(file) else InMemoryHistory()
    except OSError:
        return InMemoryHistory()


def is_usable(file: Path) -> bool:
    """Whether a file is regular, owned by this user and small enough; if so, other users lose access."""
    try:
        found = check_own_file(file)
    except (OSError, StoreRefused):
        return False
    return found is not None and found.st_size <= MAX_BYTES
