"""The prompt cache, and the cache fields it adds to the usage.

A request is a sequence of segments: tools, system prompt, blocks of the messages. `cache_control` marks the
end of a prefix to store; a prefix is identified by a digest of its segments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from .catalogue import Model
from .events import to_json
from .request import A_MESSAGE, Body, blocks_in, tokens_of
from .script import Script, Send, Step
from .signing import plain

_LIFETIME = {"5m": 300.0, "1h": 3600.0}  # seconds since the last use
_LOOKBACK = 20  # segments before a mark that are searched for a cached prefix
_START = b"event: message_start\ndata: "


@dataclass(frozen=True, slots=True)
class Use:
    """Cache reads and writes of one request, in tokens.

    Attributes:
        read: read from the cache.
        created: written to it, by lifetime ("5m" or "1h").
    """

    read: int
    created: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Segment:
    said: object
    tokens: int
    lifetime: str | None
    can_be_marked: bool = True


@dataclass(slots=True)
class _Kept:
    lifetime: str
    until: float


class Cache:
    """The cached prefixes.

    Args:
        clock: monotonic seconds, by which entries expire.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[bytes, _Kept] = {}

    def use(self, body: Body, model: Model) -> Use:
        """Read the longest cached prefix of this request, and cache the prefixes that it marks."""
        now = self._clock()
        self._kept = {name: kept for name, kept in self._kept.items() if kept.until > now}
        segments = list(_segments(body))
        marks = _marks(segments, body)
        if not marks:
            return Use(0, {})
        names, totals = _prefixes(segments, model)
        read = self._read(marks, names, totals, now)
        created = dict.fromkeys(_LIFETIME, 0)
        counted = read
        for place, lifetime in sorted(marks.items()):
            if totals[place] > counted and totals[place] >= model.least_cached:
                self._kept[names[place]] = _Kept(lifetime, now + _LIFETIME[lifetime])
                created[lifetime] += totals[place] - counted
                counted = totals[place]
        return Use(read, created)

    def _read(self, marks: Mapping[int, str], names: list[bytes], totals: list[int], now: float) -> int:
        for mark in sorted(marks, reverse=True):
            for place in range(mark, max(mark - _LOOKBACK, -1), -1):
                if (kept := self._kept.get(names[place])) is not None:
                    kept.until = now + _LIFETIME[kept.lifetime]
                    return totals[place]
        return 0


def _segments(body: Body) -> Iterator[_Segment]:
    for tool in body.get("tools") or ():
        yield _Segment(tool, tokens_of(tool), _lifetime(tool))
    system = body.get("system")
    for block in [{"type": "text", "text": system}] if isinstance(system, str) else system or ():
        yield _Segment(block, tokens_of(block), _lifetime(block))
    settings = [body.get("thinking"), body.get("tool_choice")]
    for message in body["messages"]:
        for number, block in enumerate(blocks_in(message)):
            inner = blocks_in(block) if block["type"] == "tool_result" else []
            lifetimes = [each for each in map(_lifetime, (*inner, block)) if each is not None]
            yield _Segment(
                [settings, message["role"], block],
                tokens_of(block) + (0 if number else A_MESSAGE),
                lifetimes[-1] if lifetimes else None,
                can_be_marked=block["type"] not in ("thinking", "redacted_thinking"),
            )


def _lifetime(holder: Mapping[str, Any]) -> str | None:
    mark = holder.get("cache_control")
    return None if mark is None else str(mark.get("ttl") or "5m")


def _marks(segments: list[_Segment], body: Body) -> dict[int, str]:
    """The lifetime of each marked segment, by its index."""
    marks = {place: each.lifetime for place, each in enumerate(segments) if each.lifetime is not None}
    whole = _lifetime(body)
    if whole is not None:
        last = max((place for place, each in enumerate(segments) if each.can_be_marked), default=0)
        marks.setdefault(last, whole)
    return marks


def _prefixes(segments: list[_Segment], model: Model) -> tuple[list[bytes], list[int]]:
    """The digest and the tokens of the prefix that ends with each segment."""
    names, totals = [], []
    said, total = sha256(model.id.encode()), 0
    for segment in segments:
        said.update(to_json(plain(segment.said)))
        total += segment.tokens
        names.append(said.digest())
        totals.append(total)
    return names, totals


def with_usage(script: Script, use: Use) -> Script:
    """The streamed reply with the cache's usage in its `message_start`; unchanged if there is none."""
    return _rewritten(script, use) if use.read or any(use.created.values()) else script


def _rewritten(script: Script, use: Use) -> Iterator[Step]:
    cached = use.read + sum(use.created.values())
    for step in script:
        if isinstance(step, Send) and step.data.startswith(_START):
            head, _, rest = step.data[len(_START) :].partition(b"\n")
            payload = json.loads(head)
            usage = payload["message"]["usage"]
            usage["input_tokens"] = max(usage["input_tokens"] - cached, 0)
            usage["cache_read_input_tokens"] = use.read
            usage["cache_creation_input_tokens"] = sum(use.created.values())
            usage["cache_creation"] = {
                f"ephemeral_{name}_input_tokens": tokens for name, tokens in use.created.items()
            }
            step = Send(_START + to_json(payload) + b"\n" + rest)
        yield step
