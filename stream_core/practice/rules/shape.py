"""The fields of a body and of its messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid
from stream_core.practice.request import Body, text_of

_FIELDS = frozenset(
    "cache_control container context_management diagnostics inference_geo max_tokens mcp_servers messages "
    "metadata model output_config service_tier speed stop_sequences stream system temperature thinking "
    "tool_choice tools top_k top_p".split()
)
_ROLES = ("user", "assistant", "system")
_OF_A_MESSAGE = ("role", "content", "output_config", "clear_at")


def require(body: Body, name: str, kind: type, complaint: str) -> None:
    """Refuse a body whose field `name` is missing or of another type."""
    if name not in body:
        raise invalid(f"{name}: Field required")
    if not isinstance(body[name], kind) or isinstance(body[name], bool):
        raise invalid(f"{name}: {complaint}")


def no_extras(where: str, given: Mapping[str, Any], known: Sequence[str] | frozenset[str]) -> None:
    for name in given:
        if name not in known:
            raise invalid(f"{where}{name}: Extra inputs are not permitted")


def check(body: Body, model: Model) -> None:
    require(body, "messages", list, "Input should be a valid list")
    no_extras("", body, _FIELDS)
    if not isinstance(body.get("stream", False), bool):
        raise invalid("stream: Input should be a valid boolean")
    if not body["messages"]:
        raise invalid("messages: at least one message is required")
    for number, message in enumerate(body["messages"]):
        _check_message(f"messages.{number}", message)
    _check_system(body.get("system"))


def _check_message(where: str, message: Any) -> None:
    if not isinstance(message, Mapping):
        raise invalid(f"{where}: Input should be an object")
    if message.get("role") not in _ROLES:
        raise invalid(f"{where}.role: Input should be 'user', 'assistant' or 'system'")
    if not isinstance(message.get("content"), (str, list)):
        raise invalid(f"{where}.content: Input should be a valid string or list")
    no_extras(f"{where}.", message, _OF_A_MESSAGE)
    only_text = isinstance(message["content"], str) or not message["content"]
    if only_text and not text_of(message).strip():
        raise invalid(f"{where}: all messages must have non-empty content")


def _check_system(system: Any) -> None:
    if system is None or isinstance(system, str):
        return
    if not isinstance(system, list):
        raise invalid("system: Input should be a valid string or list")
    for number, block in enumerate(system):
        if not isinstance(block, Mapping) or block.get("type") != "text":
            raise invalid(f"system.{number}.type: Input should be 'text'")
        if not isinstance(block.get("text"), str):
            raise invalid(f"system.{number}.text: Input should be a valid string")
        if not block["text"]:
            raise invalid("system: text content blocks must be non-empty")
