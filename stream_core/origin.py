"""Who decides what can be chosen: a flag, a variable, what the person chose, or nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from .errors import ConfigError
from .limits import LIMITS, Limits
from .look import OPTIONS, Look
from .option import Option
from .values import Value


@dataclass(frozen=True, slots=True)
class Origin:
    """Who decided how the chat looks.

    Attributes:
        told: what flags and variables say, over the defaults: the look without anything remembered.
        by: for each field they decide, the flag or the variable (`--theme`, `TERM=dumb`).
        chosen: the fields whose value in force was chosen in the chat, now or in an earlier session.
    """

    told: Look = field(default_factory=Look)
    by: Mapping[str, str] = field(default_factory=dict, hash=False)
    chosen: frozenset[str] = frozenset()


def told(
    options: Iterable[Option], flags: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Value], dict[str, str]]:
    """Take what flags and variables say; a flag is stronger, an empty variable says nothing.

    Returns:
        The fields with their values, and for each of them the flag or the variable that says so.

    Raises:
        ConfigError: a value that cannot be used; the hint names the flag or the variable.
    """
    values: dict[str, Value] = {}
    by: dict[str, str] = {}
    for option in options:
        flag, variable = flags[option.field], environ.get(option.variable)
        if flag is not None:
            by[option.field] = option.flag if flag is not False else option.flag.replace("--", "--no-")
            values[option.field] = _named(option.flag, option, str(flag))
        elif variable:
            by[option.field] = option.variable
            values[option.field] = _named(option.variable, option, variable)
    return values, by


def told_look(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Origin:
    """Take what flags and variables say about the look. Raises as `told`."""
    values, by = told(OPTIONS, flags, environ)
    if environ.get("TERM") == "dumb" and "plain" not in by:
        by["plain"], values["plain"] = "TERM=dumb", True
    return Origin(changed(Look(), values), by)


def told_limits(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Limits:
    """Take what flags and variables say about how long is waited. Raises as `told`."""
    values, _ = told(LIMITS, flags, environ)
    return replace(Limits(), **cast(dict[str, Any], values))


def remembered_look(origin: Origin, remembered: Mapping[str, object]) -> tuple[Look, Origin, list[str]]:
    """Add what is remembered (under the names of the options) where nothing was told.

    Returns:
        The look, who decided it, and a Spanish sentence for each remembered value that cannot be used.
    """
    values: dict[str, Value] = {}
    problems = []
    for option in OPTIONS:
        if option.name in remembered and option.field not in origin.by:
            value = remembered[option.name]
            try:
                values[option.field] = option.parse(str(value) if isinstance(value, (str, int)) else "[…]")
            except ConfigError as error:
                problems.append(error.hint)
    return changed(origin.told, values), replace(origin, chosen=frozenset(values)), problems


def changed(look: Look, values: Mapping[str, Any]) -> Look:
    """Give the look with these fields changed."""
    return replace(look, **values)


def _named(who: str, option: Option, text: str) -> Value:
    try:
        return option.parse(text)
    except ConfigError as error:
        raise ConfigError(f"{who}: {error.hint}") from None
