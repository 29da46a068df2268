"""The commands: one file each, with a `COMMAND`. All files here are loaded; help and completion follow."""

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
        name: the word that is typed.
        summary: a description in Spanish, for the help.
        run: runs the command; receives the session and the text typed after the name.
        order: its place in the help.
        aliases: other names.
        bare: whether it works without a leading `/`.
        argument: its argument for the help, such as `[n]`; "" for none.
        bare_argument: a pattern of what may follow the bare word. Anything else makes the line a message:
            "demo de streaming, por favor" is no command.
        complete: yields the possible next words, each with its meaning; receives the complete words typed
            after the name, and the settings.
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
        """The name with its argument, then the aliases, as the help shows them."""
        slash = "" if self.bare else "/"
        return (f"{slash}{self.name} {self.argument}".rstrip(), *(slash + alias for alias in self.aliases))


@cache
def all_commands() -> tuple[Command, ...]:
    """Return every command, in the order of the help."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    commands: list[Command] = [module.COMMAND for module in modules]
    return tuple(sorted(commands, key=lambda command: command.order))


def first_words() -> list[tuple[str, str]]:
    """Return the completions of the first word of a line: each command and alias, with its summary."""
    return [
        (f"/{name}", command.summary)
        for command in all_commands()
        for name in (command.name, *command.aliases)
    ]


def find(line: str) -> tuple[Command, str] | None:
    """Return the command in a line and its argument; None if the line is a message or unknown."""
    word, _, rest = line.strip().partition(" ")
    slash, argument, command = word.startswith("/"), rest.strip(), _named(word)
    if command and (slash or (command.bare and re.fullmatch(command.bare_argument, argument))):
        return command, argument
    return None


def next_words(line: str, settings: Settings) -> Iterable[tuple[str, str]]:
    """Yield completions of the last word of a line, which is not its first, each with its meaning."""
    words = line.rpartition(" ")[0].split()
    command = _named(words[0]) if words else None
    if command is None or command.complete is None or not (command.bare or words[0].startswith("/")):
        return ()
    return command.complete(words[1:], settings)


def _named(word: str) -> Command | None:
    name = word.removeprefix("/").casefold()
    return next((found for found in all_commands() if name in (found.name, *found.aliases)), None)


def looks_like_command(line: str) -> bool:
    """Whether a line looks like a command: `/word`, but not a path such as `/etc/hosts`."""
    return re.fullmatch(r"/\w*(\s.*)?", line.strip(), re.DOTALL) is not None


def suggestion(line: str) -> str:
    """Say in Spanish that a command does not exist, and suggest the closest one."""
    word = line.split()[0][:40]
    names = [f"/{name}" for command in all_commands() for name in (command.name, *command.aliases)]
    near = get_close_matches(word.casefold(), names, n=1)
    hint = f"¿Querías decir {near[0]}?" if near else "Escribe «ayuda» para ver los que hay."
    return f"No conozco el comando «{word}». {hint}"
