"""Files with a question: what arrived is named, so that a person sees that it did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stream_core.practice.request import Body, blocks_in
from stream_core.practice.scenarios import Scenario, reply
from stream_core.practice.script import Script

_KINDS = {
    "image/jpeg": "imagen JPEG",
    "image/png": "imagen PNG",
    "image/gif": "imagen GIF",
    "image/webp": "imagen WebP",
    "application/pdf": "PDF",
}
_NAME = re.compile(r"Imagen «(.{1,120})»:")
_SHOWN = 60  # characters of a text


def _files(body: Body) -> list[Mapping[str, Any]]:
    blocks = blocks_in(body["messages"][-1])
    before = [{}, *blocks]  # an image has no name of its own: a text before it may say one
    return [
        {"title": _named(before[at]), **block} if block["type"] == "image" else block
        for at, block in enumerate(blocks)
        if block.get("type") in ("image", "document")
    ]


def _named(before: Mapping[str, Any]) -> str:
    found = _NAME.fullmatch(str(before.get("text") or ""))
    return found[1] if found else ""


def _described(block: Mapping[str, Any]) -> str:
    source = block["source"]
    title = f"**{_plain(block['title'])}**: " if block.get("title") else ""
    if source["type"] == "base64":
        return f"{title}{_KINDS[source['media_type']]} de {_size(source['data'])}"
    if source["type"] == "text":
        text = str(source["data"])
        begin = " ".join(_plain(text[: 4 * _SHOWN]).split())
        more = "…" if len(begin) > _SHOWN or len(text) > 4 * _SHOWN else ""
        return f"{title}texto de {len(text):,} caracteres, que empieza por «{begin[:_SHOWN]}{more}»"
    if source.get("media_type"):
        kind = _KINDS.get(source["media_type"], "texto")
        return f"{title}{kind} de {_bytes(source['size_bytes'])}, subido una sola vez"
    return f"{title}{'imagen' if block['type'] == 'image' else 'documento'}"


def _size(data: str) -> str:
    return _bytes(len(data) * 3 // 4 - data.count("=", -2))


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:,.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"


def _plain(text: object) -> str:
    """A text without the marks that would format it."""
    return "".join(" " if char in "*`_<>[]|#" else char for char in str(text))


def _script(body: Body) -> Script:
    files = _files(body)
    count = "este archivo" if len(files) == 1 else f"estos {len(files)} archivos"
    them = "lo" if len(files) == 1 else "los"
    listed = "\n".join(f"{number}. {_described(block)}." for number, block in enumerate(files, 1))
    text = (
        f"He recibido {count}, tal como {them} recibiría la API:\n\n{listed}\n\n"
        "En modo práctica no hay ninguna IA que lo mire por dentro. Con una clave, Claude lo lee de verdad: "
        "ve las imágenes, y de un PDF tanto el texto como el aspecto de cada página."
    )
    return reply(body, text)


SCENARIO = Scenario(
    name="received",
    summary="nombra los archivos que llegan con la pregunta",
    match=lambda body: bool(_files(body)),
    script=_script,
)
