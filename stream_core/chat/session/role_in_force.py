"""Changes by the head of a role, beside the instructions: model, effort and tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from stream_core.config.origin import Origin
from stream_core.config.roles import Role
from stream_core.config.settings import Settings

if TYPE_CHECKING:
    from stream_core.chat.reply.toolset import Toolset


class _Values(NamedTuple):
    """The values that a head can change."""

    model: str
    line: str
    effort: str
    tools: tuple[str, ...]
    origin: Origin


class RoleInForce:
    """Applies the head of a role, and takes it back where nobody has chosen otherwise since."""

    def __init__(self, settings: Settings) -> None:
        """Begin with the role that the settings have been loaded with, if there is one."""
        self._started = settings if settings.without_role is not None else None
        self._before: _Values | None = None
        self._after: _Values | None = None

    def take(self, role: Role, settings: Settings, tools: Callable[[], Toolset]) -> Settings:
        """Return the settings with the head of a role, whose tools are turned on.

        Raises:
            ConfigError: its model or one of its tools cannot be had; nothing changes then.
        """
        source = f"el rol «{role.name}»"
        settings = self.drop(settings, tools)
        before, found = _values(settings, tools), settings
        if role.model:
            found = found.with_model(role.model)
            found = replace(found, origin=found.origin.decided({"model"}, source))
        if role.effort:
            preferences = found.preferences.changed({"effort": role.effort})
            found = replace(found, preferences=preferences, origin=found.origin.decided({"effort"}, source))
        if role.tools:
            tools().keep_only(role.tool_names, source)
        self._before, self._after = before, _values(found, tools)
        return found

    def drop(self, settings: Settings, tools: Callable[[], Toolset]) -> Settings:
        """Return the settings as they were before the head, except for what was changed after it."""
        before, after = self._before, self._after
        if (started := self._started) is not None and started.without_role is not None:
            from stream_core.chat.reply.toolset import Toolset

            without = started.without_role
            changed = started.tools.only != without.tools.only
            before = _values(without, (lambda: Toolset(without)) if changed else tools)
            after = _values(started, (lambda: Toolset(started)) if changed else tools)
        self._started = self._before = self._after = None
        if before is None or after is None:
            return settings
        now = _values(settings, tools)
        if (now.model, now.line) == (after.model, after.line):
            settings = replace(settings, model=before.model, line=before.line)
            settings = replace(settings, origin=settings.origin.as_in(before.origin, "model"))
        if now.effort == after.effort:
            preferences = settings.preferences.changed({"effort": before.effort})
            origin = settings.origin.as_in(before.origin, "effort")
            settings = replace(settings, preferences=preferences, origin=origin)
        if now.tools == after.tools:
            tools().keep_only(before.tools, "antes")
        return settings


def _values(settings: Settings, tools: Callable[[], Toolset]) -> _Values:
    return _Values(
        settings.model,
        settings.line,
        settings.preferences.thinking.effort,
        tuple(tools().names),
        settings.origin,
    )
