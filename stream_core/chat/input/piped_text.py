"""Piped bytes -> text: the encoding is recognised, and what is no text is refused by its name.

Sources: the file signatures are those of the formats' own specifications, as `file(1)` knows them.
"""

from __future__ import annotations

import re
import unicodedata

from stream_core.core.errors import ConfigError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "una imagen PNG"),
    (rb"\xff\xd8\xff", "una imagen JPEG"),
    (rb"GIF8[79]a", "una imagen GIF"),
    (rb"RIFF....WEBP", "una imagen WebP"),
    (rb"BM....\x00\x00\x00\x00", "una imagen BMP"),
    (rb"II\*\x00|MM\x00\*", "una imagen TIFF"),
    (rb"\x00\x00\x01\x00", "un icono"),
    (rb"....ftyp(?:heic|heix|mif1|avif)", "una imagen HEIC o AVIF"),
    (rb"....ftyp", "un video MP4"),
    (rb"\x1aE\xdf\xa3", "un video Matroska o WebM"),
    (rb"RIFF....AVI ", "un video AVI"),
    (rb"RIFF....WAVE", "un sonido WAV"),
    (rb"ID3[\x02-\x04]|\xff[\xfb\xf3\xf2]", "un sonido MP3"),
    (rb"OggS\x00", "un sonido Ogg"),
    (rb"fLaC\x00", "un sonido FLAC"),
    (rb"%PDF-\d", "un PDF"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "un documento antiguo de Office"),
    (rb"PK\x03\x04.{26,30}mimetypeapplication/epub", "un libro EPUB"),
    (rb"PK\x03\x04.{26,30}mimetypeapplication/vnd\.oasis", "un documento de LibreOffice"),
    (rb"PK\x03\x04.{26}\[Content_Types\]\.xml", "un documento de Office"),
    (rb"PK(?:\x03\x04|\x05\x06)", "un archivo ZIP"),
    (rb"\x1f\x8b", "un archivo comprimido con gzip"),
    (rb"BZh[1-9]1AY&SY", "un archivo comprimido con bzip2"),
    (rb"\xfd7zXZ\x00", "un archivo comprimido con xz"),
    (rb"\x28\xb5\x2f\xfd", "un archivo comprimido con zstd"),
    (rb"7z\xbc\xaf\x27\x1c", "un archivo 7z"),
    (rb"Rar!\x1a\x07", "un archivo RAR"),
    (rb".{257}ustar", "un archivo tar"),
    (rb"\x7fELF", "un programa o biblioteca (ELF)"),
    (rb"MZ.{0,126}\x00", "un programa de Windows"),
    (rb"(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)", "un programa de macOS"),
    (rb"\xca\xfe\xba\xbe", "una clase de Java o un programa de macOS"),
    (rb"\x00asm", "un módulo WebAssembly"),
    (rb"SQLite format 3\x00", "una base de datos SQLite"),
    (rb"PAR1", "un archivo Parquet"),
    (rb"\x80[\x02-\x05]", "un pickle de Python"),
    (rb"wOF[F2]", "un tipo de letra"),
    (rb"\x00\x01\x00\x00\x00|OTTO\x00", "un tipo de letra"),
)
_SIGNATURE = [(re.compile(pattern, re.DOTALL), name) for pattern, name in _SIGNATURES]

_CONTROLS = re.compile(rb"[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]")  # those that no text and no coloured log has
_MOST_CONTROLS = 0.02  # of all bytes
_ASCII_SHARE = 0.2  # of the characters of a UTF-16 text without a mark
_CONTINUES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of bytes, and what the person should know of how it was read ("" for nothing).

    Raises:
        ConfigError: it is no text; the hint says in Spanish what it looks like.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), ""
    for signature, name in _SIGNATURE:
        if signature.match(data):
            raise _no_text(name)
    if b"\0" in data:
        return _without_mark(data), ""
    if len(_CONTROLS.findall(data)) > _MOST_CONTROLS * len(data):
        raise _no_text("datos binarios")
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        return _not_quite_utf8(data, error)


def _no_text(name: str) -> ConfigError:
    return ConfigError(
        f"Lo que llega por la entrada no es texto: parece {name}. Manda su texto, o pregunta sin él."
    )


def _without_mark(data: bytes) -> str:
    """Read UTF-16 that does not say so: half of the bytes of its ASCII characters are zero."""
    halves = {"utf-16-le": data[1::2], "utf-16-be": data[::2]}
    encoding, high = max(halves.items(), key=lambda half: half[1].count(0))
    if len(data) % 2 == 0 and high.count(0) >= _ASCII_SHARE * len(high):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            text = "\0"
        if all(map(_is_written, text)):
            return text
    raise _no_text("datos binarios")


def _is_written(char: str) -> bool:
    return char in "\t\n\r\f" or unicodedata.category(char) not in ("Cn", "Co", "Cc")


def _not_quite_utf8(data: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    if error.reason == "unexpected end of data" and len(data) - error.start < 4:
        return data.decode("utf-8", "replace"), ""  # cut within its last character, as `head -c` does
    text = data.decode("utf-8", "replace")
    if len(_CONTINUES.findall(data)) > text.count("\ufffd"):
        return text, "La entrada tiene bytes que no son UTF-8: van como «\ufffd»."
    try:
        return data.decode("cp1252"), "La entrada no es UTF-8: la leí como Latin-1 (Windows-1252)."
    except UnicodeDecodeError:
        return data.decode("latin-1"), "La entrada no es UTF-8: la leí como Latin-1."
