"""Pages of a server's list of models."""

from __future__ import annotations

from typing import Any

from stream_core.practice.script import Step, json_reply


def page(*entries: Any, **more: Any) -> list[Step]:
    return list(json_reply({"data": list(entries), "has_more": False, **more}))


HOSTILE = "\x1b]0;robado\x07[red]m\u202e\ud800" + "x" * 500
