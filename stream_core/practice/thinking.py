"""The thinking before a reply: whether there is any, and what of it is seen."""

from __future__ import annotations

from .catalogue import find
from .parts import Part
from .pieces import pieces
from .request import Body
from .signing import before_reply

_SILENCE = {"low": 1.5, "medium": 3.0, "high": 5.0, "xhigh": 8.0, "max": 12.0}
"""Seconds of thinking that is not seen, by effort."""


def display(body: Body) -> str | None:
    """How a reply to this request shows its thinking: "summarized", "omitted"; None if it does not think.

    A request that does not say is not thought about, but by the models that always think.
    """
    model = find(body["model"])
    config = body.get("thinking")
    if model is None or (config is None and not model.always_thinks):
        return None
    if config is not None and config["type"] in ("disabled", "between_tools"):
        return None
    return str((config or {}).get("display") or model.display)


def tells_between_tools(body: Body) -> bool:
    """Whether what is said before a tool call comes as thinking, as of newer models that think."""
    model = find(body["model"])
    asked = body.get("thinking") is not None or (model is not None and model.always_thinks)
    return model is not None and model.binds_thinking and asked and _type(body) != "disabled"


def thought(body: Body, text: str) -> list[Part]:
    """`text` as the thinking of a reply to this request: one block, or none if it does not think."""
    shown = display(body)
    return [] if shown is None else [_block(body, text, seen=shown == "summarized")]


def told(body: Body, text: str) -> Part:
    """What is said between tool calls, as a thinking block: seen unless the request's display omits it."""
    return _block(body, text, seen=display(body) != "omitted")


def redacted(body: Body, text: str) -> list[Part]:
    """The same as `thought`, of what nobody may read."""
    if display(body) is None:
        return []
    start = {"type": "redacted_thinking", "data": before_reply(body).sign("")}
    return [Part(start, hidden=len(pieces(text)), silence=_silence(body))]


def _block(body: Body, text: str, *, seen: bool) -> Part:
    start = {"type": "thinking", "thinking": "", "signature": ""}
    signature = before_reply(body).sign(text if seen else "")
    after = [{"type": "signature_delta", "signature": signature}]
    if seen:
        return Part(start, text, after)
    return Part(start, after=after, hidden=len(pieces(text)), silence=_silence(body))


def _silence(body: Body) -> float:
    effort = (body.get("output_config") or {}).get("effort")
    return _SILENCE.get(str(effort), _SILENCE["high"])


def _type(body: Body) -> str:
    return str((body.get("thinking") or {}).get("type"))
