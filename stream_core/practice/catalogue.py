"""The models of practice mode: the entry of each in `/v1/models`, and what its requests may contain.

Limits, thinking types, effort levels and refusals are those of the model pages of 2026-11. An unknown date is
the epoch, as in the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_YES = {"supported": True}
_NO = {"supported": False}
_EPOCH = "1970-01-01T00:00:00Z"
_THINKING_TYPES = ("adaptive", "between_tools", "disabled", "enabled")
Style = Literal["brief", "normal", "detailed"]

_EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes:
        info: its entry in `/v1/models`.
        always_thinks: whether it thinks without a `thinking` parameter.
        display: default of `thinking.display`: "omitted" or "summarized".
        takes_prefill: whether the last message may be an `assistant` one.
        takes_sampling: whether `temperature`, `top_p` and `top_k` may be given.
        takes_forced_tools: whether `tool_choice` may be `any` or `tool`.
        takes_system_turns: whether a message may have the role `system`.
        binds_thinking: whether its thinking blocks are bound to the conversation.
        least_cached: tokens; a shorter prefix is not cached.
        pace: factor of the waits in its replies: below 1 is quicker.
        style: how much its prepared answers say.
    """

    info: Mapping[str, Any]
    always_thinks: bool = False
    display: str = "omitted"
    takes_prefill: bool = False
    takes_sampling: bool = False
    takes_forced_tools: bool = False
    takes_system_turns: bool = True
    binds_thinking: bool = True
    least_cached: int = 512
    pace: float = 1.0
    style: Style = "normal"

    @property
    def id(self) -> str:
        return str(self.info["id"])

    @property
    def retired(self) -> bool:
        return bool(self.info["lifecycle"] == "retired")

    @property
    def max_tokens(self) -> int:
        return int(self.info["max_tokens"])

    @property
    def max_input_tokens(self) -> int:
        return int(self.info["max_input_tokens"])

    @property
    def thinking(self) -> list[str]:
        """The accepted types of `thinking`."""
        types = self.info["capabilities"]["thinking"]["types"]
        return [name for name in _THINKING_TYPES if types[name]["supported"]]

    @property
    def efforts(self) -> list[str]:
        """The accepted levels of effort, lowest first."""
        levels = self.info["capabilities"]["effort"]
        return [name for name in _EFFORTS if levels[name]["supported"]]


def _support(known: tuple[str, ...], supported: tuple[str, ...]) -> dict[str, Any]:
    return {name: _YES if name in supported else _NO for name in known}


def _info(
    line: str,
    version: str,
    *,
    thinking: tuple[str, ...],
    date: str = "",
    efforts: tuple[str, ...] = _EFFORTS,
    tokens: tuple[int, int] = (1_000_000, 128_000),
    lifecycle: str = "active",
    retires: str | None = None,
) -> dict[str, Any]:
    strategies = ("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")
    old = lifecycle != "active"
    capabilities = {
        "batch": _YES,
        "citations": _YES,
        "code_execution": _NO if old else _YES,
        "context_management": {"supported": True, **_support(strategies, strategies[: 2 if old else 3])},
        "effort": {"supported": bool(efforts), **_support(_EFFORTS, efforts)},
        "image_input": _YES,
        "pdf_input": _YES,
        "server_tools": {"supported": True, "code_execution": _YES, "web_search": _YES},
        "structured_outputs": _NO if lifecycle == "retired" else _YES,
        "thinking": {"supported": True, "types": _support(_THINKING_TYPES, thinking)},
    }
    name = "-".join(part for part in ("claude", line, version.replace(".", "-"), date) if part)
    return {
        "type": "model",
        "id": name,
        "display_name": f"Claude {line.capitalize()} {version}",
        "created_at": f"{date[:4]}-{date[4:6]}-{date[6:]}T00:00:00Z" if date else _EPOCH,
        "lifecycle": lifecycle,
        "deprecated_at": _EPOCH if old else None,
        "retires_at": f"{retires}T00:00:00Z" if retires else None,
        "line": line,
        "max_input_tokens": tokens[0],
        "max_tokens": tokens[1],
        "capabilities": capabilities,
    }


def _old(version: str, date: str, lifecycle: str, retires: str) -> Model:
    info = _info(
        "sonnet",
        version,
        date=date,
        thinking=("disabled", "enabled"),
        efforts=(),
        tokens=(200_000, 64_000),
        lifecycle=lifecycle,
        retires=retires,
    )
    return Model(
        info,
        display="summarized",
        takes_prefill=True,
        takes_sampling=True,
        takes_forced_tools=True,
        takes_system_turns=False,
        binds_thinking=False,
        least_cached=1024,
        pace=1.25,
    )


MODELS: dict[str, Model] = {
    model.id: model
    for model in (
        Model(_info("sonnet", "5.5", thinking=("adaptive", "between_tools"))),
        Model(_info("opus", "5.5", thinking=("adaptive",)), always_thinks=True, pace=1.5, style="detailed"),
        Model(
            _info("haiku", "5.5", thinking=("adaptive", "disabled")),
            takes_forced_tools=True,
            pace=0.5,
            style="brief",
        ),
        Model(_info("fable", "5.2", thinking=("adaptive",)), always_thinks=True, pace=2.0, style="detailed"),
        _old("4.5", "20250929", "deprecated", "2026-11-30"),
        _old("4", "20250514", "retired", "2026-06-15"),
    )
}
"""By id, in the order of the list."""

_ALIASES = {
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-0": "claude-sonnet-4-20250514",
}


def find(name: str) -> Model | None:
    """The model with this id or alias, or None."""
    return MODELS.get(_ALIASES.get(name, name))
