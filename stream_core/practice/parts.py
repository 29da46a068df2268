"""The content blocks of a reply, and how they are cut into deltas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .pieces import pieces

GROWS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
    "server_tool_use": ("input_json_delta", "partial_json"),
}
"""Blocks that arrive in pieces: the type of their deltas, and the delta's field with the piece."""


@dataclass(frozen=True, slots=True)
class Part:
    """One content block of a reply.

    Attributes:
        start: the block of `content_block_start`. An id of "" is replaced by a generated one.
        text: sent in pieces, as deltas of the block's kind; each piece counts as one output token.
        after: deltas sent after a complete text, which cost no token: a signature, citations.
        hidden: output tokens that are billed but not sent.
        silence: seconds after the text in which only a ping is sent.
        tempo: factor of the waits between its pieces.
    """

    start: Mapping[str, Any]
    text: str = ""
    after: Sequence[Mapping[str, Any]] = ()
    hidden: int = 0
    silence: float = 0.0
    tempo: float = 1.0


@dataclass(frozen=True, slots=True)
class PartCut:
    """The part of a block that fits into `max_tokens`.

    Attributes:
        part: the whole block.
        pieces: the pieces of its text that are sent.
        complete: whether those are all of them.
    """

    part: Part
    pieces: Sequence[str]
    complete: bool


def cut(parts: Sequence[Part], most: int | None) -> list[PartCut]:
    """Cut the parts into pieces and stop after `most` output tokens; None is no limit."""
    cuts: list[PartCut] = []
    used = 0
    for part in parts:
        if most is not None and used >= most:
            break
        whole = pieces(part.text)
        left = len(whole) if most is None else max(most - used - part.hidden, 0)
        used += part.hidden + len(whole)
        cuts.append(PartCut(part, whole[:left], most is None or used <= most))
    return cuts


def stopped(parts: Sequence[Part], sequences: Sequence[str]) -> tuple[Sequence[Part], str | None]:
    """Cut the parts before the first stop sequence in their text; return them and the sequence found."""
    for number, part in enumerate(parts):
        found = [(part.text.find(each), each) for each in sequences if part.start["type"] == "text"]
        places = [(place, each) for place, each in found if place >= 0]
        if places:
            place, sequence = min(places, key=lambda item: item[0])
            last = [replace(part, text=part.text[:place], after=())] if place else []
            return [*parts[:number], *last], sequence
    return parts, None


def output_usage(cuts: Sequence[PartCut], most: int | None) -> dict[str, Any]:
    """The usage of the output: its tokens, and those of thinking if there are any."""
    tokens = [(each.part.start["type"], each.part.hidden + len(each.pieces)) for each in cuts]
    total = sum(count for _, count in tokens)
    thought = sum(count for kind, count in tokens if kind in ("thinking", "redacted_thinking"))
    if most is not None:
        total, thought = min(total, most), min(thought, most)
    details = {"output_tokens_details": {"thinking_tokens": thought}} if thought else {}
    return {"output_tokens": total, **details}


def with_ids(starts: Sequence[Mapping[str, Any]], suffix: str) -> list[Mapping[str, Any]]:
    """The starts with generated ids; a result without a `tool_use_id` gets that of the call before it."""
    named: list[Mapping[str, Any]] = []
    number, last = 0, ""
    for start in starts:
        if start.get("id") == "":
            prefix = "toolu" if start["type"] == "tool_use" else "srvtoolu"
            last = f"{prefix}_practice_{suffix}{number:02x}"
            number += 1
            start = {**start, "id": last}
        elif start.get("tool_use_id") == "":
            start = {**start, "tool_use_id": last}
        named.append(start)
    return named
