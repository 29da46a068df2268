"""Piped bytes -> text: the encoding is recognised, and what is no text is refused by its name."""

from __future__ import annotations

from stream_core.core.errors import ConfigError
from stream_core.core.file_kinds import NotText, Reading, decode_text

_NOTES: dict[Reading, str] = {
    "": "",
    "replaced": "La entrada tiene bytes que no son UTF-8: van como «\ufffd».",
    "cp1252": "La entrada no es UTF-8: la leí como Latin-1 (Windows-1252).",
    "latin-1": "La entrada no es UTF-8: la leí como Latin-1.",
}


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of bytes, and what the person should know of how it was read ("" for nothing).

    Raises:
        ConfigError: it is no text; the hint says in Spanish what it looks like.
    """
    try:
        text, reading = decode_text(data)
    except NotText as found:
        raise ConfigError(
            f"Lo que llega por la entrada no es texto: parece {found.kind.name}. "
            "Manda su texto, o pregunta sin él."
        ) from None
    return text, _NOTES[reading]
