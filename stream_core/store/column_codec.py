"""Texts and blocks <-> columns. Short texts stay readable for other tools, long ones are compressed."""

from __future__ import annotations

import json
import zlib

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block

LONG = 8192
"""Length in characters from which a text is compressed."""


MAX_TEXT = 256 << 20
"""Most bytes of an unpacked text; eight times the default limit of a reply."""


class Oversized(Exception):
    """A text has more than `MAX_TEXT` bytes."""


class Damaged(Exception):
    """A column holds something that this program did not write."""


def pack(text: str) -> str | bytes:
    """Encode a text; bytes are compressed UTF-8, also for short texts with lone surrogates.

    Raises:
        Oversized: it is too long.
    """
    if len(text) < LONG and _encodes(text):
        return text
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_TEXT:
        raise Oversized
    return zlib.compress(raw, 6)


def unpack(column: object, limit: int | None = None) -> str:
    """Decode a text.

    Args:
        limit: bytes that it may have; None for `MAX_TEXT`.

    Raises:
        Oversized: it has more; then no more than that was unpacked.
        Damaged: the column holds no text.
    """
    if isinstance(column, str):
        return column
    try:
        limit = MAX_TEXT if limit is None else limit
        decoder = zlib.decompressobj()
        raw = decoder.decompress(column, limit + 1)  # type: ignore[arg-type]
        if len(raw) > limit:
            raise Oversized
        if not decoder.eof or decoder.unused_data:
            raise Damaged("not the whole of a compressed text")
        return raw.decode("utf-8", "surrogatepass")
    except (TypeError, ValueError, zlib.error) as error:
        raise Damaged(str(error)) from None


def pack_blocks(turn: Turn) -> str | bytes | None:
    """Encode the blocks of a turn; None if they only repeat its text."""
    if list(turn.blocks) == _plain(turn.text):
        return None
    return pack(json.dumps(list(turn.blocks), ensure_ascii=False, separators=(",", ":")))


def unpack_blocks(column: object, text: str) -> tuple[Block, ...]:
    """Decode the blocks of a turn.

    Raises:
        Damaged: the column holds no blocks.
    """
    if column is None:
        return tuple(_plain(text))
    try:
        blocks = json.loads(unpack(column))
    except (ValueError, RecursionError) as error:
        raise Damaged(str(error)) from None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Damaged("no blocks")
    return tuple(blocks)


def _plain(text: str) -> list[Block]:
    return [{"type": "text", "text": text}]


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
