"""The Spanish sentences about attached files. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_core.core.attachments import Attachment
from stream_core.core.file_kinds import IMAGES, PDF, TEXT
from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line

_KINDS = {TEXT: "texto", PDF: "PDF", **dict(zip(IMAGES, ("PNG", "JPEG", "GIF", "WebP"), strict=True))}
_NAME = 60  # characters


def name_words(attached: Attachment) -> str:
    """Return the name of a file, safe and short."""
    return one_line(attached.name, _NAME) or "sin nombre"


def kind_words(attached: Attachment) -> str:
    """Return what a file is: `imagen PNG de 640×480`, `PDF de 12 páginas`, `texto`."""
    kind = _KINDS[attached.media_type]
    kind = f"imagen {kind}" if attached.is_image else kind
    return f"{kind} de {one_line(attached.detail, 40)}" if attached.detail else kind


def size_words(size: int) -> str:
    """Return a size in bytes for people: `820 bytes`, `3.4 kB`, `34 kB`, `1.2 MB`."""
    if size < 1000:
        return counted(size, "byte", "bytes")
    if size < 999_500:
        return f"{number(size / 1000, 0 if size >= 9_950 else 1)} kB"
    return f"{number(size / 1_000_000, 1)} MB"


def short(attached: Attachment) -> str:
    """Return name, kind and size: `foto.png (imagen PNG de 640×480, 34 kB)`."""
    return f"{name_words(attached)} ({kind_words(attached)}, {size_words(attached.size)})"


def row(attached: Attachment, price: str) -> str:
    """Return what is shown of a file before it is sent, with its estimated tokens and price ("" for none)."""
    tokens = f"≈ {counted(attached.tokens, 'token', 'tokens')}"
    facts = ", ".join(filter(None, [kind_words(attached), size_words(attached.size), tokens, price]))
    return f"Adjunto: {name_words(attached)} ({facts})"


def total(attached: Sequence[Attachment], price: str) -> str:
    """Return the sum of several files."""
    size, tokens = sum(each.size for each in attached), sum(each.tokens for each in attached)
    facts = ", ".join(filter(None, [size_words(size), f"≈ {number(tokens)} tokens", price]))
    return f"{counted(len(attached), 'adjunto', 'adjuntos')} en total: {facts}"


def listed(attached: Sequence[Attachment]) -> str:
    """Return the files of a saved question on a line."""
    return f"Adjunto: {'; '.join(map(short, attached))}" if attached else ""


def missing(names: Sequence[str]) -> str:
    """Return the sentence about files of the conversation that are not there any more; "" for none."""
    if not names:
        return ""
    facts = ", ".join(f"«{name}»" for name in dict.fromkeys(names))
    verb, is_sent = ("está", "va") if len(names) == 1 else ("están", "van")
    return f"{facts} ya no {verb} entre lo guardado: en su lugar {is_sent} una nota que lo dice."
