"""Taking in a file that a person attaches: what it is, and its bytes into the attached files.

Its kind is read from its content, never from its name. Devices and pipes are refused before they are opened:
opening one can act, or wait for ever.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from stream_core.core.attachments import Attachment, image_tokens, page_tokens, text_tokens
from stream_core.core.file_kinds import IMAGES, PDF, TEXT, NotText, Reading, decode_text, kind_of
from stream_core.core.image_size import image_size
from stream_core.core.numbers import counted, number

from .blobs import Blobs, TooLarge
from .scaling import is_too_large, scaled
from .trusted import READ_FLAGS

MOST = 500 * 1000 * 1000
"""Bytes of a file that is looked at; the Files API takes as much
(https://platform.claude.com/docs/en/build-with-claude/files)."""

_HEAD = 256 * 1024
_SCAN = 1 << 20
_MOST_SCALED = 100 << 20  # bytes of an image
_PAGE = re.compile(rb"/Type\s{0,4}/Page(?![a-zA-Z])")
# In the trailer, or in the dictionary of a cross-reference stream (ISO 32000-1, 7.5.5 and 7.6.1).
_ENCRYPTED = re.compile(rb"/Encrypt(?:\s{1,4}[0-9]{1,10}\s{1,4}[0-9]{1,5}\s{1,4}R\b|\s{0,4}<<)")
_COUNT = re.compile(rb"/Count\s{1,4}([0-9]{1,6})")
_NOTES: dict[Reading, str] = {
    "": "",
    "replaced": "tiene bytes que no son UTF-8, que van como «\ufffd»",
    "cp1252": "no es UTF-8: se lee como Latin-1 (Windows-1252)",
    "latin-1": "no es UTF-8: se lee como Latin-1",
}


class NotAttachable(Exception):
    """A file cannot be attached; the message says why in Spanish, as the predicate of a sentence about it."""


def take_in(file: Path, blobs: Blobs) -> tuple[Attachment, str]:
    """Take a file in and return what is known of it, and what the person should know of how it was read.

    Args:
        file: its path; a link is followed.
        blobs: keeps its bytes.

    Raises:
        NotAttachable: it cannot be read, or is nothing that can be sent.
    """
    with open_file(file) as stream:
        try:
            return _taken(stream, file.name, blobs)
        except OSError as problem:
            raise NotAttachable(_why(problem)) from None


def open_file(file: Path) -> BinaryIO:
    """Open a file to be read, unless it is none or too large; a link is followed.

    Raises:
        NotAttachable: it cannot be read.
    """
    try:
        check_kind(file.stat())
        handle = os.open(file, READ_FLAGS)
        stream = os.fdopen(handle, "rb")
    except OSError as problem:
        raise NotAttachable(_why(problem)) from None
    except ValueError:  # a null character in the path
        raise NotAttachable("no es un nombre de archivo") from None
    try:
        check_kind(os.fstat(handle))
    except NotAttachable:
        stream.close()
        raise
    return stream


def take_in_bytes(data: bytes, name: str, blobs: Blobs) -> tuple[Attachment, str]:
    """Take in bytes that came another way; as `take_in`."""
    import io

    return _taken(io.BytesIO(data), name, blobs)


def check_kind(found: os.stat_result) -> None:
    """Refuse what is no file, or too large. Raises NotAttachable."""
    kinds = (
        (stat.S_ISDIR, "es una carpeta"),
        (stat.S_ISFIFO, "es una tubería con nombre, no un archivo"),
        (stat.S_ISSOCK, "es un socket, no un archivo"),
        (stat.S_ISCHR, "es un dispositivo, no un archivo"),
        (stat.S_ISBLK, "es un dispositivo, no un archivo"),
    )
    for is_kind, why in kinds:
        if is_kind(found.st_mode):
            raise NotAttachable(why)
    if found.st_size > MOST:
        raise NotAttachable(_too_large())


def _taken(stream: BinaryIO, name: str, blobs: Blobs) -> tuple[Attachment, str]:
    head = stream.read(_HEAD)
    if not head or (len(head) < _HEAD and head.isspace()):
        raise NotAttachable("está vacío")
    media_type, reading = _media_type(head)
    stream.seek(0)
    try:
        sha256, size = blobs.copy(stream, MOST)
    except TooLarge:
        raise NotAttachable(_too_large()) from None
    if media_type in IMAGES and is_too_large(size, image_size(head)) and (smaller := _scaled(stream)):
        attached, _ = take_in_bytes(smaller, name, blobs)
        return attached, f"pasaba de lo que admite la API: va reducida a {attached.detail}"
    tokens, detail = _estimate(media_type, head, size, stream)
    return Attachment(name, media_type, size, sha256, tokens, detail), _NOTES[reading]


def _scaled(stream: BinaryIO) -> bytes | None:
    """An image scaled down; None if it is larger than is worth it, or cannot be scaled here."""
    stream.seek(0)
    data = stream.read(_MOST_SCALED + 1)
    return scaled(data) if len(data) <= _MOST_SCALED else None


def _media_type(head: bytes) -> tuple[str, Reading]:
    kind = kind_of(head)
    if kind is not None and kind.media_type:
        return kind.media_type, ""
    if kind is not None:
        raise NotAttachable(
            f"es {kind.name}: se pueden adjuntar textos, PDF e imágenes PNG, JPEG, GIF o WebP"
        )
    try:
        return TEXT, decode_text(head)[1]
    except NotText:
        raise NotAttachable("no es texto, ni un PDF, ni una imagen de las que se pueden enviar") from None


def _estimate(media_type: str, head: bytes, size: int, stream: BinaryIO) -> tuple[int, str]:
    """The tokens of a file, and what else is worth saying of it."""
    if media_type in IMAGES:
        pixels = image_size(head)
        return image_tokens(pixels), f"{pixels[0]}×{pixels[1]}" if pixels else ""
    if media_type == PDF:
        pages, encrypted = _read_pdf(stream)
        if encrypted:
            raise NotAttachable(
                "es un PDF cifrado con contraseña, que no se puede leer: guárdalo sin ella (por ejemplo, "
                "imprimiéndolo a PDF)"
            )
        return page_tokens(pages), counted(pages, "página", "páginas") if pages else ""
    with suppress(NotText):
        share = len(decode_text(head)[0]) / len(head)  # characters a byte
        return text_tokens(round(size * share)), ""
    return text_tokens(size), ""


def _read_pdf(stream: BinaryIO) -> tuple[int, bool]:
    """Count the pages of a PDF as far as it names them uncompressed (else 0), and look if it is encrypted."""
    stream.seek(0)
    pages, most, rest, encrypted = 0, 0, b"", False
    while chunk := stream.read(_SCAN):
        piece = rest + chunk
        whole = len(piece) if len(chunk) < _SCAN else len(piece) - 48  # a mark may go on in the next piece
        encrypted = encrypted or _ENCRYPTED.search(piece) is not None
        pages += sum(found.start() < whole for found in _PAGE.finditer(piece))
        most = max([most, *(int(found[1]) for found in _COUNT.finditer(piece))])
        rest = piece[whole:]
    return max(pages, most if pages else 0) or most, encrypted


def _too_large() -> str:
    return f"pasa de {number(MOST / 1_000_000)} MB, que es lo más que se puede enviar"


def _why(problem: OSError) -> str:
    if isinstance(problem, PermissionError):
        return "no tienes permiso para leerlo"
    if isinstance(problem, FileNotFoundError):
        return "no existe"
    return "no se puede leer"
