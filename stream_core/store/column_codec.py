"""Texts and blocks <-> columns. Short texts stay readable for other tools, long ones are compressed."""
# See docs/adr/0021-attached-files-by-hash.md

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn
from stream_core.core.errors import ReplyTooLarge

if TYPE_CHECKING:
    from stream_core.core.deltas import Block
    from stream_core.core.story import Episode

LONG = 8192
"""Length in characters from which a text is compressed."""


MAX_TEXT = 256 << 20
"""Most bytes of an unpacked text; eight times the default limit of a reply."""

MAX_BLOCKS = 32 << 20
"""Most characters of the JSON of a turn's blocks; with more, or with more values than an event of a reply may
have, the turn is read as its text alone."""


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


ASKED = "stream-core/asked"
"""The type of the block, before those of the reply, that holds those of the question, and how often the reply
was continued."""

_CONTINUED = "continued"


def stored_blocks(turn: Turn) -> list[Block]:
    """Return the blocks of a turn to be stored: those of its question in one, then those of the reply."""
    answered = [block for block in turn.blocks if block.get("type") != ASKED]  # a server may send any type
    continued = sum(episode.what == _CONTINUED for episode in turn.story)
    if not (turn.asked or continued):
        return answered
    first: Block = {"type": ASKED, "content": list(turn.asked)}
    return [{**first, _CONTINUED: continued} if continued else first, *answered]


def split_blocks(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Split stored blocks into those of the question and those of the reply."""
    if not blocks or blocks[0].get("type") != ASKED:
        return (), tuple(blocks)
    asked = blocks[0].get("content")
    known = isinstance(asked, list) and all(isinstance(block, dict) for block in asked)
    return tuple(asked) if known and isinstance(asked, list) else (), tuple(blocks[1:])


def story_in(blocks: Sequence[Block]) -> tuple[Episode, ...]:
    """Return the episodes that stored blocks tell: that the reply was continued, and how often."""
    count = blocks[0].get(_CONTINUED) if blocks and blocks[0].get("type") == ASKED else None
    if not isinstance(count, int) or count < 1:
        return ()
    from stream_core.core.story import Episode  # most replies are whole at once

    return (Episode("continued"),) * min(count, _MOST_CONTINUED)


_MOST_CONTINUED = 99  # more than that is damage


def json_blocks(turn: Turn) -> str | None:
    """Return the blocks of a turn as JSON; None if they only repeat its text."""
    import json  # most turns have only their text

    blocks = stored_blocks(turn)
    if blocks == _plain(turn.text):
        return None
    return json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))


def pack_blocks(turn: Turn) -> str | bytes | None:
    """Encode the blocks of a turn; None if they only repeat its text."""
    blocks = json_blocks(turn)
    return None if blocks is None else pack(blocks)


def pack_asked(asked: Sequence[Block]) -> str | bytes | None:
    """Encode the blocks of a question that has no reply yet; None if it is only text."""
    return pack_blocks(question_only(asked)) if asked else None


def question_only(asked: Sequence[Block]) -> Turn:
    """Return a turn that holds the blocks of a question, and nothing else."""
    return Turn("", "", "interrupted", "", asked=tuple(asked))


def unpack_blocks(column: object, text: str) -> tuple[Block, ...]:
    """Decode the blocks of a turn.

    Raises:
        Damaged: the column holds no blocks.
    """
    return blocks_of(None if column is None else unpack(column), text)


def blocks_of(packed: str | None, text: str) -> tuple[Block, ...]:
    """Parse the blocks of a turn from JSON; None stands for those that only repeat its text.

    In a store that is shared another person may have written them: of what would take too much memory, or too
    long to parse, the text is what is read.

    Raises:
        Damaged: it is no JSON of blocks.
    """
    if packed is None:
        return tuple(_plain(text))
    from stream_core.core.wire_json import NestedTooDeeply, WireJson

    try:
        blocks = WireJson(4 * MAX_BLOCKS, characters=MAX_BLOCKS).load(packed)
    except (ReplyTooLarge, NestedTooDeeply):
        return tuple(_plain(text))
    except ValueError as error:
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
