"""Limits of servers on attached files, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment, attachments_of
from stream_core.core.conversation import Turn
from stream_core.core.file_kinds import PDF, TEXT
from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line
from stream_core.files.uploads import KEPT_DAYS
from stream_core.models.model_list import find_listed
from stream_core.texts.attachments_es import name_words, size_words

from .uploading import is_uploaded

MOST_REQUEST = 32 * 1024 * 1024
"""Bytes of a request (https://platform.claude.com/docs/en/api/errors)."""
MOST_IMAGE = 5 * 1024 * 1024
"""Bytes of an image in Base64 (https://platform.claude.com/docs/en/build-with-claude/vision)."""
_LARGE_CONTEXT = 500_000  # tokens; a model with a smaller one takes fewer pages and images
_PAGES, _IMAGES = {True: 600, False: 100}, {True: 600, False: 100}
_SIDE, _SIDE_OF_MANY, _MANY = 8000, 2000, 20


def objection(attached: Sequence[Attachment], settings: Settings) -> str:
    """Return why a request with these files cannot be sent, and what can be done; "" if nothing is known.

    Of other servers only what their list of models says is known. The API's limits hold in practice, too.
    """
    if refused := _of_local(attached, settings) or _of_model(attached, settings):
        return refused
    if not attached or not settings.connection.talks_to_anthropic:
        return ""
    known = settings.models.find(settings.model)
    context = known.context if known is not None else None
    large = (context or _LARGE_CONTEXT) >= _LARGE_CONTEXT
    tests = (_of_images(attached, large), _of_pages(attached, large), _of_size(attached, settings))
    return next(filter(None, (*tests, _of_tokens(attached, context, settings.model))), "")


def may_be_refused(attached: Sequence[Attachment], settings: Settings) -> bool:
    """Whether the server's list of models, which is not known yet, may say that it takes no such files."""
    connection = settings.connection
    ours = connection.talks_to_anthropic or connection.local is not None
    return not (ours or settings.listed) and any(each.media_type != TEXT for each in attached)


def attached_to(turns: Iterable[Turn]) -> list[Attachment]:
    """Return the files of earlier questions, which go along with the next one."""
    return [attached for turn in turns for attached in attachments_of(turn.asked)]


def _of_local(attached: Sequence[Attachment], settings: Settings) -> str:
    """Explain in Spanish what a model on this machine does not take; "" if it takes all.

    llama.cpp's server ignores documents without an error, and takes images only with a projector.
    """
    local = settings.connection.local
    if local is None or all(each.media_type == TEXT for each in attached):
        return ""
    what = "imágenes" if all(each.is_image or each.media_type == TEXT for each in attached) else "PDF"
    return (
        f"El modelo {local.name}, en esta máquina, lee texto y no {what}: manda su texto, o pregúntaselo a "
        "Claude con una clave."
    )


def _of_model(attached: Sequence[Attachment], settings: Settings) -> str:
    listed = find_listed(settings.listed, settings.model)
    if listed is None or listed.accepts is None:
        return ""
    kinds = (
        ("image_input", "imágenes", any(each.is_image for each in attached)),
        ("pdf_input", "PDF", any(each.media_type == PDF for each in attached)),
    )
    lacks = " ni ".join(name for key, name, found in kinds if found and key not in listed.accepts)
    if not lacks:
        return ""
    return f"«{one_line(settings.model, 60)}» no admite {lacks}: elige otro modelo, o manda el texto."


def _of_size(attached: Sequence[Attachment], settings: Settings) -> str:
    uploaded = is_uploaded(settings)
    size = sum(each.sent_size for each in attached if not uploaded(each))
    if size <= MOST_REQUEST:
        return ""
    return (
        f"La API admite peticiones de {number(MOST_REQUEST >> 20)} MB y esta, con lo adjunto en la "
        f"conversación, sería de {number(size / 2**20, 1)} MB. Con --upload-over 5 lo que pase de 5 MB sube "
        "aparte, una sola vez; o adjunta menos, o empieza otra conversación. Un texto largo puede ir por "
        "partes con --chunked."
    )


def upload_note(attached: Sequence[Attachment], settings: Settings) -> str:
    """Return what is said of files that are uploaded and stay on the server for a while; "" for none."""
    uploaded = [name_words(each) for each in attached if is_uploaded(settings)(each)]
    if not uploaded:
        return ""
    names = " y ".join(f"«{name}»" for name in dict.fromkeys(uploaded))
    return (
        f"{names} se sube una sola vez al servidor, que lo guarda {KEPT_DAYS} días; «/archivos», en el chat, "
        "lo muestra y lo borra."
    )


def _of_pages(attached: Sequence[Attachment], large: bool) -> str:
    pages = sum(_pages(each) for each in attached)
    if pages <= _PAGES[large]:
        return ""
    return (
        f"La API admite {number(_PAGES[large])} páginas de PDF por petición y serían {number(pages)}. "
        "Parte el PDF, o manda su texto."
    )


def _of_images(attached: Sequence[Attachment], large: bool) -> str:
    images = [each for each in attached if each.is_image]
    if len(images) > _IMAGES[large]:
        return f"La API admite {_IMAGES[large]} imágenes por petición y serían {len(images)}: adjunta menos."
    side = _SIDE_OF_MANY if len(images) > _MANY else _SIDE
    for image in images:
        if image.sent_size > MOST_IMAGE:
            return (
                f"«{name_words(image)}» pesa {size_words(image.size)} y la API admite imágenes de "
                f"{size_words(MOST_IMAGE * 3 // 4)}. Redúcela; con «pip install pillow» lo hace el chat."
            )
        if max(_sides(image)) > side:
            return (
                f"«{name_words(image)}» mide {image.detail} y la API admite {side}×{side} píxeles. "
                "Redúcela; con «pip install pillow» lo hace el chat."
            )
    return ""


def _of_tokens(attached: Sequence[Attachment], context: int | None, model: str) -> str:
    tokens = sum(each.tokens for each in attached)
    if context is None or tokens <= context:
        return ""
    return (
        f"Lo adjunto son unos {number(tokens)} tokens y en «{one_line(model, 60)}» caben {number(context)}. "
        "Adjunta menos, o manda el texto por partes con --chunked."
    )


def warning(attached: Sequence[Attachment], settings: Settings) -> str:
    """Return a warning that the server may not accept these files; "" if it is known to."""
    listed = find_listed(settings.listed, settings.model)
    if settings.connection.talks_to_anthropic or (listed is not None and listed.accepts is not None):
        return ""
    what = [name for name, found in (
        ("imágenes", any(each.is_image for each in attached)),
        ("PDF", any(each.media_type == PDF for each in attached)),
    ) if found]  # fmt: skip
    if not what:
        return ""
    return (
        f"No sé si «{one_line(settings.model, 60)}» admite {' o '.join(what)} en este servidor: "
        "si no, lo rechazará o no lo verá."
    )


def _pages(attached: Attachment) -> int:
    count = attached.detail.partition(" ")[0].replace(",", "")
    return int(count) if attached.media_type == PDF and count.isdigit() else 0


def _sides(attached: Attachment) -> tuple[int, int]:
    wide, _, high = attached.detail.partition("×")
    return (int(wide), int(high)) if wide.isdigit() and high.isdigit() else (0, 0)
