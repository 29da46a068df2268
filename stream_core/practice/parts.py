"""The content blocks of a reply, before they are played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .pieces import pieces

GROWS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
    "server_tool_use": ("input_json_delta", "partial_json"),
}
"""Of the blocks that grow: the type of their deltas, and the field that grows."""


@dataclass(frozen=True, slots=True)
class Part:
    """One content block of a reply, and how it comes.

    Attributes:
        start: the block as it starts. An id in it that is "" gets one of this reply.
        text: what comes piece by piece, as deltas of the block's kind; each is one output token.
        after: deltas that come last, if all of the text came, and are no token: a signature, citations.
        hidden: output tokens that are not seen.
        silence: seconds in which only a ping comes, after the text.
    """

    start: Mapping[str, Any]
    text: str = ""
    after: Sequence[Mapping[str, Any]] = ()
    hidden: int = 0
    silence: float = 0.0


Played = tuple[Part, list[str], bool]
"""What comes of a part: itself, the pieces that come, whether those are all."""


def cut(parts: Sequence[Part], most: int | None) -> list[Played]:
    """The parts that come within `most` tokens: the pieces of each that do, and whether it is whole."""
    played: list[Played] = []
    used = 0
    for part in parts:
        if most is not None and used >= most:
            break
        whole = pieces(part.text)
        left = len(whole) if most is None else max(most - used - part.hidden, 0)
        used += part.hidden + len(whole)
        played.append((part, whole[:left], most is None or used <= most))
    return played


def output(played: Sequence[Played], most: int | None) -> dict[str, Any]:
    """The output tokens, and how many of them were thought, if any."""
    total = sum(part.hidden + len(taken) for part, taken, _ in played)
    thinking = (item for item in played if item[0].start["type"] in ("thinking", "redacted_thinking"))
    thought = sum(part.hidden + len(taken) for part, taken, _ in thinking)
    if most is not None:
        total, thought = min(total, most), min(thought, most)
    details = {"output_tokens_details": {"thinking_tokens": thought}} if thought else {}
    return {"output_tokens": total, **details}


def with_ids(starts: Sequence[Mapping[str, Any]], suffix: str) -> list[Mapping[str, Any]]:
    """The starts with their ids; a result without one is that of the last call before it."""
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
