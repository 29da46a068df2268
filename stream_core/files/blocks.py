"""Files as content blocks of a request, for programs that use the library."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stream_core.core.attachments import file_block
from stream_core.core.errors import UsageError
from stream_core.core.file_kinds import IMAGES, PDF, TEXT, NotText, decode_text, kind_of

from .attaching import NotAttachable, check_kind


def image(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return an image file as a content block, whose kind is read from its content.

    Args:
        path: a PNG, JPEG, GIF or WebP.

    Raises:
        UsageError: it is another kind of file, or none (a folder, a pipe, a device).
        OSError: it cannot be read.
    """
    data = _read(path)
    kind = kind_of(data)
    if kind is None or kind.media_type not in IMAGES:
        raise UsageError(f"{os.fspath(path)!r} is not a PNG, JPEG, GIF or WebP image")
    return file_block(data, kind.media_type, Path(path).name)


def document(
    path: str | os.PathLike[str], *, title: str | None = None, citations: bool = False
) -> dict[str, Any]:
    """Return a PDF or a text as a content block, whose kind is read from its content.

    Args:
        path: a PDF, or a text in UTF-8, UTF-16, UTF-32 or Latin-1.
        title: the title that the model sees; None for the name of the file.
        citations: whether the reply may cite it; `Citation` deltas tell where it does.

    Raises:
        UsageError: it is another kind of file, empty, or none (a folder, a pipe, a device).
        OSError: it cannot be read.
    """
    data = _read(path)
    kind = kind_of(data)
    media_type = TEXT if kind is None else kind.media_type
    if media_type not in (PDF, TEXT) or not data.strip() or (media_type == TEXT and not _is_text(data)):
        raise UsageError(f"{os.fspath(path)!r} is neither a PDF nor a text with something in it")
    block = file_block(data, media_type, Path(path).name if title is None else title)
    return {**block, "citations": {"enabled": True}} if citations else block


def _is_text(data: bytes) -> bool:
    try:
        return bool(decode_text(data)[0].strip())
    except NotText:
        return False


def _read(path: str | os.PathLike[str]) -> bytes:
    file = Path(path)
    try:
        check_kind(file.stat())
    except NotAttachable as why:
        raise UsageError(f"{os.fspath(path)!r} cannot be read as a file: {why}") from None
    return file.read_bytes()
