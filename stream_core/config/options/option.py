"""An option: what can be chosen by a flag, a variable or a command, described once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .values import Value, yes_or_no


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen: by a flag, a variable, and some of them in the chat.

    Attributes:
        field: its field of what it belongs to (`Look`, `ThinkingChoice`, `Limits`).
        name: what a person calls it, also in the chat and in the preferences.
        flag: its flag of the command line; one that is on or off has its `--no-` too.
        variable: its variable of the environment.
        summary: what it is, in Spanish.
        possible: what it can be, in Spanish, after "Puede ser".
        examples: what a completion offers: values as they are typed, and what each means.
        read: a value of what was typed, or None when it is none.
        show: what a value is called in Spanish; `read` takes it back.
    """

    field: str
    name: str
    flag: str
    variable: str
    summary: str
    possible: str
    examples: tuple[tuple[str, str], ...]
    read: Callable[[str], Value | None]
    show: Callable[[Any], str] = str

    @property
    def on_or_off(self) -> bool:
        """Whether it is a matter of yes or no."""
        return self.read is yes_or_no

    def parse(self, text: str) -> Value:
        """Give the value that a person means.

        Raises:
            ConfigError: it cannot be that; the hint says what it can be.
        """
        value = self.read(text.strip()[:100])
        if value is None:
            raise ConfigError(
                f"«{one_line(text, 40)}» no vale para «{self.name}». Puede ser {self.possible}."
            )
        return value


YES_OR_NO = (("sí", ""), ("no", ""))
"""The examples of an option that is on or off."""
