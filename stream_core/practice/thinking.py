"""The thinking blocks of a reply: whether there are any, and how much of them is shown."""

from __future__ import annotations

from collections.abc import Mapping

from .catalogue import find
from .parts import Part
from .pieces import pieces
from .request import Body
from .signing import before_reply

_SILENCE = {"low": 1.5, "medium": 3.0, "high": 5.0, "xhigh": 8.0, "max": 12.0}
"""Seconds of hidden thinking, by effort."""
_TEMPO = {"low": 1.5, "medium": 2.0, "high": 2.5, "xhigh": 4.0, "max": 6.0}
"""How much slower than text thinking is written, by effort, so that a person sees it."""


def display(body: Body) -> str | None:
    """The thinking display of the reply ("summarized" or "omitted"); None if it does not think.

    A request without `thinking` gets none, except from models that always think.
    """
    model = find(body["model"])
    config = body.get("thinking")
    if model is None or (config is None and not model.always_thinks):
        return None
    if config is not None and config["type"] in ("disabled", "between_tools"):
        return None
    return str((config or {}).get("display") or model.display)


def narrates_as_thinking(body: Body) -> bool:
    """Whether text before a tool call arrives as thinking, as newer models do when they think."""
    model = find(body["model"])
    asked = body.get("thinking") is not None or (model is not None and model.always_thinks)
    return model is not None and model.binds_thinking and asked and _type(body) != "disabled"


def thinking_parts(body: Body, text: str) -> list[Part]:
    """`text` as the thinking block of the reply; no block if it does not think."""
    shown = display(body)
    return [] if shown is None else [_block(body, text, seen=shown == "summarized")]


def narration(body: Body, text: str) -> Part:
    """Text between tool calls as a thinking block, hidden if the request's display omits thinking."""
    return _block(body, text, seen=display(body) != "omitted")


def redacted_parts(body: Body, text: str) -> list[Part]:
    """A `redacted_thinking` block; no block if the reply does not think."""
    if display(body) is None:
        return []
    start = {"type": "redacted_thinking", "data": before_reply(body).sign("")}
    return [Part(start, hidden=len(pieces(text)), silence=_by_effort(body, _SILENCE))]


def _block(body: Body, text: str, *, seen: bool) -> Part:
    start = {"type": "thinking", "thinking": "", "signature": ""}
    signature = before_reply(body).sign(text if seen else "")
    after = [{"type": "signature_delta", "signature": signature}]
    if seen:
        return Part(start, text, after, tempo=_by_effort(body, _TEMPO))
    return Part(start, after=after, hidden=len(pieces(text)), silence=_by_effort(body, _SILENCE))


def _by_effort(body: Body, table: Mapping[str, float]) -> float:
    effort = (body.get("output_config") or {}).get("effort")
    return table.get(str(effort), table["high"])


def _type(body: Body) -> str:
    return str((body.get("thinking") or {}).get("type"))
