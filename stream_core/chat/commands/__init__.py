"""The commands: one file each, with a `COMMAND`. They are found by being here; help and completion follow."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from stream_core.chat.session import Session


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the chat.

    Attributes:
        name: what is typed.
        summary: what it does, in Spanish, for the help.
        run: does it; is given the session and what was typed after the name.
        order: its place in the help.
        aliases: other words for it.
        bare: whether it works without a leading `/`.
        argument: what it takes, for the help, such as `[n]`; "" for nothing.
        bare_argument: what may follow the bare word (a pattern). Anything else after it makes the line a
            message: "demo de streaming, por favor" is no command.
    """

    name: str
    summary: str
    run: Callable[[Session, str], None]
    order: int
    aliases: tuple[str, ...] = ()
    bare: bool = True
    argument: str = ""
    bare_argument: str = ""


@cache
def all_commands() -> tuple[Command, ...]:
    """Every command, in the order of the help."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    commands: list[Command] = [module.COMMAND for module in modules]
    return tuple(sorted(commands, key=lambda command: command.order))


def find(line: str) -> tuple[Command, str] | None:
    """Give the command a line means, with its argument; None when the line is a message or unknown."""
    word, _, rest = line.strip().partition(" ")
    slash, name, argument = word.startswith("/"), word.removeprefix("/").casefold(), rest.strip()
    for command in all_commands():
        if name in (command.name, *command.aliases):
            if slash or (command.bare and re.fullmatch(command.bare_argument, argument)):
                return command, argument
    return None


def looks_like_command(line: str) -> bool:
    """Whether a line is meant as a command: `/word`. A path such as `/etc/hosts` is not."""
    return re.fullmatch(r"/\w*(\s.*)?", line.strip(), re.DOTALL) is not None


def suggestion(line: str) -> str:
    """Say that a command does not exist, and which one may have been meant."""
    word = line.split()[0][:40]
    names = [f"/{name}" for command in all_commands() for name in (command.name, *command.aliases)]
    near = get_close_matches(word.casefold(), names, n=1)
    hint = f"¿Querías decir {near[0]}?" if near else "Escribe «ayuda» para ver los que hay."
    return f"No conozco el comando «{word}». {hint}"
