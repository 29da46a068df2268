"""Every `cache_control` of a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid, unknown_tag
from stream_core.practice.request import Body, blocks_in

_MOST = 4
_TTLS = (None, "5m", "1h")


def check(body: Body, model: Model) -> None:
    marks = list(_marks(body))
    for where, mark in marks:
        _check(where, mark)
    if len(marks) > _MOST:
        raise invalid(f"A maximum of {_MOST} blocks with cache_control may be provided. Found {len(marks)}.")
    short = ""
    for where, mark in marks:
        if mark.get("ttl") != "1h":
            short = short or where
        elif short:
            raise invalid(
                f"{where}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
                "cache_control block."
            )


def _marks(body: Body) -> Iterator[tuple[str, Any]]:
    """The path and the value of each mark, in the order of the cache's segments."""
    for number, tool in enumerate(body.get("tools") or ()):
        yield from _mark(f"tools.{number}", tool)
    system = body.get("system")
    for number, block in enumerate(system if isinstance(system, list) else ()):
        yield from _mark(f"system.{number}", block)
    for number, message in enumerate(body["messages"]):
        for index, block in enumerate(blocks_in(message)):
            where = f"messages.{number}.content.{index}"
            yield from _mark(f"{where}.{block['type']}", block)
            for place, part in enumerate(blocks_in(block) if block["type"] == "tool_result" else ()):
                yield from _mark(f"{where}.content.{place}", part)
    yield from _mark("", body)


def _mark(where: str, holder: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if holder.get("cache_control") is not None:
        yield f"{where}.cache_control".removeprefix("."), holder["cache_control"]


def _check(where: str, mark: Any) -> None:
    if not isinstance(mark, Mapping):
        raise invalid(f"{where}: Input should be an object")
    if "type" not in mark:
        raise invalid(f"{where}.type: Field required")
    if mark["type"] != "ephemeral":
        raise unknown_tag(where, mark["type"], ("ephemeral",))
    if mark.get("ttl") not in _TTLS:
        raise invalid(f"{where}.ephemeral.ttl: Input should be '5m' or '1h'")
    for name in mark:
        if name not in ("type", "ttl"):
            raise invalid(f"{where}.ephemeral.{name}: Extra inputs are not permitted")
