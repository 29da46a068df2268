"""Turns -> columns, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from stream_core.core.conversation import Turn
from stream_core.core.deltas import Usage
from stream_core.core.reply import Outcome

from .column_codec import Damaged, unpack, unpack_blocks

TURN = (
    "t.key, t.outcome, t.question, t.text, t.blocks, t.model, t.input_tokens, t.output_tokens,"
    " t.cache_creation_input_tokens, t.cache_read_input_tokens"
)
"""The columns from which `turn_of` makes a turn."""

_MOST = 1 << 53  # the figures come from the API: what no column takes must not keep them from being saved


def figure(count: int) -> int:
    """Give what a column takes of a figure."""
    return min(max(0, count), _MOST)


def turn_of(row: Sequence[Any], pieces: str) -> Turn:
    """Make a turn of its columns; of `pieces`, when it has not ended.

    Raises:
        Damaged: the columns do not hold what was put there.
    """
    _, outcome, question, text, blocks, model, *usage = row
    if outcome is None:
        return Turn(unpack(question), pieces, "interrupted", unpack(model))
    if outcome not in get_args(Outcome) or not all(isinstance(count, int) for count in usage):
        raise Damaged("outcome or usage")
    said = unpack(text)
    return Turn(unpack(question), said, outcome, unpack(model), Usage(*usage), unpack_blocks(blocks, said))


def figures(turn: Turn) -> tuple[int, ...]:
    """Give a turn's figures, in the order of the tokens of `TURN`, then the characters of its text."""
    usage = turn.usage
    tokens = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_creation_input_tokens,
        usage.cache_read_input_tokens,
    )
    return (*map(figure, tokens), len(turn.text))
