"""The commands: one file each, with a `COMMAND`. They are found by being here; help and completion follow."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from stream_core.chat.session import Session
from stream_core.config.settings import Settings


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
        complete: gives the words that may come next, and what each means; is given the words typed after the
            name and before the one that is being typed, and the settings in force.
    """

    name: str
    summary: str
    run: Callable[[Session, str], None]
    order: int
    aliases: tuple[str, ...] = ()
    bare: bool = True
    argument: str = ""
    bare_argument: str = ""
    complete: Callable[[Sequence[str], Settings], Iterable[tuple[str, str]]] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What is typed, as the help says it: the name with what it takes, then the other words."""
        slash = "" if self.bare else "/"
        return (f"{slash}{self.name} {self.argument}".rstrip(), *(slash + alias for alias in self.aliases))


@cache
def all_commands() -> tuple[Command, ...]:
    """Every command, in the order of the help."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    commands: list[Command] = [module.COMMAND for module in modules]
    return tuple(sorted(commands, key=lambda command: command.order))


def first_words() -> list[tuple[str, str]]:
    """Return what completes the first word of a line: each command and alias, with its summary."""
    return [
        (f"/{name}", command.summary)
        for command in all_commands()
        for name in (command.name, *command.aliases)
    ]


def find(line: str) -> tuple[Command, str] | None:
    """Give the command a line means, with its argument; None when the line is a message or unknown."""
    word, _, rest = line.strip().partition(" ")
    slash, argument, command = word.startswith("/"), rest.strip(), _named(word)
    if command and (slash or (command.bare and re.fullmatch(command.bare_argument, argument))):
        return command, argument
    return None


def next_words(line: str, settings: Settings) -> Iterable[tuple[str, str]]:
    """Give what may stand in place of the last word of a line, which is not its first: words and meanings."""
    words = line.rpartition(" ")[0].split()
    command = _named(words[0]) if words else None
    if command is None or command.complete is None or not (command.bare or words[0].startswith("/")):
        return ()
    return command.complete(words[1:], settings)


def _named(word: str) -> Command | None:
    name = word.removeprefix("/").casefold()
    return next((found for found in all_commands() if name in (found.name, *found.aliases)), None)


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
