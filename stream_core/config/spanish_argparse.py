"""argparse in Spanish: the form of its help, and its messages."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, NoReturn

from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

from .program import command_line


class SpanishFormatter(argparse.HelpFormatter):
    """Writes the help in Spanish, as wide as the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)  # for this argparse would load shutil

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Begin the usage with a Spanish word."""
        super().add_usage(usage, actions, groups, "uso: ")


def _columns() -> int:
    """The columns of the terminal: what `COLUMNS` says, else what it says itself, else 80."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # it is closed, or no terminal
        return 80


class SpanishParser(argparse.ArgumentParser):
    """Raises a `ConfigError` with a Spanish sentence for what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        """Raise the error."""
        raise ConfigError(f"{_in_spanish(message)} Mira «{command_line()} --help».")


def positive_count(word: str) -> int:
    """The type of a flag with a whole number above zero."""
    try:
        count = int(word)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"«{one_line(word, 40)}» no es un número entero mayor que cero.")
    return count


_VALUES = {
    "--resume": ": el id de una conversación, o cómo empieza («/conversaciones» lo muestra en el chat); la "
    "última se sigue con -c",
}
"""What a flag takes, where its name does not say so."""


def _in_spanish(message: str) -> str:
    """Translate argparse's messages into Spanish (those of types of flags already are)."""
    head, _, rest = message.partition(": ")
    if head == "unrecognized arguments":
        return f"No conozco la opción «{one_line(rest, 60)}»."
    option = head.removeprefix("argument ")
    if "expected one argument" in rest:
        return f"A {option} le falta su valor{_VALUES.get(option.rpartition('/')[2], '')}."
    if "ignored explicit argument" in rest:
        return f"{option} no lleva ningún valor."
    return f"{option}: {rest}" if rest else one_line(message)
