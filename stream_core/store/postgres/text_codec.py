"""Texts <-> columns of type `text`, which hold neither NUL nor lone surrogates. Pure.

Both are escaped with SUB (U+001A), which is escaped itself: other tools read all other texts as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block
from stream_core.store.column_codec import MAX_TEXT, Damaged, Oversized, blocks_of, json_blocks, question_only
from stream_core.store.protocol import INDEXED
from stream_core.store.text_index import words_of

_SPECIAL = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a(.{4})", re.DOTALL)
_WORDS_BYTES = 400_000  # a tsvector holds less than a megabyte, and has each word twice
_WORD = 500  # characters; a lexeme holds 2,047 bytes


def pack(text: str) -> str:
    """Encode a text.

    Raises:
        Oversized: it is too long.
    """
    packed = _SPECIAL.sub(lambda found: f"\x1a{ord(found.group()):04x}", text)
    if len(packed) > MAX_TEXT // 4 and len(packed.encode()) > MAX_TEXT:
        raise Oversized
    return packed


def unpack(column: object) -> str:
    """Decode a text.

    Raises:
        Damaged: the column holds no text of this program.
    """
    if not isinstance(column, str):
        raise Damaged("no text")
    try:
        return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), column)
    except ValueError as error:
        raise Damaged(str(error)) from None


def pack_blocks(turn: Turn) -> str | None:
    """Encode the blocks of a turn; None if they only repeat its text."""
    blocks = json_blocks(turn)
    return None if blocks is None else pack(blocks)


def pack_asked(asked: Sequence[Block]) -> str | None:
    """Encode the blocks of a question that has no reply yet; None if it is only text."""
    return pack_blocks(question_only(asked)) if asked else None


def unpack_blocks(column: object, text: str) -> tuple[Block, ...]:
    """Decode the blocks of a turn.

    Raises:
        Damaged: the column holds no blocks.
    """
    return blocks_of(None if column is None else unpack(column), text)


def index_words(question: str, text: str) -> str:
    """Return the words of a turn for the index, in order; of a very long one each once, up to a limit."""
    words = [word[:_WORD] for word in words_of(f"{question[:INDEXED]}\n{text[:INDEXED]}")]
    if sum(map(len, words)) * 4 <= _WORDS_BYTES:
        return " ".join(words)
    kept, size = list[str](), 0
    for word in dict.fromkeys(words):
        size += len(word.encode()) + 1
        if size > _WORDS_BYTES:
            break
        kept.append(word)
    return " ".join(kept)
