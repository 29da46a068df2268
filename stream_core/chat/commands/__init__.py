"""The commands: one file each, with a `COMMAND`. All files here are loaded; help and completion follow.

Parts that several commands share are in the files whose names begin with `_`. May import all of the chat but
its loop and the one-shot mode.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from stream_core.chat.session.session import Session
from stream_core.config.options.slips import is_slip
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings


class Command(NamedTuple):
    """A command of the chat.

    Attributes:
        name: the word that is typed.
        summary: a description in Spanish, for completion and for the help on this command.
        brief: the same in a few words, 29 characters at most, for the list of all commands.
        usage: how it is written, with examples, in the help on this command; "" if that says nothing more.
        run: runs the command; receives the session and the text typed after the name.
        order: its place in the help; its tens name its group (`GROUPS`).
        everyday: whether it is shown where the list of all commands has no room.
        aliases: other names, shown in the help.
        known_as: what other chats call it: understood after a `/`, offered once typed, not in the help.
        related: words that suggest it when somebody types one of them after a `/`.
        bare: whether it works without a leading `/`.
        argument: its argument for the help, such as `[n]`; "" for none.
        bare_argument: a pattern of what may follow the bare word. Anything else makes the line a message:
            "demo de streaming, por favor" is no command.
        complete: yields the possible next words, each with its meaning; receives the complete words typed
            after the name, and the settings.
        paths: whether the next words are paths.
    """

    name: str
    summary: str
    brief: str
    run: Callable[[Session, str], None]
    order: int
    usage: str = ""
    everyday: bool = False
    aliases: tuple[str, ...] = ()
    known_as: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    bare: bool = True
    argument: str = ""
    bare_argument: str = ""
    complete: Callable[[Sequence[str], Settings], Iterable[tuple[str, str]]] | None = None
    paths: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The name with its argument, then the aliases, as the help shows them."""
        slash = "" if self.bare else "/"
        return (f"{slash}{self.name} {self.argument}".rstrip(), *(slash + alias for alias in self.aliases))

    @property
    def spelt(self) -> str:
        """The name as it is typed."""
        return self.name if self.bare else f"/{self.name}"


GROUPS = {
    1: "Empezar",
    2: "Respuestas",
    3: "Conversaciones",
    4: "Cifras",
    5: "Claude",
    6: "Chat",
    7: "Práctica",
}
"""The groups of the help, by the tens of the commands' `order`."""


