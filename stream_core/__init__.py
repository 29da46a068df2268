"""Stream Claude: typed deltas, cancellation and stats around `client.messages.stream`.

The public names below load on first use, so that importing the package costs nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conversation import Conversation, Turn
    from .deltas import (
        BlockDone,
        Cancelled,
        Delta,
        Failed,
        Finished,
        Opened,
        RoundDone,
        Text,
        Thinking,
        ToolAsked,
        ToolDone,
        ToolInput,
        ToolStarted,
        TurnDelta,
        Unknown,
        Usage,
        Waiting,
    )
    from .errors import StreamCoreError
    from .practice.server import practice_server
    from .pump import RetryPolicy, Timeouts
    from .reply import Outcome, Reply
    from .result import TurnResult
    from .sanitize import Sanitizer
    from .sdk import open_client, tool_schema
    from .settings import Settings
    from .stats import ReplyStats, SessionStats
    from .stream import (
        AsyncReplyStream,
        ReplyStream,
        WholeReply,
        astream_reply,
        close_client,
        fetch_reply,
        stream_reply,
    )
    from .texts import explain
    from .toolcall import ToolCall
    from .turn import AsyncTurnStream, ToolBox, TurnStream, astream_turn, stream_turn

__all__ = [
    "AsyncReplyStream",
    "AsyncTurnStream",
    "BlockDone",
    "Cancelled",
    "Conversation",
    "Delta",
    "Failed",
    "Finished",
    "Opened",
    "Outcome",
    "Reply",
    "ReplyStats",
    "ReplyStream",
    "RetryPolicy",
    "RoundDone",
    "Sanitizer",
    "SessionStats",
    "Settings",
    "StreamCoreError",
    "Text",
    "Thinking",
    "Timeouts",
    "ToolAsked",
    "ToolBox",
    "ToolCall",
    "ToolDone",
    "ToolInput",
    "ToolStarted",
    "Turn",
    "TurnDelta",
    "TurnResult",
    "TurnStream",
    "Unknown",
    "Usage",
    "Waiting",
    "WholeReply",
    "astream_reply",
    "astream_turn",
    "close_client",
    "explain",
    "fetch_reply",
    "open_client",
    "practice_server",
    "stream_reply",
    "stream_turn",
    "tool_schema",
]

_HOME = {
    name: module
    for module, names in {
        "conversation": "Conversation Turn",
        "deltas": (
            "BlockDone Cancelled Delta Failed Finished Opened RoundDone Text Thinking ToolAsked ToolDone "
            "ToolInput ToolStarted TurnDelta Unknown Usage Waiting"
        ),
        "errors": "StreamCoreError",
        "practice.server": "practice_server",
        "pump": "RetryPolicy Timeouts",
        "reply": "Outcome Reply",
        "result": "TurnResult",
        "sanitize": "Sanitizer",
        "sdk": "open_client tool_schema",
        "settings": "Settings",
        "stats": "ReplyStats SessionStats",
        "stream": (
            "AsyncReplyStream ReplyStream WholeReply astream_reply close_client fetch_reply stream_reply"
        ),
        "texts": "explain",
        "toolcall": "ToolCall",
        "turn": "AsyncTurnStream ToolBox TurnStream astream_turn stream_turn",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
