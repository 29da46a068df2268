"""A request as the settings want it, for the chat and for a single answer, and what its end calls for."""

from __future__ import annotations

from typing import Any

from stream_core.errors import AuthFailed, ModelNotFound, StreamCoreError
from stream_core.listed import names_to_suggest
from stream_core.pump import RetryPolicy, Timeouts
from stream_core.reply import Ended
from stream_core.settings import Settings
from stream_core.texts import cause
from stream_core.thinking import asked


def goes_on_by_itself(reply: Ended, settings: Settings) -> bool:
    """Whether a reply was cut by what may not happen again, and is to go on without being asked."""
    cut = reply.outcome == "interrupted" and reply.error is not None and reply.error.retryable
    return settings.limits.auto_continue and cut and bool(reply.text.strip())


def going_on(reply: Ended) -> str:
    """Tell that a reply that was cut goes on by itself."""
    why = cause(reply.error) if reply.error is not None else ""
    return f"{why} Sigo desde ahí por mi cuenta, como pediste…"


def patience(settings: Settings) -> dict[str, Any]:
    """The arguments of `stream_reply` that say how long is waited, and how often tried."""
    limits = settings.limits
    return {
        "retry": RetryPolicy(attempts=limits.attempts),
        "timeouts": Timeouts(
            idle=limits.idle,
            first_byte=limits.first_byte,
            connect=limits.connect,
            total=limits.total or None,
        ),
    }


def request_of(settings: Settings, messages: list[Any]) -> dict[str, Any]:
    """The arguments of `client.messages.stream` for these settings.

    A reply that the request begins cannot begin with thinking: there it is not asked for with a budget.
    """
    request: dict[str, Any] = {
        "model": settings.model,
        "max_tokens": settings.max_tokens,
        "messages": messages,
    }
    if settings.system:
        request["system"] = settings.system
    mind, _ = _asked(settings)
    if messages[-1]["role"] == "assistant" and mind.get("thinking", {}).get("type") == "enabled":
        del mind["thinking"]
    return {**request, **mind}


def cannot_be(settings: Settings) -> str:
    """Say what of the chosen thinking the model does not take, in Spanish; "" for nothing."""
    return _asked(settings)[1]


def _asked(settings: Settings) -> tuple[dict[str, Any], str]:
    return asked(settings.mind, settings.model, settings.models, settings.max_tokens)


def name_source(error: StreamCoreError | None, settings: Settings) -> None:
    """Let an error say what only the settings know: where a credential came from, which models there are."""
    if isinstance(error, AuthFailed):
        error.source = settings.credential or ""
    elif isinstance(error, ModelNotFound):
        error.available = names_to_suggest(settings.listed)
