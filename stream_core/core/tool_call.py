"""A tool call that waits for permission, and the mark of a tool that must not run without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

INVALID_JSON = "INVALID_JSON"
"""The one key of a call's input that stands for what is not JSON: so the model sees what it wrote, and the
API takes it back (https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming)."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that waits for permission. Name and input come from the model, untrusted."""

    tool_id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaTool:
    """A tool with a schema of its own, as MCP servers have them.

    Attributes:
        name: its name.
        description: what it does, for the model.
        input_schema: the JSON schema of its arguments, an object.
        handler: gets the arguments as one mapping, and gives the result; sync or async. It checks them: the
            model is asked to keep to the schema, and may not.
        asks_first: whether a person must agree before it runs.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    handler: Callable[[Mapping[str, Any]], Any]
    asks_first: bool = False


def asks_first(function: F) -> F:
    """Mark a tool that must not run before a person agreed (it changes something, or costs something)."""
    function.asks_first = True  # type: ignore[attr-defined]
    return function


def must_ask(function: Callable[..., Any]) -> bool:
    """Whether a tool is marked with `asks_first`."""
    return bool(getattr(function, "asks_first", False))


def invalid_input(given: object) -> str | None:
    """The raw text of a call's input that is not JSON; None if it is JSON."""
    if isinstance(given, Mapping) and list(given) == [INVALID_JSON]:
        return str(given[INVALID_JSON])
    return None


def is_tool_call(kind: str) -> bool:
    """Whether a block of this type calls a tool, ours or one that runs on the server."""
    return kind.endswith("tool_use")
