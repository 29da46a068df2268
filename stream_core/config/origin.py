"""Origin of each setting: a flag, a variable, a file, the user in the chat, or the default. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stream_core.core.errors import ConfigError

from .options.limits import LIMITS
from .options.option import Option
from .options.values import Value
from .preferences import REMEMBERED, Preferences


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of the values in force.

    Attributes:
        overrides: the values set by flags and variables, by field.
        decided_by: for each of those fields, who set it: `--theme`, `TERM=dumb`, `config.toml`, a role.
        chosen: the fields whose value was chosen in the chat, now or in an earlier session.
        in_env_files: the variables that a `.env` file set.
    """

    overrides: Mapping[str, Value] = field(default_factory=dict, hash=False)
    decided_by: Mapping[str, str] = field(default_factory=dict, hash=False)
    chosen: frozenset[str] = frozenset()
    in_env_files: frozenset[str] = frozenset()

    def with_choice(self, name: str) -> Origin:
        """Return a copy in which the field `name` was chosen in the chat."""
        return replace(self, chosen=self.chosen | {name})

    def decided(self, names: Iterable[str], source: str) -> Origin:
        """Return a copy in which `source` set these fields, and nobody chose them in the chat."""
        fields = frozenset(names)
        decided_by = {**self.decided_by, **dict.fromkeys(fields, source)}
        return replace(self, decided_by=decided_by, chosen=self.chosen - fields)

    def as_in(self, other: Origin, name: str) -> Origin:
        """Return a copy in which a field was set by whom it was in another one."""
        decided_by = {field: by for field, by in self.decided_by.items() if field != name}
        if name in other.decided_by:
            decided_by[name] = other.decided_by[name]
        return replace(self, decided_by=decided_by, chosen=self.chosen - {name} | other.chosen & {name})

    def with_sources(self, **sources: str) -> Origin:
        """Return a copy with the flags or variables that set these fields; "" for none."""
        named = {name: source for name, source in sources.items() if source}
        return replace(self, decided_by={**self.decided_by, **named})

    def was_set(self, name: str) -> bool:
        """Whether somebody set a field: else its value is the default."""
        return name in self.chosen or name in self.decided_by

    def source(self, name: str) -> str:
        """Return in Spanish who set a field."""
        return self.decision(name) or "por defecto"

    def decision(self, name: str) -> str:
        """Return in Spanish who set a field; "" if nobody did."""
        if name in self.chosen:
            return "lo elegiste tú"
        by = self.decided_by.get(name)
        if by is None:
            return ""
        return f"por {by}, en tu .env" if by in self.in_env_files else f"por {by}"


def from_flags_and_env(
    flags: Mapping[str, Any], environ: Mapping[str, str], sources: Mapping[str, str] | None = None
) -> Origin:
    """Read every option from flags and variables; a flag wins, an empty variable counts as unset.

    Args:
        flags: by their `dest`; None for one that was not given.
        environ: the variables.
        sources: who set a flag that was not given on the command line, by `dest`.

    Raises:
        ConfigError: a value is invalid; the hint names the flag or the variable.
    """
    values: dict[str, Value] = {}
    decided_by: dict[str, str] = {}
    for option in (*REMEMBERED, *LIMITS):
        flag, variable = flags[option.field], environ.get(option.variable)
        if flag is not None:
            name = option.flag if flag is not False else option.flag.replace("--", "--no-")
            decided_by[option.field] = (sources or {}).get(option.field, name)
            values[option.field] = _parse(option.flag, option, str(flag))
        elif variable:
            decided_by[option.field] = option.variable
            values[option.field] = _parse(option.variable, option, variable)
    if environ.get("TERM") == "dumb" and "plain" not in decided_by:
        decided_by["plain"], values["plain"] = "TERM=dumb", True
    return Origin(values, decided_by)


def merge(origin: Origin, remembered: Mapping[str, object]) -> tuple[Preferences, Origin, list[str]]:
    """Merge remembered values (by option name) under those set by flags and variables.

    Returns:
        The preferences, their origin, and a Spanish sentence for each remembered value that is invalid.
    """
    values: dict[str, Value] = {}
    problems = []
    for option in REMEMBERED:
        if option.name in remembered and option.field not in origin.decided_by:
            value = remembered[option.name]
            try:
                values[option.field] = option.parse(str(value) if isinstance(value, (str, int)) else "[…]")
            except ConfigError as error:
                problems.append(error.hint)
    preferences = Preferences().changed({**origin.overrides, **values})
    return preferences, replace(origin, chosen=frozenset(values)), problems


def _parse(source: str, option: Option, text: str) -> Value:
    try:
        return option.parse(text)
    except ConfigError as error:
        raise ConfigError(f"{source}: {error.hint}") from None
