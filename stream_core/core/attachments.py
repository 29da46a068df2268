"""Files in a question: what is known of each, and the blocks that stand for them. Pure.

A conversation holds references; their bytes stand elsewhere, once, under their SHA-256. Only the request that
is sent has them (`resolved`). The type of a reference is none that the API could send or take.
"""
# See docs/adr/0021-attached-files-by-hash.md

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .api_messages import Message
from .deltas import Block
from .file_kinds import IMAGES, PDF, TEXT, NotText, decode_text
from .sanitize import one_line, sanitize_message

REFERENCE = "stream-core/file"
"""The type of the block that stands for a file."""

_HASH = re.compile(r"[0-9a-f]{64}")
_CHARACTERS_A_TOKEN = 4
_PIXELS_A_TOKEN = 750
_LONGEST_SIDE, _MOST_IMAGE_TOKENS = 1568, 1600
_TOKENS_A_PAGE = 2_250
_NAME = 120  # characters

Load = Callable[[str], "bytes | None"]
"""Returns the bytes that have a SHA-256, or None if they are not there."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a question.

    Attributes:
        name: its name, without a folder; untrusted.
        media_type: `TEXT`, `PDF` or one of `IMAGES`.
        size: bytes.
        sha256: the SHA-256 of its bytes, in hexadecimal.
        tokens: an estimate of what it adds to a request.
        detail: what else is known of it, in Spanish (`640×480`, `12 páginas`), or "".
        data: its bytes in Base64, where the reference holds them itself, else "".
    """

    name: str
    media_type: str
    size: int
    sha256: str
    tokens: int
    detail: str = ""
    data: str = field(default="", repr=False, compare=False)

    @property
    def is_image(self) -> bool:
        """Whether it is an image."""
        return self.media_type in IMAGES

    @property
    def sent_size(self) -> int:
        """The bytes that it takes in a request: all but text is sent in Base64."""
        return self.size if self.media_type == TEXT else -(-self.size // 3) * 4

    def reference(self) -> Block:
        """Return the block that stands for it."""
        block: dict[str, Any] = {
            "type": REFERENCE,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
            "tokens": self.tokens,
        }
        if self.detail:
            block["detail"] = self.detail
        return {**block, "data": self.data} if self.data else block


def attachment_of(block: Block) -> Attachment | None:
    """Return the file that a block stands for; None for any other, or a malformed one."""
    if block.get("type") != REFERENCE:
        return None
    name, media_type, sha256 = (block.get(key) for key in ("name", "media_type", "sha256"))
    size, tokens = block.get("size"), block.get("tokens")
    detail, data = block.get("detail", ""), block.get("data", "")
    if not all(isinstance(value, str) for value in (name, media_type, sha256, detail, data)):
        return None
    if not (isinstance(size, int) and isinstance(tokens, int) and _HASH.fullmatch(str(sha256))):
        return None
    if media_type not in (TEXT, PDF, *IMAGES):
        return None
    return Attachment(str(name), str(media_type), size, str(sha256), tokens, str(detail), str(data))


def attachments_of(blocks: Iterable[Block]) -> list[Attachment]:
    """Return the files that blocks stand for, in order."""
    return [found for block in blocks if (found := attachment_of(block)) is not None]


def attached_in(messages: Iterable[Message]) -> list[Attachment]:
    """Return the files that messages hold, in order."""
    return [
        found
        for message in messages
        if not isinstance(message["content"], str)
        for found in attachments_of(message["content"])
    ]


def question_blocks(question: str, attached: Sequence[Attachment]) -> tuple[Block, ...]:
    """Return the blocks of a question with files, which come first; empty for one without."""
    if not attached:
        return ()
    return (*(each.reference() for each in attached), {"type": "text", "text": question})


def inline(blocks: Sequence[Block], load: Load) -> tuple[Block, ...]:
    """Return blocks whose references hold their files themselves, as far as those are there."""
    return tuple(_inlined(block, load) for block in blocks)


def _inlined(block: Block, load: Load) -> Block:
    attached = attachment_of(block)
    if attached is None or attached.data or (data := load(attached.sha256)) is None:
        return block
    return {**block, "data": base64.standard_b64encode(data).decode("ascii")}


# -- what is sent -------------------------------------------------------------------------------


def resolved(
    messages: Sequence[Message],
    load: Load,
    *,
    documents: bool = True,
    uploaded: Callable[[Attachment], bool] = lambda _: False,
) -> list[Message]:
    """Return messages with the files that they refer to.

    Args:
        messages: those of a request.
        load: returns the bytes of a file.
        documents: whether the server knows documents; else texts are sent as text.
        uploaded: whether a file is uploaded by itself: its reference is left.
    """

    def whole(message: Message) -> Message:
        content = message["content"]
        if isinstance(content, str) or not any(block.get("type") == REFERENCE for block in content):
            return message
        return {
            **message,
            "content": [part for block in content for part in _resolved(block, load, documents, uploaded)],
        }

    return [*map(whole, messages)]


def _resolved(
    block: Block, load: Load, documents: bool, uploaded: Callable[[Attachment], bool]
) -> tuple[Block, ...]:
    """The blocks sent for a reference: an image is preceded by its name, which has no field in the API."""
    if block.get("type") != REFERENCE:
        return (block,)
    attached = attachment_of(block)
    if attached is not None and uploaded(attached):
        sent: Block = block
    else:
        data = data_of(attached, load) if attached is not None else None
        if attached is None or data is None:
            return (placeholder(str(block.get("name") or "un archivo")),)
        sent = file_block(data, attached.media_type, attached.name, documents=documents)
    if not attached.is_image:
        return (sent,)
    return {"type": "text", "text": f"Imagen «{one_line(attached.name, _NAME)}»:"}, sent


def data_of(attached: Attachment, load: Load) -> bytes | None:
    """Return the bytes of a file, or None if they are not there."""
    if attached.data:
        try:
            return base64.b64decode(attached.data, validate=True)
        except ValueError:
            return None
    return load(attached.sha256)


def placeholder(name: str) -> Block:
    """Return the block that is sent in place of a file that is not there any more."""
    return {"type": "text", "text": f"[El archivo adjunto «{one_line(name, _NAME)}» ya no está.]"}


def file_block(data: bytes, media_type: str, name: str, *, documents: bool = True) -> dict[str, Any]:
    """Return a file as a content block of the API.

    Args:
        data: its bytes.
        media_type: `TEXT`, `PDF` or one of `IMAGES`.
        name: its name, which becomes the title of a document.
        documents: whether a text is sent as a document; else as text that begins with its name.
    """
    title = one_line(name, _NAME)
    if media_type == TEXT:
        text = text_of(data)
        if not text or text.isspace():  # `strip` would copy it
            return {"type": "text", "text": f"[El archivo adjunto «{title}» está vacío.]"}
        if not documents:
            return {"type": "text", "text": f"Archivo «{title}»:\n\n{text}"}
        source = {"type": "text", "media_type": TEXT, "data": text}
        return {"type": "document", "source": source, "title": title}
    encoded = base64.standard_b64encode(data).decode("ascii")
    source = {"type": "base64", "media_type": media_type, "data": encoded}
    if media_type in IMAGES:
        return {"type": "image", "source": source}
    return {"type": "document", "source": source, "title": title}


def uploaded_block(attached: Attachment, file_id: str) -> dict[str, Any]:
    """Return the content block of a file that the server has, by the id that it gave it."""
    source = {"type": "file", "file_id": file_id}
    if attached.is_image:
        return {"type": "image", "source": source}
    return {"type": "document", "source": source, "title": one_line(attached.name, _NAME)}


def text_of(data: bytes) -> str:
    """Return the text of a file without what a terminal would act upon; "" if it is none after all."""
    try:
        return sanitize_message(decode_text(data)[0])
    except NotText:
        return ""


# -- estimates ----------------------------------------------------------------------------------


def image_tokens(size: tuple[int, int] | None) -> int:
    """Estimate the tokens of an image (https://platform.claude.com/docs/en/build-with-claude/vision).

    Args:
        size: its width and height in pixels, or None if unknown.
    """
    if size is None or min(size) < 1:
        return _MOST_IMAGE_TOKENS
    scale = min(1.0, _LONGEST_SIDE / max(size))
    pixels = size[0] * scale * size[1] * scale
    return max(1, min(_MOST_IMAGE_TOKENS, round(pixels / _PIXELS_A_TOKEN)))


def text_tokens(characters: int) -> int:
    """Estimate the tokens of a text."""
    return -(-characters // _CHARACTERS_A_TOKEN)


def page_tokens(pages: int) -> int:
    """Estimate the tokens of a PDF: each page is sent as text and as an image.

    The API's guide says 1,500 to 3,000 tokens of text a page
    (https://platform.claude.com/docs/en/build-with-claude/pdf-support).
    """
    return max(1, pages) * _TOKENS_A_PAGE


def tokens_in(block: Mapping[str, Any]) -> int | None:
    """Return the estimate of a block that stands for a file; None for another one."""
    attached = attachment_of(block)
    return None if attached is None else attached.tokens
