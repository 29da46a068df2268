"""An option, described once: its flag, its variable, its name in the chat, and its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .values import Value, yes_or_no


class Option(NamedTuple):
    """One option: set by a flag or a variable, and some also in the chat.

    Attributes:
        field: the field it sets (of `Look`, `ThinkingChoice` or `Limits`).
        name: its Spanish name, in the chat and in the file of preferences.
        flag: its command-line flag; a yes-or-no option also has the `--no-` form.
        variable: its environment variable.
        summary: a description in Spanish.
        possible: its possible values in Spanish, to follow "Puede ser".
        examples: completions: values as they are typed, each with its meaning.
        read: parses typed text; returns None for an invalid value.
        show: formats a value in Spanish, so that `read` parses it again.
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
        """Whether its value is yes or no."""
        return self.read is yes_or_no

    def parse(self, text: str) -> Value:
        """Parse what the user typed.

        Raises:
            ConfigError: the value is invalid; the hint lists the possible ones.
        """
        value = self.read(text.strip()[:100])
        if value is None:
            raise ConfigError(
                f"«{one_line(text, 40)}» no sirve para «{self.name}». Puede ser {self.possible}."
            )
        return value


YES_OR_NO = (("sí", ""), ("no", ""))
"""The examples of a yes-or-no option."""
