"""The kind of a file by its bytes: a signature, or text in some encoding; never by its name. Pure.

Sources: the signatures are those of the formats' own specifications, as `file(1)` knows them. Spanish names.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

TEXT = "text/plain"
PDF = "application/pdf"
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""The images that the API takes (https://platform.claude.com/docs/en/build-with-claude/vision)."""

Reading: TypeAlias = Literal["", "replaced", "cp1252", "latin-1"]
"""How a text was read that is not quite UTF-8: with replaced bytes, as Windows-1252, or as Latin-1."""


class FileKind(NamedTuple):
    """A kind of file.

    Attributes:
        name: its Spanish name, with an article.
        media_type: the media type, if the API takes files of this kind, else "".
    """

    name: str
    media_type: str = ""


class NotText(Exception):
    """The bytes are no text; `kind` says what they look like."""

    def __init__(self, kind: FileKind) -> None:
        super().__init__(kind.name)
        self.kind = kind


BINARY = FileKind("datos binarios")

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "una imagen PNG", IMAGES[0]),
    (rb"\xff\xd8\xff", "una imagen JPEG", IMAGES[1]),
    (rb"GIF8[79]a", "una imagen GIF", IMAGES[2]),
    (rb"RIFF....WEBP", "una imagen WebP", IMAGES[3]),
    (rb"BM....\x00\x00\x00\x00", "una imagen BMP", ""),
    (rb"II\*\x00|MM\x00\*", "una imagen TIFF", ""),
    (rb"\x00\x00\x01\x00", "un icono", ""),
    (rb"....ftyp(?:heic|heix|mif1|avif)", "una imagen HEIC o AVIF", ""),
    (rb"....ftyp", "un video MP4", ""),
    (rb"\x1aE\xdf\xa3", "un video Matroska o WebM", ""),
    (rb"RIFF....AVI ", "un video AVI", ""),
    (rb"RIFF....WAVE", "un sonido WAV", ""),
    (rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]", "un sonido MP3", ""),
    (rb"OggS\x00", "un sonido Ogg", ""),
    (rb"fLaC\x00", "un sonido FLAC", ""),
    (rb"%PDF-\d", "un PDF", PDF),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "un documento antiguo de Office", ""),
    (rb"PK\x03\x04.{26,30}mimetypeapplication/epub", "un libro EPUB", ""),
    (rb"PK\x03\x04.{26,30}mimetypeapplication/vnd\.oasis", "un documento de LibreOffice", ""),
    (rb"PK\x03\x04.{26}\[Content_Types\]\.xml", "un documento de Office", ""),
    (rb"PK(?:\x03\x04|\x05\x06)", "un archivo ZIP", ""),
    (rb"\x1f\x8b", "un archivo comprimido con gzip", ""),
    (rb"BZh[1-9]1AY&SY", "un archivo comprimido con bzip2", ""),
    (rb"\xfd7zXZ\x00", "un archivo comprimido con xz", ""),
    (rb"\x28\xb5\x2f\xfd", "un archivo comprimido con zstd", ""),
    (rb"7z\xbc\xaf\x27\x1c", "un archivo 7z", ""),
    (rb"Rar!\x1a\x07", "un archivo RAR", ""),
    (rb".{257}ustar", "un archivo tar", ""),
    (rb"\x7fELF", "un programa o biblioteca (ELF)", ""),
    (rb"MZ.{0,126}\x00", "un programa de Windows", ""),
    (rb"(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)", "un programa de macOS", ""),
    (rb"\xca\xfe\xba\xbe", "una clase de Java o un programa de macOS", ""),
    (rb"\x00asm", "un módulo WebAssembly", ""),
    (rb"SQLite format 3\x00", "una base de datos SQLite", ""),
    (rb"PAR1", "un archivo Parquet", ""),
    (rb"\x80[\x02-\x05]", "un pickle de Python", ""),
    (rb"8BPS\x00", "una imagen de Photoshop", ""),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "una imagen JPEG 2000", ""),
    (rb"FORM....AIF[FC]", "un sonido AIFF", ""),
    (rb"MThd\x00", "un archivo MIDI", ""),
    (rb"FLV\x01", "un video Flash", ""),
    (rb"\x04\x22\x4d\x18", "un archivo comprimido con lz4", ""),
    (rb"\x1f\x9d", "un archivo comprimido con compress", ""),
    (rb"MSCF\x00", "un archivo CAB", ""),
    (rb"!<arch>\n", "un paquete de Debian o una biblioteca estática", ""),
    (rb"\xed\xab\xee\xdb", "un paquete RPM", ""),
    (rb"PACK\x00\x00|DIRC\x00\x00", "datos de un repositorio de Git", ""),
    (rb"\x93NUMPY", "un archivo de NumPy", ""),
    (rb"\x89HDF\r\n", "un archivo HDF5", ""),
    (rb"bplist00", "una lista de propiedades binaria", ""),
    (rb"wOF[F2]", "un tipo de letra", ""),
    (rb"\x00\x01\x00\x00\x00|OTTO\x00", "un tipo de letra", ""),
)
_CONTROLS = re.compile(rb"[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]")  # those that no text and no coloured log has
_MOST_CONTROLS = 0.02  # of all bytes
_ASCII_SHARE = 0.2  # of the characters of a UTF-16 text without a mark
_LAST_PLANE = 0x10  # of Unicode
_CONTINUES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def kind_of(data: bytes) -> FileKind | None:
    """Return the kind that the beginning of a file shows, or None if no signature fits: text, or unknown."""
    if any(data.startswith(mark) for mark, _ in _BOMS):
        return None
    return next((kind for signature, kind in _signatures() if signature.match(data)), None)


