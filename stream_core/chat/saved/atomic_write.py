"""Writing a file for the person: whole or not at all, for its owner only, over nothing without being told."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from stream_core.files.private import own_mode


def write_whole(file: Path, text: str, *, replace: bool) -> None:
    """Write a text into a file that nobody ever sees half of.

    Args:
        replace: whether it may stand in place of one that is there.

    Raises:
        FileExistsError: there is one, and it may not be replaced.
        OSError: it cannot be written there.
    """
    handle, name = tempfile.mkstemp(prefix=f".{file.name[:40]}.", dir=file.parent)  # for its owner only
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            own_mode(handle)
            stream.write(text)
            stream.flush()
            os.fsync(handle)
        if not replace:  # the name is taken first, so that a file that appears now is not written over
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        temporary.replace(file)
    finally:
        with suppress(OSError):
            temporary.unlink()
