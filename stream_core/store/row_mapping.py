"""Turns <-> columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Block
from stream_core.core.reply import Outcome
from stream_core.core.token_usage import Usage

from .column_codec import Damaged, split_blocks, story_in, unpack, unpack_blocks

TURN = (
    "t.key, t.outcome, t.question, t.text, t.blocks, t.model, t.input_tokens, t.output_tokens,"
    " t.cache_creation_input_tokens, t.cache_read_input_tokens"
)
"""The columns that `turn_of` reads."""

_MOST = 1 << 53  # figures come from the API: an absurd one must not prevent a turn from being saved


def figure(count: int) -> int:
    """Clamp a figure to the range of a column."""
    return min(max(0, count), _MOST)


def turn_of(row: Sequence[Any], pieces: str) -> Turn:
    """Build a turn from its columns; the text of an unfinished one is `pieces`.

    Raises:
        Damaged: the columns hold something that this program did not write.
    """
    _, outcome, question, text, blocks, model, *usage = row
    reply_text = pieces if outcome is None else unpack(text)
    whole = () if outcome is None and blocks is None else unpack_blocks(blocks, reply_text)
    return turn_of_texts(outcome, unpack(question), reply_text, unpack(model), usage, whole)


def turn_of_texts(
    outcome: object, question: str, text: str, model: str, usage: Sequence[Any], blocks: tuple[Block, ...]
) -> Turn:
    """Build a turn from what its columns hold; `outcome` is None for an unfinished one.

    Raises:
        Damaged: outcome or usage are not what this program writes.
    """
    asked, answered = split_blocks(blocks)
    if outcome is None:
        return Turn(question, text, "interrupted", model, asked=asked)
    if outcome not in get_args(Outcome) or not all(isinstance(count, int) for count in usage):
        raise Damaged("outcome or usage")
    ended, told = cast("Outcome", outcome), story_in(blocks)
    return Turn(question, text, ended, model, Usage(*usage), answered, story=told, asked=asked)


def figures(turn: Turn) -> tuple[int, ...]:
    """Return the figures of a turn: tokens in the order of `TURN`, then the characters of its text."""
    usage = turn.usage
    tokens = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_creation_input_tokens,
        usage.cache_read_input_tokens,
    )
    return (*map(figure, tokens), len(turn.text))
