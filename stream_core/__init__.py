"""Stream Claude: typed deltas, cancellation and stats around `client.messages.stream`.

The public names below load on first use, so that importing the package costs nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from stream_core.terminal.device.library_output import quiet_libraries
    from stream_core.terminal.rows.word_wrap import WordWrap, wrap_for

    from .config.settings import Settings
    from .core.conversation import Conversation, Turn
    from .core.deltas import (
        BlockDone,
        Cancelled,
        Citation,
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
        Waiting,
    )
    from .core.errors import (
        AccessDenied,
        ApiError,
        AuthFailed,
        BadRequest,
        ConfigError,
        ConnectionFailed,
        ConnectionLost,
        ConnectionRefused,
        EndpointNotFound,
        FileGone,
        HostNotFound,
        IdleTimeout,
        InputNotSupported,
        ModelNotFound,
        NoCredential,
        NoFiles,
        NoModelList,
        NotTheApi,
        NotTls,
        Overloaded,
        ProtocolError,
        ProxyPage,
        ProxyRefused,
        RateLimited,
        Redirected,
        ReplyTooLarge,
        ServerError,
        StreamCoreError,
        TlsBroken,
        TlsExpected,
        TlsFailed,
        TooLarge,
        TooManyRounds,
        TotalTimeout,
        Truncated,
        UsageError,
        WrongLoop,
    )
    from .core.reply import Outcome, Reply
    from .core.sanitize import Sanitizer
    from .core.stats import ReplyStats, SessionStats
    from .core.store_errors import (
        StoreAccessDenied,
        StoreBusy,
        StoreCorrupt,
        StoreError,
        StoreFull,
        StoreMoved,
        StoreNotSetUp,
        StoreReadOnly,
        StoreRefused,
        StoreTooNew,
        StoreUnreachable,
    )
    from .core.token_usage import Usage
    from .core.tool_call import SchemaTool, ToolCall
    from .core.turn_result import TurnResult
    from .files.blocks import document, image
    from .files.recorder import Recorder
    from .practice.server import practice_server
    from .sdk.client import open_client
    from .sdk.tools import tool_schema
    from .streaming.compare import AsyncComparison, Comparison, acompare, compare
    from .streaming.reply import (
        AsyncReplyStream,
        ReplyStream,
        WholeReply,
        astream_reply,
        close_client,
        fetch_reply,
        stream_reply,
    )
    from .streaming.retry import RetryPolicy
    from .streaming.timeouts import Timeouts
    from .streaming.turn import AsyncTurnStream, ToolBox, TurnStream, astream_turn, stream_turn
    from .texts.errors_es import explain

__all__ = [
    "AccessDenied",
    "ApiError",
    "AsyncComparison",
    "AsyncReplyStream",
    "AsyncTurnStream",
    "AuthFailed",
    "BadRequest",
    "BlockDone",
    "Cancelled",
    "Citation",
    "Comparison",
    "ConfigError",
    "ConnectionFailed",
    "ConnectionLost",
    "ConnectionRefused",
    "Conversation",
    "Delta",
    "EndpointNotFound",
    "Failed",
    "FileGone",
    "Finished",
    "HostNotFound",
    "IdleTimeout",
    "InputNotSupported",
    "ModelNotFound",
    "NoCredential",
    "NoFiles",
    "NoModelList",
    "NotTheApi",
    "NotTls",
    "Opened",
    "Outcome",
    "Overloaded",
    "ProtocolError",
    "ProxyPage",
    "ProxyRefused",
    "RateLimited",
    "Recorder",
    "Redirected",
    "Reply",
    "ReplyStats",
    "ReplyStream",
    "ReplyTooLarge",
    "RetryPolicy",
    "RoundDone",
    "Sanitizer",
    "SchemaTool",
    "ServerError",
    "SessionStats",
    "Settings",
    "StoreAccessDenied",
    "StoreBusy",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "StoreMoved",
    "StoreNotSetUp",
    "StoreReadOnly",
    "StoreRefused",
    "StoreTooNew",
    "StoreUnreachable",
    "StreamCoreError",
    "Text",
    "Thinking",
    "Timeouts",
    "TlsBroken",
    "TlsExpected",
    "TlsFailed",
    "TooLarge",
    "TooManyRounds",
    "ToolAsked",
    "ToolBox",
    "ToolCall",
    "ToolDone",
    "ToolInput",
    "ToolStarted",
    "TotalTimeout",
    "Truncated",
    "Turn",
    "TurnDelta",
    "TurnResult",
    "TurnStream",
    "Unknown",
    "Usage",
    "UsageError",
    "Waiting",
    "WholeReply",
    "WordWrap",
    "WrongLoop",
    "acompare",
    "astream_reply",
    "astream_turn",
    "close_client",
    "compare",
    "document",
    "explain",
    "fetch_reply",
    "image",
    "open_client",
    "practice_server",
    "quiet_libraries",
    "stream_reply",
    "stream_turn",
    "tool_schema",
    "wrap_for",
]

_HOME = {
    name: module
    for module, names in {
        "core.conversation": "Conversation Turn",
        "core.deltas": (
            "BlockDone Cancelled Citation Delta Failed Finished Opened RoundDone Text Thinking ToolAsked "
            "ToolDone ToolInput ToolStarted TurnDelta Unknown Waiting"
        ),
        "core.errors": (
            "AccessDenied ApiError AuthFailed BadRequest ConfigError ConnectionFailed ConnectionLost "
            "ConnectionRefused EndpointNotFound FileGone HostNotFound IdleTimeout InputNotSupported "
            "ModelNotFound NoCredential NoFiles NoModelList NotTheApi NotTls Overloaded ProtocolError "
            "ProxyPage ProxyRefused RateLimited Redirected ReplyTooLarge ServerError StreamCoreError "
            "TlsBroken TlsExpected TlsFailed TooLarge TooManyRounds TotalTimeout Truncated UsageError "
            "WrongLoop"
        ),
        "core.store_errors": (
            "StoreAccessDenied StoreBusy StoreCorrupt StoreError StoreFull StoreMoved StoreNotSetUp "
            "StoreReadOnly StoreRefused StoreTooNew StoreUnreachable"
        ),
        "practice.server": "practice_server",
        "files.recorder": "Recorder",
        "streaming.retry": "RetryPolicy",
        "streaming.timeouts": "Timeouts",
        "core.reply": "Outcome Reply",
        "core.turn_result": "TurnResult",
        "core.sanitize": "Sanitizer",
        "sdk.client": "open_client",
        "sdk.tools": "tool_schema",
        "config.settings": "Settings",
        "core.stats": "ReplyStats SessionStats",
        "streaming.compare": "AsyncComparison Comparison acompare compare",
        "streaming.reply": (
            "AsyncReplyStream ReplyStream WholeReply astream_reply close_client fetch_reply stream_reply"
        ),
        "terminal.device.library_output": "quiet_libraries",
        "terminal.rows.word_wrap": "WordWrap wrap_for",
        "texts.errors_es": "explain",
        "core.token_usage": "Usage",
        "core.tool_call": "SchemaTool ToolCall",
        "files.blocks": "document image",
        "streaming.turn": "AsyncTurnStream ToolBox TurnStream astream_turn stream_turn",
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
    return sorted([*__all__, "__version__"])
