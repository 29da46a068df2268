"""Who decides what can be chosen: a flag, a variable, what the person chose, or nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from stream_core.config.options.appearance import OPTIONS, Look
from stream_core.config.options.limits import LIMITS, Limits
from stream_core.config.options.option import Option
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.options.values import Value
from stream_core.core.errors import ConfigError
from stream_core.models.thinking import ThinkingChoice

REMEMBERED: tuple[Option, ...] = (*OPTIONS, *THINKING_OPTIONS)
"""What can be chosen in the chat and is remembered."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who decided what is in force.

    Attributes:
        told: what flags and variables say: the values of their fields.
        by: for each field they decide, the flag or the variable (`--theme`, `TERM=dumb`).
        chosen: the fields whose value in force was chosen in the chat, now or in an earlier session.
    """

    told: Mapping[str, Value] = field(default_factory=dict, hash=False)
    by: Mapping[str, str] = field(default_factory=dict, hash=False)
    chosen: frozenset[str] = frozenset()

    def choosing(self, name: str) -> Origin:
        """Give it with a field more that was chosen in the chat."""
        return replace(self, chosen=self.chosen | {name})

    def also(self, **by: str) -> Origin:
        """Give it with who decided these fields; "" for nobody."""
        return replace(self, by={**self.by, **{name: who for name, who in by.items() if who}})

    def source(self, name: str) -> str:
        """Say in Spanish who decided a field."""
        if name in self.chosen:
            return "lo elegiste tú"
        return f"por {self.by[name]}" if name in self.by else "de serie"


class Choices(NamedTuple):
    """What can be chosen by options."""

    look: Look = Look()
    mind: ThinkingChoice = ThinkingChoice()
    limits: Limits = Limits()

    def changed(self, values: Mapping[str, Any]) -> Choices:
        """Give them with these fields changed."""
        look, mind, limits = (
            {name: value for name, value in values.items() if name in fields_of(options)}
            for options in (OPTIONS, THINKING_OPTIONS, LIMITS)
        )
        return Choices(replace(self.look, **look), replace(self.mind, **mind), replace(self.limits, **limits))


def told(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Origin:
    """Take what flags and variables say; a flag is stronger, an empty variable says nothing.

    Raises:
        ConfigError: a value that cannot be used; the hint names the flag or the variable.
    """
    values: dict[str, Value] = {}
    by: dict[str, str] = {}
    for option in (*REMEMBERED, *LIMITS):
        flag, variable = flags[option.field], environ.get(option.variable)
        if flag is not None:
            by[option.field] = option.flag if flag is not False else option.flag.replace("--", "--no-")
            values[option.field] = _named(option.flag, option, str(flag))
        elif variable:
            by[option.field] = option.variable
            values[option.field] = _named(option.variable, option, variable)
    if environ.get("TERM") == "dumb" and "plain" not in by:
        by["plain"], values["plain"] = "TERM=dumb", True
    return Origin(values, by)


def decided(origin: Origin, remembered: Mapping[str, object]) -> tuple[Choices, Origin, list[str]]:
    """Add what is remembered (under the names of the options) where nothing was told.

    Returns:
        The values, who decided them, and a Spanish sentence for each remembered one that cannot be used.
    """
    values: dict[str, Value] = {}
    problems = []
    for option in REMEMBERED:
        if option.name in remembered and option.field not in origin.by:
            value = remembered[option.name]
            try:
                values[option.field] = option.parse(str(value) if isinstance(value, (str, int)) else "[…]")
            except ConfigError as error:
                problems.append(error.hint)
    choices = Choices().changed({**origin.told, **values})
    return choices, replace(origin, chosen=frozenset(values)), problems


def fields_of(options: Iterable[Option]) -> frozenset[str]:
    """Give the fields of a table of options."""
    return frozenset(option.field for option in options)


def _named(who: str, option: Option, text: str) -> Value:
    try:
        return option.parse(text)
    except ConfigError as error:
        raise ConfigError(f"{who}: {error.hint}") from None
