"""The models that are known in practice mode, in the form of the API's `/v1/models`.

Limits and kinds of thinking are those of the model pages of 2026-11; release dates are not known here and
are the epoch, as the API does it. The other capabilities are the API's in general: nothing here uses them.
"""

from __future__ import annotations

from typing import Any

_YES = {"supported": True}
_NO = {"supported": False}

_CAPABILITIES: dict[str, Any] = {
    "batch": _YES,
    "citations": _YES,
    "code_execution": _YES,
    "context_management": {
        "supported": True,
        "clear_thinking_20251015": _YES,
        "clear_tool_uses_20250919": _YES,
        "compact_20260112": _YES,
    },
    "effort": {"supported": True, **dict.fromkeys(("low", "medium", "high", "xhigh", "max"), _YES)},
    "image_input": _YES,
    "pdf_input": _YES,
    "server_tools": {"supported": True, "code_execution": _YES, "web_search": _YES},
    "structured_outputs": _YES,
}


def _model(line: str, version: str, *, always_thinks: bool) -> dict[str, Any]:
    thinking = {
        "adaptive": _YES,
        "between_tools": _NO if always_thinks else _YES,
        "disabled": _NO,
        "enabled": _NO,
    }
    return {
        "type": "model",
        "id": f"claude-{line}-{version.replace('.', '-')}",
        "display_name": f"Claude {line.capitalize()} {version}",
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": line,
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": {**_CAPABILITIES, "thinking": {"supported": True, "types": thinking}},
    }


MODELS: dict[str, dict[str, Any]] = {
    model["id"]: model
    for model in (
        _model("sonnet", "5.5", always_thinks=False),
        _model("opus", "5.5", always_thinks=True),
        _model("haiku", "5.5", always_thinks=False),
        _model("fable", "5.2", always_thinks=True),
    )
}
"""By id, in the order of the list."""
