"""`ayuda`: the commands by groups; the keys, the key of the API, a group or a command on request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stream_core.chat.commands import GROUPS, KEYS_INSTEAD, Command, all_commands, by_group, names
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line
from stream_core.terminal.pages.welcome import key_steps

if TYPE_CHECKING:
    from stream_core.terminal.pages.help_table import HelpRow

KEYS = (
    ("Enter", "envía el mensaje"),
    ("Alt+Enter, Ctrl+J", "añade una línea; a menudo, Mayús+Enter"),
    ("\\ y Enter", "añade una línea, si «\\» está al final"),
    ("Ctrl+C", "cancela y conserva lo que llegó; si no llega nada, borra lo escrito; dos veces, sale"),
    ("Esc", "cancela, igual que Ctrl+C; al comparar, pregunta cuál"),
    ("Ctrl+D", "sale, si la línea está vacía"),
    ("↑ ↓", "recorre los mensajes anteriores, también el que borraste con Ctrl+C"),
    ("Ctrl+R", "busca en los mensajes anteriores"),
    ("Ctrl+G", "abre el mensaje en tu editor ($EDITOR)"),
    ("Tab", "completa comandos, valores y rutas con @"),
    ("Ctrl+L", "limpia la pantalla sin perder nada"),
    ("Ctrl+S", "detiene la respuesta en pantalla hasta que pulses Ctrl+Q u otra tecla"),
    ("Ctrl+Z", "deja el chat en pausa; «fg» lo retoma"),
)

PLAIN_KEYS = (
    ("Enter", "envía el mensaje; varias líneas pegadas son un solo mensaje"),
    ("\\ y Enter", "añade una línea, si «\\» está al final"),
    ("Ctrl+C", "cancela y conserva lo que llegó; si no llega nada, borra lo escrito; dos veces, sale"),
    ("Ctrl+D", "sale, si la línea está vacía"),
    ("Ctrl+Z", "deja el chat en pausa; «fg» lo retoma"),
)
"""Those of the plain mode, whose line is the terminal's own."""

_KEYS, _KEY = "teclas", "clave"


def _run(session: Session, argument: str) -> None:
    wanted = fold(argument.strip())
    if not wanted:
        groups = [(title, [_row(command) for command in of]) for title, of in by_group()]
        if session.screen.help_of(groups):
            session.screen.note("Más: ayuda teclas · ayuda clave · ayuda respuestas · ayuda /modelo")
        else:
            topics = (*(title.casefold() for title, _ in groups[1:]), _KEYS, _KEY, "/modelo")
            session.screen.note(f"Más, con «ayuda» delante: {' · '.join(topics)}")
    elif wanted == _KEYS:
        session.screen.commands(PLAIN_KEYS if session.screen.look.plain else KEYS)
    elif wanted == _KEY:
        _explain_the_key(session)
    elif keys := KEYS_INSTEAD.get(wanted.removeprefix("/")):
        session.screen.note(f"{keys[0].upper()}{keys[1:]}. Las demás teclas: «ayuda teclas».")
    elif found := _commands(wanted):
        session.screen.commands((", ".join(command.words), command.summary) for command in found)
        if len(found) == 1 and found[0].usage:
            session.screen.note(found[0].usage)
    else:
        session.screen.warning(
            f"No hay ayuda sobre «{one_line(argument, 40)}». «ayuda» muestra los comandos."
        )


def _row(command: Command) -> HelpRow:
    from stream_core.terminal.pages.help_table import HelpRow  # not for every message

    return HelpRow(command.spelt, command.brief, command.summary, command.everyday)


def _explain_the_key(session: Session) -> None:
    if not session.settings.connection.practice:
        session.screen.note("Ya hay una clave: responde Claude, no el modo práctica.")
        return
    session.screen.line("Para hablar con Claude hace falta una clave de la API de Anthropic:")
    for number, step in enumerate(key_steps(session.settings), 1):
        session.screen.line(f"  {number}. {step}")


def _commands(wanted: str) -> Sequence[Command]:
    """The commands of a group or the one of a name."""
    for title, commands in by_group():
        if fold(title) == wanted:
            return commands
    name = wanted.removeprefix("/")
    return [command for command in all_commands() if name in map(fold, (command.name, *command.aliases))]


def _topics() -> tuple[str, ...]:
    return (_KEYS, _KEY, *(title.casefold() for title in GROUPS.values()))


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else ((topic, "") for topic in _topics())


COMMAND = Command(
    name="ayuda",
    summary="muestra los comandos, o explica uno; «ayuda teclas», las teclas",
    usage=(
        "«ayuda teclas» explica las teclas; «ayuda clave», cómo hablar con Claude; «ayuda "
        "respuestas», un grupo; «ayuda /modelo», un comando."
    ),
    brief="explica comandos y teclas",
    run=_run,
    order=11,
    aliases=("help", "?"),
    argument="[tema]",
    bare_argument=rf"(?i:{'|'.join((*_topics(), *names(), *KEYS_INSTEAD))}|/[\w-]+)?",
    complete=_complete,
    known_as=("h", "commands"),
    related=(
        "comandos",
        "manual",
        "instrucciones",
        "teclas",
        "shortcuts",
        "atajos",
        "version",
        "about",
        "key",
        "apikey",
        "clave",
    ),
)
