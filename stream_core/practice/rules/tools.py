"""The `tools` of a request and its `tool_choice`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid, unknown_tag
from stream_core.practice.request import Body

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_SERVER = re.compile(
    r"(web_search_(20250305|20260209|20260318)|web_fetch_(20250910|20260209|20260309|20260318)"
    r"|code_execution_(20250522|20250825|20260120|20260521)|bash_20250124|memory_20250818"
    r"|text_editor_(20250124|20250429|20250728)|(computer|browser)_toolset_20260801"
    r"|tool_search_tool_(bm25|regex)_20251119)"
)
_CHOICES = ("auto", "any", "tool", "none")


def check(body: Body, model: Model) -> None:
    tools = body.get("tools")
    if tools is not None and not isinstance(tools, list):
        raise invalid("tools: Input should be a valid list")
    names = [_named(f"tools.{number}", tool) for number, tool in enumerate(tools or ())]
    if len(names) != len(set(names)):
        raise invalid("tools: Tool names must be unique.")
    _check_choice(body.get("tool_choice"), names, model)


def _named(where: str, tool: Any) -> str:
    """Check a tool and return its name."""
    if not isinstance(tool, Mapping):
        raise invalid(f"{where}: Input should be an object")
    kind = tool.get("type")
    if kind not in (None, "custom"):
        if not isinstance(kind, str) or not _SERVER.fullmatch(kind):
            raise unknown_tag(where, kind, ("custom", "web_search_20250305", "web_search_20260318"))
        _check_search(where, tool)
        return str(tool.get("name", kind))
    if not isinstance(tool.get("name"), str):
        raise invalid(f"{where}.custom.name: Field required")
    if not _NAME.fullmatch(tool["name"]):
        raise invalid(f"{where}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
    schema = tool.get("input_schema")
    if not isinstance(schema, Mapping):
        raise invalid(f"{where}.custom.input_schema: Field required")
    if schema.get("type") != "object":
        raise invalid(f"{where}.custom.input_schema.type: Input should be 'object'")
    return str(tool["name"])


def _check_search(where: str, tool: Mapping[str, Any]) -> None:
    kind = tool["type"]
    if not kind.startswith("web_search_"):
        return
    if tool.get("name") != "web_search":
        raise invalid(f"{where}.{kind}.name: Input should be 'web_search'")
    if tool.get("allowed_domains") and tool.get("blocked_domains"):
        raise invalid(f"{where}.{kind}: Cannot specify both allowed_domains and blocked_domains")
    most = tool.get("max_uses")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise invalid(f"{where}.{kind}.max_uses: Input should be greater than 0")


def _check_choice(choice: Any, names: list[str], model: Model) -> None:
    if choice is None:
        return
    if not isinstance(choice, Mapping) or choice.get("type") not in _CHOICES:
        given = choice.get("type") if isinstance(choice, Mapping) else choice
        raise unknown_tag("tool_choice", given, _CHOICES)
    kind = choice["type"]
    if kind in ("any", "tool") and not model.takes_forced_tools:
        raise invalid(
            f'"tool_choice.type.{kind}" is not supported for this model. Use "tool_choice.type.auto" and '
            "ask for the tool in the prompt."
        )
    if kind != "none" and not names:
        raise invalid("tool_choice: may only be specified when `tools` are provided")
    if kind == "tool" and choice.get("name") not in names:
        raise invalid(f"tool_choice: Tool '{choice.get('name')}' not found in provided tools")
