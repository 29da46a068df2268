"""`Preferences`: the look, the thinking and the limits that are in force. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stream_core.models.thinking_choice import ThinkingChoice

from .options.appearance import OPTIONS, Look
from .options.limits import LIMITS, Limits
from .options.option import Option
from .options.thinking_options import THINKING_OPTIONS

REMEMBERED: tuple[Option, ...] = (*OPTIONS, *THINKING_OPTIONS)
"""The options that can be changed in the chat and are remembered."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The values of every option in the tables of `config/options/`.

    Attributes:
        look: how the chat looks.
        thinking: whether the model thinks, and its effort.
        limits: timeouts, attempts and sizes.
    """

    look: Look = field(default_factory=Look)
    thinking: ThinkingChoice = field(default_factory=ThinkingChoice)
    limits: Limits = field(default_factory=Limits)

    def changed(self, values: Mapping[str, Any]) -> Preferences:
        """Return a copy with these values, by the fields of their options; other keys are ignored."""
        look, thinking, limits = (
            {name: value for name, value in values.items() if name in fields_of(options)}
            for options in (OPTIONS, THINKING_OPTIONS, LIMITS)
        )
        return Preferences(
            replace(self.look, **look), replace(self.thinking, **thinking), replace(self.limits, **limits)
        )


def fields_of(options: Iterable[Option]) -> frozenset[str]:
    """Return the field names of a table of options."""
    return frozenset(option.field for option in options)
