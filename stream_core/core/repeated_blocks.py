"""Blocks that `message_start` holds already, and that are streamed nevertheless: each counts once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .blocks import WORDS

_SAME = ("type", "id", "tool_use_id", "name")


class RepeatedBlocks:
    """Distinguishes a block that comes again from one that goes on, or is another one at the same index."""

    __slots__ = ("_coming", "_held")

    def __init__(self) -> None:
        self._held: dict[Any, Mapping[str, Any]] = {}
        # Those that come again: the words of each, and how many characters of them have come again.
        self._coming: dict[Any, tuple[str, int]] = {}

    def hold(self, key: Any, block: Mapping[str, Any]) -> None:
        """Keep a block that came whole."""
        self._held[key] = block

    def begin(self, key: Any, content: object) -> bool:
        """Whether the block that begins is the one that came whole; then nothing of it is new so far."""
        held = self._held.pop(key, None)
        if held is None or not isinstance(content, Mapping):
            return False
        if any(held.get(name) != content.get(name) for name in _SAME):
            return False
        kind = str(held.get("type"))
        words, begun = held.get(kind) or "", content.get(kind) or ""
        if kind in WORDS and not (isinstance(words, str) and words and words.startswith(begun)):
            return False
        self._coming[key] = (words, len(begun)) if kind in WORDS else ("", 0)
        return True

    def new_of(self, key: Any, delta: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the part of a delta that is not there already; None if there is none.

        From the first one that differs all is new, also what seemed to come again before it.
        """
        if key not in self._coming:
            return delta
        name = "text" if "text" in delta else "thinking"
        piece = delta.get(name)
        if not isinstance(piece, str):
            return None  # input, a signature, citations: the whole block has them
        words, taken = self._coming.pop(key)
        rest = words[taken:]
        if rest.startswith(piece):
            self._coming[key] = words, taken + len(piece)
            return None
        return {**delta, name: piece.removeprefix(rest) if piece.startswith(rest) else words[:taken] + piece}

    def close(self, key: Any) -> bool:
        """Whether it is such a block that ends."""
        return self._coming.pop(key, None) is not None
