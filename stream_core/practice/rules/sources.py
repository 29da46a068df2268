"""The images and documents of the messages: their sources, and what those hold.

Limits: https://platform.claude.com/docs/en/build-with-claude/vision and …/pdf-support.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid, unknown_tag
from stream_core.practice.request import Body, blocks_in
from stream_core.practice.rules.shape import no_extras

_MOST_IMAGE = 5 * 1024 * 1024  # bytes in Base64
_MOST_IMAGES, _MOST_PAGES = 600, 600
_SIGNATURES = {
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/gif": rb"GIF8[79]a",
    "image/webp": rb"RIFF....WEBP",
}
_PAGE = re.compile(rb"/Type\s{0,4}/Page(?![a-zA-Z])")
_Check = Callable[[str, Mapping[str, Any]], None]


def check(body: Body, model: Model) -> None:
    images = pages = 0
    for number, message in enumerate(body["messages"]):
        for where, block in _within(f"messages.{number}.content", blocks_in(message)):
            if block.get("type") == "image":
                _check_source(f"{where}.image.source", block["source"], _IMAGE)
                images += 1
            elif block.get("type") == "document":
                _check_source(f"{where}.document.source", block["source"], _DOCUMENT)
                pages += _pages(block["source"])
    if images > _MOST_IMAGES:
        raise invalid(f"messages: too many images: {images} > {_MOST_IMAGES}")
    if pages > _MOST_PAGES:
        raise invalid(f"A maximum of {_MOST_PAGES} PDF pages may be provided.")


def _within(where: str, blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The blocks with their places, those within results of tools, too."""
    for index, block in enumerate(blocks):
        yield f"{where}.{index}", block
        inner = block.get("content") if block.get("type") == "tool_result" else None
        if isinstance(inner, list):
            yield from _within(f"{where}.{index}.tool_result.content", [*filter(_is_block, inner)])


def _is_block(value: object) -> bool:
    return isinstance(value, Mapping)


def _check_source(where: str, source: Any, kinds: Mapping[str, _Check]) -> None:
    kind = source.get("type")
    if kind is None:
        raise invalid(f"{where}.type: Field required")
    if kind not in kinds:
        raise unknown_tag(where, kind, tuple(kinds))
    kinds[kind](f"{where}.{kind}", source)


def _fields(where: str, source: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if name not in source:
            raise invalid(f"{where}.{name}: Field required")
        if not isinstance(source[name], str):
            raise invalid(f"{where}.{name}: Input should be a valid string")
    no_extras(f"{where}.", source, ("type", *names))


def _decoded(where: str, source: Mapping[str, Any], media_types: Sequence[str]) -> bytes:
    _fields(where, source, "media_type", "data")
    if source["media_type"] not in media_types:
        known = " or ".join([", ".join(map(repr, media_types[:-1])), repr(media_types[-1])]).removeprefix(
            " or "
        )
        raise invalid(f"{where}.media_type: Input should be {known}")
    try:
        data = base64.b64decode(source["data"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"{where}.data: invalid base64 data") from None
    if not data:
        raise invalid(f"{where}.data: data cannot be empty")
    return data


def _image(where: str, source: Mapping[str, Any]) -> None:
    data, size = _decoded(where, source, tuple(_SIGNATURES)), len(source["data"])
    if size > _MOST_IMAGE:
        raise invalid(f"{where}: image exceeds 5 MB maximum: {size} bytes > {_MOST_IMAGE} bytes")
    found = next((kind for kind, mark in _SIGNATURES.items() if re.match(mark, data, re.DOTALL)), None)
    if found is None:
        raise invalid(f"{where}.data: Could not process image")
    if found != source["media_type"]:
        raise invalid(f"{where}.data: Image does not match the provided media type {source['media_type']}")


def _pdf(where: str, source: Mapping[str, Any]) -> None:
    if not _decoded(where, source, ("application/pdf",)).startswith(b"%PDF-"):
        raise invalid(f"{where}.data: The PDF specified was not valid.")


def _text(where: str, source: Mapping[str, Any]) -> None:
    _fields(where, source, "media_type", "data")
    if source["media_type"] != "text/plain":
        raise invalid(f"{where}.media_type: Input should be 'text/plain'")
    if not source["data"].strip():
        raise invalid(f"{where}.data: text document content cannot be empty")


def _content(where: str, source: Mapping[str, Any]) -> None:
    no_extras(f"{where}.", source, ("type", "content"))
    content = source.get("content")
    if not isinstance(content, (str, list)) or not content:
        raise invalid(f"{where}.content: Input should be a valid string or list")


def _url(where: str, source: Mapping[str, Any]) -> None:
    _fields(where, source, "url")
    if not source["url"].startswith(("https://", "http://")):
        raise invalid(f"{where}.url: Input should be a valid URL")


def _file(where: str, source: Mapping[str, Any]) -> None:
    _fields(where, source, "file_id")


_IMAGE: Mapping[str, _Check] = {"base64": _image, "url": _url, "file": _file}
_DOCUMENT: Mapping[str, _Check] = {
    "base64": _pdf,
    "text": _text,
    "content": _content,
    "url": _url,
    "file": _file,
}


def _pages(source: Mapping[str, Any]) -> int:
    if source["type"] != "base64":
        return 0
    return len(_PAGE.findall(base64.b64decode(source["data"])))
