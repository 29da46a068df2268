"""Writing a file atomically, readable by its owner only, and without replacing another by accident."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from stream_core.files.private import own_mode


def write_whole(file: Path, text: str, *, replace: bool) -> None:
    """Write a text file atomically.

    Args:
        file: its path.
        text: its content.
        replace: whether an existing file may be replaced.

    Raises:
        FileExistsError: it exists, and may not be replaced.
        OSError: it cannot be written.
    """
    handle, name = tempfile.mkstemp(
        prefix=f".{file.name[:40]}.", dir=file.parent
    )  # readable by its owner only
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            own_mode(handle)
            stream.write(text)
            stream.flush()
            os.fsync(handle)
        if not replace:  # reserve the name first, so that a file created meanwhile is not replaced
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        temporary.replace(file)
    finally:
        with suppress(OSError):
            temporary.unlink()
