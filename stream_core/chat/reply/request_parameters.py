"""The parameters of a request, from the settings: for the chat and for the one-shot mode."""
# See docs/adr/0016-thinking-returns-with-its-context.md

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stream_core.config.settings import Settings
from stream_core.core.attachments import tokens_in
from stream_core.models.thinking import ModelCapabilities, find_capabilities, request_fields
from stream_core.streaming.retry import RetryPolicy
from stream_core.streaming.timeouts import Timeouts

_LEAST_CACHED = 1024  # tokens
_HOUR = 3600  # seconds; a person may look at one event of a recording for long


def timeouts_of(settings: Settings) -> dict[str, Any]:
    """Return the `retry` and `timeouts` arguments of `stream_reply`."""
    limits = settings.preferences.limits
    least = _HOUR if settings.wire.slow else 0
    return {
        "retry": RetryPolicy(attempts=limits.attempts),
        "timeouts": Timeouts(
            idle=max(limits.idle, least),
            first_byte=max(limits.first_byte, least),
            connect=limits.connect,
            total=limits.total or None,
        ),
    }


def request_of(settings: Settings, messages: list[Any], *, cached: bool = False) -> dict[str, Any]:
    """Return the arguments of `client.messages.stream`.

    A prefilled reply cannot start with thinking, and the thinking before a tool call may be missing: in
    both cases no thinking budget is requested.

    Args:
        cached: whether another request with these messages is likely to follow soon. Long ones are then
            cached: a cache write costs a quarter more than sending, a read a tenth or less.
    """
    request: dict[str, Any] = {
        "model": settings.model,
        "max_tokens": settings.max_tokens,
        "messages": messages,
    }
    if settings.system:
        request["system"] = settings.system
    if cached and settings.connection.server is None and is_long(messages, settings.system or ""):
        request["cache_control"] = {"type": "ephemeral"}  # other servers may not know the field
    mind, _ = _asked(settings)
    if _goes_on_with(messages[-1]) and mind.get("thinking", {}).get("type") == "enabled":
        del mind["thinking"]
    return {**request, **mind}


def context_key(settings: Settings, tools: Iterable[str]) -> str:
    """Identify the system prompt and tools of a request. A stored turn has no key: it matches no request.

    Args:
        tools: the names of the offered tools.
    """
    return repr((settings.system, *tools))


def _goes_on_with(last: Mapping[str, Any]) -> bool:
    """Whether the last message of a request is the beginning of a reply, or a tool result."""
    content = last["content"]
    answers = not isinstance(content, str) and any(block.get("type") == "tool_result" for block in content)
    return last["role"] == "assistant" or answers


def thinking_limits_note(settings: Settings) -> str:
    """Describe in Spanish which part of the chosen thinking the model rejects; "" if it accepts all."""
    return _asked(settings)[1]


def _asked(settings: Settings) -> tuple[dict[str, Any], str]:
    return request_fields(
        settings.preferences.thinking, settings.model, capabilities_of(settings), settings.max_tokens
    )


def capabilities_of(settings: Settings) -> ModelCapabilities | None:
    """Return the model's capabilities of thinking and effort; None if unknown."""
    return find_capabilities(settings.model, settings.listed, settings.models)


def is_long(messages: Sequence[Mapping[str, Any]], system: str = "") -> bool:
    """Whether messages are probably long enough to be cached.

    The API's minimum is 512 or 1,024 tokens, depending on the model; shorter prompts are not cached.
    """
    return tokens_at_least(messages, system) > _LEAST_CACHED


def tokens_at_least(messages: Sequence[Mapping[str, Any]], system: str = "") -> int:
    """Estimate the tokens of messages from below, at four characters per token, without asking the API."""
    return sum(map(_characters, (system, *messages))) // 4


def _characters(value: object) -> int:
    """Count the characters of all texts in a part of a request."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        attached = tokens_in(value)
        return sum(map(_characters, value.values())) if attached is None else 4 * attached
    return sum(map(_characters, value)) if isinstance(value, (list, tuple)) else 0
