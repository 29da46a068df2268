"""The content blocks of the messages: known types, allowed roles, fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid, unknown_tag
from stream_core.practice.request import Body
from stream_core.practice.rules.shape import no_extras

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_CALL_ID = re.compile(r"srvtoolu_[a-zA-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One type of block.

    Attributes:
        role: the role it is allowed in; "" for both.
        must: required fields and their types.
        may: optional fields.
    """

    role: str
    must: Mapping[str, type | tuple[type, ...]]
    may: tuple[str, ...] = ("cache_control",)


_RESULT = _Kind("assistant", {"tool_use_id": str, "content": (list, Mapping)}, ("cache_control", "caller"))
_KINDS = {
    "text": _Kind("", {"text": str}, ("cache_control", "citations")),
    "image": _Kind("user", {"source": Mapping}, ("cache_control", "transformations")),
    "document": _Kind("user", {"source": Mapping}, ("cache_control", "citations", "context", "title")),
    "search_result": _Kind(
        "user", {"content": list, "source": str, "title": str}, ("cache_control", "citations")
    ),
    "thinking": _Kind("assistant", {"thinking": str, "signature": str}, ()),
    "redacted_thinking": _Kind("assistant", {"data": str}, ()),
    "tool_use": _Kind(
        "assistant", {"id": str, "name": str, "input": Mapping}, ("cache_control", "caller", "toolset_name")
    ),
    "tool_result": _Kind(
        "user", {"tool_use_id": str}, ("cache_control", "content", "is_error", "toolset_name")
    ),
    "server_tool_use": _Kind(
        "assistant", {"id": str, "name": str, "input": Mapping}, ("cache_control", "caller")
    ),
    "web_search_tool_result": _RESULT,
    "web_fetch_tool_result": _RESULT,
    "code_execution_tool_result": _RESULT,
    "bash_code_execution_tool_result": _RESULT,
    "text_editor_code_execution_tool_result": _RESULT,
    "tool_search_tool_result": _RESULT,
    "container_upload": _Kind("user", {"file_id": str}),
    "mcp_tool_use": _Kind("assistant", {"id": str, "name": str, "server_name": str, "input": Mapping}),
    "mcp_tool_result": _Kind("assistant", {"tool_use_id": str}, ("cache_control", "content", "is_error")),
    "compaction": _Kind("assistant", {}, ("cache_control", "content", "encrypted_content")),
}
_GIVEN = {**_KINDS, "holograma": _Kind("assistant", {"forma": str}, ("giro",))}
"""With what is played as newer than the client: the API takes back what it gave."""
_WITHIN_RESULT = ("text", "image", "document", "search_result")
_NAMES: dict[type | tuple[type, ...], str] = {
    str: "string",
    list: "list",
    Mapping: "dictionary",
    (list, Mapping): "list",
}


def check(body: Body, model: Model) -> None:
    for number, message in enumerate(body["messages"]):
        if isinstance(message["content"], list):
            for index, block in enumerate(message["content"]):
                _check(f"messages.{number}.content.{index}", message["role"], block)


def _check(where: str, role: str, block: Any) -> None:
    name, kind = _kind(where, block, tuple(_GIVEN if role == "assistant" else _KINDS))
    wanted = "text" if role == "system" else name
    if name != wanted or (kind.role and kind.role != role):
        allowed = kind.role or "user` and `assistant"
        raise invalid(f"{where}: `{name}` blocks can only be in `{allowed}` messages")
    _check_fields(f"{where}.{name}", block, kind)
    if name == "tool_result":
        _check_result(f"{where}.tool_result", block)
    if name == "tool_use" and not _ID.fullmatch(block["id"]):
        raise invalid(f"{where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    if name == "server_tool_use" and not _CALL_ID.fullmatch(block["id"]):
        raise invalid(f"{where}.server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'")


def _kind(where: str, block: Any, known: tuple[str, ...]) -> tuple[str, _Kind]:
    if not isinstance(block, Mapping):
        raise invalid(f"{where}: Input should be an object")
    if "type" not in block:
        raise invalid(f"{where}.type: Field required")
    name = block["type"]
    if not isinstance(name, str) or name not in known:
        raise unknown_tag(where, name, known)
    return name, _GIVEN[name]


def _check_fields(where: str, block: Mapping[str, Any], kind: _Kind) -> None:
    for field, wanted in kind.must.items():
        if field not in block:
            raise invalid(f"{where}.{field}: Field required")
        if not isinstance(block[field], wanted):
            raise invalid(f"{where}.{field}: Input should be a valid {_NAMES[wanted]}")
    no_extras(f"{where}.", block, ("type", *kind.must, *kind.may))
    if block["type"] == "text" and not block["text"]:
        raise invalid("messages: text content blocks must be non-empty")
    if block["type"] == "text" and not block["text"].strip():
        raise invalid("messages: text content blocks must contain non-whitespace text")


def _check_result(where: str, block: Mapping[str, Any]) -> None:
    if not isinstance(block.get("is_error", False), bool):
        raise invalid(f"{where}.is_error: Input should be a valid boolean")
    content = block.get("content", "")
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise invalid(f"{where}.content: Input should be a valid string or list")
    for index, part in enumerate(content):
        name, kind = _kind(f"{where}.content.{index}", part, _WITHIN_RESULT)
        _check_fields(f"{where}.content.{index}.{name}", part, kind)
