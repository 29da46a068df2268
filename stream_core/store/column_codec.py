"""Texts and blocks <-> columns. Short texts stay readable for other tools, long ones are compressed."""

from __future__ import annotations

import json
import zlib

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block

LONG = 8192
"""Length in characters from which a text is compressed."""


class Damaged(Exception):
    """A column holds something that this program did not write."""


def pack(text: str) -> str | bytes:
    """Encode a text; bytes are compressed UTF-8, also for short texts with lone surrogates."""
    if len(text) < LONG and _encodes(text):
        return text
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 6)


def unpack(column: object) -> str:
    """Decode a text.

    Raises:
        Damaged: the column holds no text.
    """
    if isinstance(column, str):
        return column
    try:
        return zlib.decompress(column).decode("utf-8", "surrogatepass")  # type: ignore[arg-type]
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
