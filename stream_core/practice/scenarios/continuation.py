"""The rest of an interrupted reply, asked for with a prefill or in a user turn."""

from __future__ import annotations

import json
import re
from typing import Any

from stream_core.practice.plain import plain_reply
from stream_core.practice.request import Body, blocks_of, question, text_of
from stream_core.practice.script import Call, Script, Send

from . import Placed, Scenario, Where, choose, load, reply

_NAME = "continuation"
_ASKED = re.compile(r"<interrupted_end>(.*)</interrupted_end>", re.DOTALL)


def _match(body: Body) -> bool:
    last = body["messages"][-1]
    if last.get("role") == "assistant":
        return not blocks_of(last, "server_tool_use")  # else the turn was paused, not interrupted
    return len(body["messages"]) > 2 and _ASKED.search(question(body)) is not None


def _script(body: Body, where: Where) -> Script:
    *before, last = body["messages"]
    repeated = ""
    if last.get("role") == "user":
        asked = _ASKED.search(text_of(last))
        repeated = asked[1] if asked else ""
        *before, last = before
    partial = text_of(last)
    whole = _whole({**body, "messages": before, "max_tokens": None}, where)
    text = text_of(whole)
    calls = [Call(call["name"], call["input"]) for call in blocks_of(whole, "tool_use")]
    return reply(body, repeated + (text[len(partial) :] if text.startswith(partial) else ""), calls)


def _whole(body: Body, where: Where) -> dict[str, Any]:
    """The complete reply to the question, as a message."""
    cut = choose((found for found in load(where.place, where.program) if found.name != _NAME), body)
    assert cut is not None  # the general one answers all
    steps = plain_reply(cut.script(body))
    data = b"".join(step.data for step in steps if isinstance(step, Send))
    message: dict[str, Any] = json.loads(data)
    return message


def _at(where: Where) -> Scenario:
    summary = "Sigue una respuesta que se cortó"
    return Scenario(_NAME, summary, _match, lambda body: _script(body, where))


SCENARIO = Placed(_at)