def by_group() -> list[tuple[str, list[Command]]]:
    """Return the commands group by group, in the order of the help."""
    commands = all_commands()
    return [
        (title, [each for each in commands if each.order // 10 == tens]) for tens, title in GROUPS.items()
    ]


def names() -> list[str]:
    """Return the names of all commands, without loading them."""
    return [found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_")]


@cache
def all_commands() -> tuple[Command, ...]:
    """Return every command, in the order of the help."""
    commands: list[Command] = [import_module(f"{__name__}.{name}").COMMAND for name in names()]
    return tuple(sorted(commands, key=lambda command: command.order))


def first_words() -> list[tuple[str, str]]:
    """Return the completions of the first word of a line: each command and alias, with its summary."""
    return [
        (f"/{name}", command.summary)
        for command in all_commands()
        for name in (command.name, *command.aliases)
    ]


def aliases() -> list[tuple[str, str]]:
    """Return what other chats call the commands, each with the command that it is and its summary."""
    return [
        (f"/{name}", f"es /{command.name}: {command.summary}")
        for command in all_commands()
        for name in command.known_as
        if len(name) > 1
    ]


def find(line: str) -> tuple[Command, str] | None:
    """Return the command in a line and its argument; None if the text is a message or unknown.

    A command is one line: a text of several is a message, whatever its first word is.
    """
    words = line.strip().split(None, 1)
    if not words or "\n" in line.strip():
        return None
    word, argument = words[0], words[1] if len(words) > 1 else ""
    slash, command = word.startswith("/"), _named(word)
    if command and (slash or (command.bare and re.fullmatch(command.bare_argument, argument))):
        return command, argument
    return None


def next_words(line: str, settings: Settings) -> Iterable[tuple[str, str]]:
    """Yield completions of the last word of a line, which is not its first, each with its meaning."""
    words = line.rpartition(" ")[0].split()
    command = _named(words[0]) if words else None
    if command is not None and command.paths:
        from stream_core.chat.attached.completing import completions

        return completions(line.rpartition(" ")[2])
    if command is None or command.complete is None or not (command.bare or words[0].startswith("/")):
        return ()
    return command.complete(words[1:], settings)


def _named(word: str) -> Command | None:
    slash = word.startswith("/")
    name = fold(word[1:]) if slash else word.casefold()  # `/métricas` can mean nothing else
    for found in all_commands():
        if name in (found.name, *found.aliases) or (slash and name in found.known_as):
            return found
    return None


def looks_like_command(line: str, settings: Settings | None = None) -> bool:
    """Whether a line that is no command was meant as one: `/word` alone, or a word that is nearly one first.

    Without a slash the line must be one word, the name of a command here or elsewhere or a slip in one, or
    such a name and nothing but values that this command takes (`modelo haiku`). A path such as `/etc/hosts`
    is none, and what begins with a blank is a message.

    Args:
        line: what was typed.
        settings: know the values that commands take; without them such a line is a message.
    """
    if not line.startswith("/"):
        if _without_slash(line.rstrip()) is not None:
            return True
        return settings is not None and _takes_the_rest(line.rstrip(), settings)
    found = re.fullmatch(r"/([\w-]*)([.,;:!?]+|[ \t].*)?", line.rstrip())
    return found is not None and (not found[2] or _nearest(found[1], _CERTAIN) is not None)


def suggestion(line: str) -> str:
    """The Spanish sentence for an unknown command: the closest one, and how to send the line anyway."""
    word, *rest = line.split()
    word = word[:40]
    anyway = "Para enviarlo como mensaje, ponle un espacio delante."
    if not word.startswith("/"):
        typed, meant = (" ".join([first or "", *rest])[:80] for first in (word, _without_slash(word)))
        return f"No envié «{typed}»: ¿querías decir «{meant}»? {anyway}"
    if keys := KEYS_INSTEAD.get(fold(word[1:])):
        return f"No hay ningún comando «{word}»: {keys}. {anyway}"
    near = _nearest(word[1:].rstrip(".,;:!?"), _LIKELY)
    hint = f"¿Querías decir /{near.name}?" if near else "Escribe «ayuda» para ver los que hay."
    return f"No conozco el comando «{word}». {hint} {anyway}"


def _without_slash(line: str) -> str | None:
    """The command, as it is typed, that a line means which is one word without a slash; None for a message.

    Such a word may well be all that a person has to say: only a name that is spelt right counts, here or in
    other chats, and a slip in one that works without a slash.
    """
    word = fold(line)
    if elsewhere := _SIGN.fullmatch(word):
        return "exit" if elsewhere[1] in _VI_EXITS else _spelt_elsewhere(elsewhere[1])
    if not re.fullmatch(r"\w+", word) or word in _ALSO_SAID:
        return None
    for command in all_commands():
        if word in (command.name, *command.aliases) and len(word) > 1:
            return f"/{word}"
        if word in command.known_as:
            return command.spelt
    bare = (command for command in all_commands() if command.bare)
    slips = (name for each in bare for name in (each.name, *each.aliases) if is_slip(word, name))
    return next(slips, None)


_SIGN = re.compile(r"(?:[:.%!\\]|--?)([a-z]+)!?")
"""How vi, psql, Node, IPython and the flags of programs spell a command."""
_VI_EXITS = ("q", "wq", "qa", "wqa")


def _spelt_elsewhere(word: str) -> str | None:
    named = _named(f"/{word}") if word != "x" else None  # `:x` is a face, too
    return named.spelt if named is not None else None


def _takes_the_rest(line: str, settings: Settings) -> bool:
    """Whether a line is the name of a command that needs a slash, and values of it: no sentence is that."""
    word, *values = line.split()
    if "\n" in line or line[0].isspace() or not 0 < len(values) <= _MOST_VALUES or len(word) < 2:
        return False
    command = _named(f"/{word}")
    if command is None or fold(word) in _ALSO_SAID:
        return False
    if command.paths and values[0] != "no":
        from stream_core.chat.attached.finding import exists

        return exists(line.split(maxsplit=1)[1])
    return all(_is_value(command, values[:at], value, settings) for at, value in enumerate(values))


def _is_value(command: Command, before: Sequence[str], value: str, settings: Settings) -> bool:
    """Whether a word is a value that a command offers or counts, behind these."""
    if not before and re.search(r"(?:^|[\[ ])(?:n|importe)\b", command.argument):
        if re.fullmatch(r"\d{1,6}(?:-\d{1,6}|[.,]\d{1,6})?", value):
            return True
    offered = command.complete(before, settings) if command.complete is not None else ()
    words = {fold(word) for word, _ in offered}
    if not before:
        words.update(set(re.findall(r"\w+", fold(command.argument))) & {"si", "no"})
    return fold(value) in words or fold(value).partition(":")[0] in words  # `corte:20`


_MOST_VALUES = 4

_CANCEL = "para cancelar, pulsa Esc o Ctrl+C mientras llega la respuesta"
_LINES = (
    "para escribir varias líneas, pulsa Alt+Enter o Ctrl+J entre ellas; un texto se pega como en todas partes"
)
_EDIT = "para escribir el mensaje en tu editor, pulsa Ctrl+G"
KEYS_INSTEAD = {
    **dict.fromkeys(
        ("cancelar", "cancela", "cancel", "parar", "para", "stop", "detener", "deten", "abortar", "abort"),
        _CANCEL,
    ),
    **dict.fromkeys(("interrumpir", "interrumpe", "interrupt", "basta", "kill"), _CANCEL),
    **dict.fromkeys(("editor", "editar", "edit"), _EDIT),
    **dict.fromkeys(("multiline", "multi", "paste", "pegar"), _LINES),
}
"""What is no command because a key does it, after a `/`."""

_ALSO_SAID = frozenset({
    "persona", "prompt", "system", "mcp",  # in other chats commands, and something to ask about
    "exito", "exist", "states", "starts", "stars", "demon",  # one slip away from a command
})  # fmt: skip

_LIKELY, _CERTAIN = 0.65, 0.75  # how alike the letters of two words are, of 1


def _nearest(word: str, alike: float) -> Command | None:
    """The command that a word means; else the one whose name has nearly the same letters."""
    word = fold(word)
    meanings = {
        fold(meaning): command
        for command in all_commands()
        for meaning in (command.name, *command.aliases, *command.known_as, *command.related)
    }
    if word in meanings:
        return meanings[word]
    names = {fold(name): command for command in all_commands() for name in (command.name, *command.aliases)}
    # A word of three letters has too many neighbours to be a slip of one of them.
    if len(word) < 4:
        return None
    from difflib import get_close_matches  # most words are right

    # Those that nobody sees are many, and mostly far from what was meant.
    hidden = get_close_matches(word, [each for each in meanings if len(each) > 3], n=1, cutoff=_CERTAIN)
    seen = get_close_matches(word, [each for each in names if len(each) > 3], n=1, cutoff=alike)
    found = get_close_matches(word, [*seen, *hidden], n=1, cutoff=alike)
    return meanings[found[0]] if found else None
