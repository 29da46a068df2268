"""A request as the settings want it, for the chat and for a single answer, and what its end calls for."""
# See docs/adr/0016-thinking-returns-with-its-context.md

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stream_core.config.settings import Settings
from stream_core.core.errors import AuthFailed, ModelNotFound, StreamCoreError
from stream_core.core.reply import ReplyLike
from stream_core.models.model_list import names_to_suggest
from stream_core.models.thinking import ModelCapabilities, find_capabilities, request_fields
from stream_core.streaming.retry import RetryPolicy
from stream_core.streaming.timeouts import Timeouts
from stream_core.texts.errors_es import cause

_LEAST_CACHED = 1024  # tokens


def should_auto_continue(reply: ReplyLike, settings: Settings) -> bool:
    """Whether a reply was cut by what may not happen again, and is to go on without being asked."""
    cut = reply.outcome == "interrupted" and reply.error is not None and reply.error.retryable
    return settings.preferences.limits.auto_continue and cut and bool(reply.text.strip())


def lacks_model(reply: ReplyLike, settings: Settings) -> bool:
    """Whether the server does not have the model that stands for its line: another may take its place."""
    missing = isinstance(reply.error, ModelNotFound) and not reply.text.strip()
    return missing and bool(settings.line) and not settings.connection.practice


def auto_continue_note(reply: ReplyLike) -> str:
    """Tell that a reply that was cut goes on by itself."""
    why = cause(reply.error) if reply.error is not None else ""
    return f"{why} Sigo desde ahí por mi cuenta, como pediste…"


def timeouts_of(settings: Settings) -> dict[str, Any]:
    """The arguments of `stream_reply` that say how long is waited, and how often tried."""
    limits = settings.preferences.limits
    return {
        "retry": RetryPolicy(attempts=limits.attempts),
        "timeouts": Timeouts(
            idle=limits.idle,
            first_byte=limits.first_byte,
            connect=limits.connect,
            total=limits.total or None,
        ),
    }


def request_of(settings: Settings, messages: list[Any], *, cached: bool = False) -> dict[str, Any]:
    """The arguments of `client.messages.stream` for these settings.

    A reply that the request begins cannot begin with thinking, and what was thought before a call that it
    answers may not be there: then thinking is not asked for with a budget.

    Args:
        cached: whether another request with these messages is likely to follow soon. Then the API is to
            cache them if they are long: writing costs a quarter more than sending, reading a tenth or less.
    """
    request: dict[str, Any] = {
        "model": settings.model,
        "max_tokens": settings.max_tokens,
        "messages": messages,
    }
    if settings.system:
        request["system"] = settings.system
    if cached and settings.connection.server is None and is_long(messages, settings.system or ""):
        request["cache_control"] = {"type": "ephemeral"}  # other servers need not know the field
    mind, _ = _asked(settings)
    if _goes_on_with(messages[-1]) and mind.get("thinking", {}).get("type") == "enabled":
        del mind["thinking"]
    return {**request, **mind}


def context_key(settings: Settings, tools: Iterable[str]) -> str:
    """Identify the system prompt and tools of a request. A stored turn has no key: it matches no request.

    Args:
        tools: the names of those that are offered.
    """
    return repr((settings.system, *tools))


def _goes_on_with(last: Mapping[str, Any]) -> bool:
    """Whether what is asked for goes on with a reply that has begun, by the last message of a request."""
    content = last["content"]
    answers = not isinstance(content, str) and any(block.get("type") == "tool_result" for block in content)
    return last["role"] == "assistant" or answers


def thinking_limits_note(settings: Settings) -> str:
    """Say what of the chosen thinking the model does not take, in Spanish; "" for nothing."""
    return _asked(settings)[1]


def _asked(settings: Settings) -> tuple[dict[str, Any], str]:
    return request_fields(
        settings.preferences.thinking, settings.model, capabilities_of(settings), settings.max_tokens
    )


def capabilities_of(settings: Settings) -> ModelCapabilities | None:
    """What requests to the model of the settings may say about thinking and effort, as far as is known."""
    return find_capabilities(settings.model, settings.listed, settings.models)


def is_long(messages: Sequence[Mapping[str, Any]], system: str = "") -> bool:
    """Whether messages are probably more than the API must have to cache them.

    Its least is 512 or 1,024 tokens, according to the model, and of less it caches nothing.
    """
    return tokens_at_least(messages, system) > _LEAST_CACHED


def tokens_at_least(messages: Sequence[Mapping[str, Any]], system: str = "") -> int:
    """Guess how many tokens are sent, rather too few: four characters a token. Counting them asks the API."""
    return sum(map(_characters, (system, *messages))) // 4


def _characters(value: object) -> int:
    """How many characters the texts in a part of a request have."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(_characters, value.values()))
    return sum(map(_characters, value)) if isinstance(value, (list, tuple)) else 0


def add_context(error: StreamCoreError | None, settings: Settings) -> None:
    """Let an error say what only the settings know: where a credential came from, which models there are."""
    if isinstance(error, AuthFailed):
        error.source = settings.connection.credential or ""
    elif isinstance(error, ModelNotFound):
        error.available = names_to_suggest(settings.listed)
