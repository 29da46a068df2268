"""The running choices as entries of `config.toml`, for `/ajustes guardar`. Pure."""

from __future__ import annotations

from typing import Any

from stream_core.core.sanitize import repair_surrogates

from . import config_file
from .options.limits import LIMITS
from .options.option import Option
from .preferences import REMEMBERED
from .settings import Settings


def choices(settings: Settings, tools: tuple[str, ...] | None) -> dict[str, Any]:
    """Return what would have to be in `config.toml` for the next chat to start as this one runs.

    What is as it comes is left out, and so is what a variable or the head of a role decides: they will do so
    again. Modes of a single run (practice, saving, the debug log) are left out, too.

    Args:
        settings: the settings in force.
        tools: the names of the tools that are on, if that was changed in the chat; else None.

    Returns:
        The values by key; None for a key that has to go.
    """
    values: dict[str, Any] = {}
    if _chosen(settings, "model"):
        values["model"] = settings.line or settings.model
    if _chosen(settings, "max_tokens"):
        values["max-tokens"] = settings.max_tokens
    if _chosen(settings, "budget"):
        values["budget"] = None if settings.budget is None else _number(f"{settings.budget:f}")
    values.update(_instructions(settings))
    values.update(_tools(settings, tools))
    for option in (*REMEMBERED, *LIMITS):
        if _chosen(settings, option.field):
            values[option.flag[2:]] = _value(option, _current(settings.preferences, option))
    return values


def _chosen(settings: Settings, name: str) -> bool:
    """Whether somebody decided a value who may not do so the next time, or the file itself."""
    origin = settings.origin
    if name in origin.chosen:
        return True
    source = origin.decided_by.get(name, "")
    return source == config_file.NAME or source.startswith("--")


def _instructions(settings: Settings) -> dict[str, Any]:
    if not _chosen(settings, "system"):
        return {}
    found = settings.instructions
    return {
        "system": _text(found.text) if found and not found.role else None,
        "role": found.role or None,
        "param": [_text(f"{name}={value}") for name, value in found.params] or None,
    }


def _text(text: str) -> str:
    """A text as the flag takes it: one that begins with `@` is not the name of a file."""
    text = repair_surrogates(text)
    return f"@{text}" if text.startswith("@") else text


def _tools(settings: Settings, names: tuple[str, ...] | None) -> dict[str, Any]:
    options = settings.tools
    values: dict[str, Any] = {}
    if options.user_file is not None:
        values["tools"] = str(options.user_file.absolute())
    if options.folder is not None:
        values["files"] = str(options.folder.absolute())
    if names is None and _chosen(settings, "only_tools"):
        names = options.only
    if names is not None:
        values["only-tools"] = ",".join(names) or "no"
    elif _chosen(settings, "web_search"):
        values["web-search"] = options.web_search
    return values


def _current(preferences: Any, option: Option) -> Any:
    parts = (preferences.look, preferences.thinking, preferences.limits)
    return next(getattr(part, option.field) for part in parts if hasattr(part, option.field))


def _value(option: Option, value: Any) -> Any:
    if option.on_or_off:
        return bool(value)
    return value if isinstance(value, int) and value else option.show(value)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