@cache
def _signatures() -> list[tuple[re.Pattern[bytes], FileKind]]:
    """The signatures, compiled when the first file comes."""
    return [
        (re.compile(pattern, re.DOTALL), FileKind(name, media_type))
        for pattern, name, media_type in _SIGNATURES
    ]


def encoding_of(head: bytes) -> tuple[int, str]:
    """Return the length of the byte order mark and the encoding of a text, from its beginning.

    Raises:
        NotText: it is no text.
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return len(mark), encoding
    reading = decode_text(head)[1]
    if b"\0" in head:
        return 0, _wide(head)
    return 0, "utf-8" if reading in ("", "replaced") else "cp1252"


def decode_text(data: bytes) -> tuple[str, Reading]:
    """Return the text of bytes, and how it was read.

    Raises:
        NotText: it is no text.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), ""
    if (kind := kind_of(data)) is not None:
        raise NotText(kind)
    if b"\0" in data:
        return _without_mark(data), ""
    if len(_CONTROLS.findall(data)) > _MOST_CONTROLS * len(data):
        raise NotText(BINARY)
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        return _not_quite_utf8(data, error)


def _without_mark(data: bytes) -> str:
    """Read UTF-16 or UTF-32 that does not say so."""
    try:
        text = data.decode(_wide(data))
    except UnicodeDecodeError:
        text = "\0"
    if all(map(_is_written, text)):
        return text
    raise NotText(BINARY)


def _wide(data: bytes) -> str:
    """The encoding of a text in which half of the bytes of ASCII characters are zero, or three of four.

    Raises:
        NotText: it cannot be one.
    """
    if len(data) % 4 == 0 and not any(data[3::4]) and max(data[2::4], default=0) <= _LAST_PLANE:
        return "utf-32-le"
    if len(data) % 4 == 0 and not any(data[::4]) and max(data[1::4], default=0) <= _LAST_PLANE:
        return "utf-32-be"
    halves = {"utf-16-le": data[1::2], "utf-16-be": data[::2]}
    encoding, high = max(halves.items(), key=lambda half: half[1].count(0))
    if len(data) % 2 == 0 and high.count(0) >= _ASCII_SHARE * len(high):
        return encoding
    raise NotText(BINARY)


def _is_written(char: str) -> bool:
    return char in "\t\n\r\f" or unicodedata.category(char) not in ("Cn", "Co", "Cc")


def _not_quite_utf8(data: bytes, error: UnicodeDecodeError) -> tuple[str, Reading]:
    if error.reason == "unexpected end of data" and len(data) - error.start < 4:
        return data.decode("utf-8", "replace"), ""  # cut within its last character, as `head -c` does
    text = data.decode("utf-8", "replace")
    if len(_CONTINUES.findall(data)) > text.count("\ufffd"):
        return text, "replaced"
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"
