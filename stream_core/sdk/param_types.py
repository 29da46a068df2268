"""The keywords of a request, typed by the SDK's own parameter types. For type checkers: nothing is loaded.

Written out because a `TypedDict` cannot drop or widen a key of another; a test compares the keys with
those of `client.messages.stream`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import Required, TypedDict

if TYPE_CHECKING:
    import httpx2
    from anthropic import types

    class TurnParams(TypedDict, total=False):
        """The keywords of a turn: those of a request, but for the tools."""

        max_tokens: Required[int]
        messages: Required[Iterable[types.MessageParam | Mapping[str, Any]]]
        model: Required[types.ModelParam]
        cache_control: types.CacheControlEphemeralParam | None
        container: Any
        diagnostics: types.DiagnosticsParam | None
        inference_geo: str | None
        metadata: types.MetadataParam
        output_config: types.OutputConfigParam
        output_format: type[Any] | None
        service_tier: Literal["auto", "standard_only"]
        speed: Literal["standard", "fast"] | None
        stop_sequences: list[str] | tuple[str, ...]
        system: str | Iterable[types.TextBlockParam]
        thinking: types.ThinkingConfigParam
        tool_choice: types.ToolChoiceParam
        user_profile_id: str
        workspace_id: str
        extra_headers: Mapping[str, str] | None
        extra_query: Mapping[str, object] | None
        extra_body: object
        timeout: float | httpx2.Timeout | None

    class RequestParams(TurnParams, total=False):
        """The keywords of a request."""

        tools: Iterable[types.ToolUnionParam | Mapping[str, Any]]
