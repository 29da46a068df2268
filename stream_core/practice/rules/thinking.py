"""The `thinking` parameter: the types a model takes, and the parameters it excludes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid, unknown_tag
from stream_core.practice.request import Body, blocks_in
from stream_core.practice.rules.shape import no_extras

_TYPES = {
    "adaptive": ("type", "display"),
    "between_tools": ("type",),
    "disabled": ("type",),
    "enabled": ("type", "budget_tokens", "display"),
}
_LEAST = 1024  # tokens
_HARD = ("xhigh", "max")


def check(body: Body, model: Model) -> None:
    config = body.get("thinking")
    if config is None:
        return
    kind = _type_of(config)
    _check_supported(kind, model)
    no_extras(f"thinking.{kind}.", config, _TYPES[kind])
    if config.get("display") not in (None, "summarized", "omitted"):
        raise invalid(f"thinking.{kind}.display: Input should be 'summarized' or 'omitted'")
    if kind in ("between_tools", "disabled"):
        _check_effort(kind, body)
        return
    choice = body.get("tool_choice") or {}
    if choice.get("type") in ("any", "tool"):
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.")
    if kind == "enabled":
        _check_budget(config.get("budget_tokens"), body)
        _check_enabled(body)


def _type_of(config: Any) -> str:
    if not isinstance(config, Mapping):
        raise invalid("thinking: Input should be an object")
    kind = config.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise unknown_tag("thinking", kind, _TYPES)
    return kind


def _check_supported(kind: str, model: Model) -> None:
    if kind in model.thinking:
        return
    refused = f'"thinking.type.{kind}" is not supported for this model.'
    if kind == "disabled" and "between_tools" in model.thinking:
        raise invalid(f'{refused} Use "thinking.type.between_tools" instead.')
    if "adaptive" in model.thinking:
        use = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        raise invalid(f"{refused} {use}")
    raise invalid(f'{refused} Use "thinking.type.enabled" and "thinking.budget_tokens".')


def _check_effort(kind: str, body: Body) -> None:
    effort = (body.get("output_config") or {}).get("effort")
    if effort in _HARD:
        raise invalid(f"\"thinking.type.{kind}\" is not supported at effort level '{effort}'.")


def _check_budget(budget: Any, body: Body) -> None:
    where = "thinking.enabled.budget_tokens"
    if budget is None:
        raise invalid(f"{where}: Field required")
    if not isinstance(budget, int) or isinstance(budget, bool):
        raise invalid(f"{where}: Input should be a valid integer")
    if budget < _LEAST:
        raise invalid(f"{where}: Input should be greater than or equal to {_LEAST}")
    most = body.get("max_tokens")
    if isinstance(most, int) and budget >= most:
        raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_enabled(body: Body) -> None:
    """Check the restrictions of `enabled` (thinking with a budget)."""
    if body.get("temperature") not in (None, 1):
        raise invalid("`temperature` may only be set to 1 when thinking is enabled.")
    if body.get("top_k") is not None:
        raise invalid("`top_k` must be unset when thinking is enabled.")
    messages = body["messages"]
    in_a_loop = any(block.get("type") == "tool_result" for block in blocks_in(messages[-1]))
    if not in_a_loop or len(messages) < 2:
        return
    found = next((str(block.get("type")) for block in blocks_in(messages[-2])), "nothing")
    if messages[-2]["role"] == "assistant" and found not in ("thinking", "redacted_thinking"):
        raise invalid(
            f"messages.{len(messages) - 2}.content.0.type: Expected `thinking` or `redacted_thinking`, but "
            f"found `{found}`. When `thinking` is enabled, a final `assistant` message must start with a "
            "thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks)."
        )
