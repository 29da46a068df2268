"""`/rol`: list the roles, and choose one or none."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config import roles
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.instructions import INPUT, variables
from stream_core.core.sanitize import one_line
from stream_core.texts.instructions_es import in_force

_NONE = ("no", "ninguno")


def _run(session: Session, argument: str) -> None:
    name, values = _split(argument)
    try:
        if not name:
            _list(session)
        elif fold(name) in _NONE:
            _drop(session)
        else:
            session.take_role(roles.load(session.settings.paths.config_dir, name), roles.read_params(values))
            _tell(session)
    except ConfigError as error:
        session.screen.warning(error.hint)


def _list(session: Session) -> None:
    config_dir, screen = session.settings.paths.config_dir, session.screen
    names = roles.names(config_dir)
    where = one_line(str(session.settings.paths.roles_dir), 200)
    if not names:
        screen.note(
            f"No hay roles. Un rol es un archivo de texto en {where}, como traductor.md, con indicaciones "
            "para Claude: «/rol traductor» las pone."
        )
        return
    current = session.settings.instructions.role
    screen.appearance((name, "ahora" if name == current else "", _summary(session, name)) for name in names)
    screen.note(f"«/rol {names[0]}» lo pone, y «/rol no» lo quita. Están en {where}.")


def _summary(session: Session, name: str) -> str:
    return roles.summary(session.settings.paths.config_dir, name)


def _drop(session: Session) -> None:
    role = session.settings.instructions.role
    if not role:
        session.screen.note("No hay ningún rol en uso.")
        return
    session.drop_role()
    session.screen.note(f"El rol «{one_line(role, 60)}» ya no está en uso. {_model(session)}")


def _tell(session: Session) -> None:
    instructions = session.settings.instructions
    how = "; cada mensaje se envía dentro de su texto" if instructions.is_template else ""
    session.screen.note(f"Desde ahora, {in_force(instructions)}{how}. {_model(session)}")


def _model(session: Session) -> str:
    return f"Responde «{one_line(session.settings.model, 60)}»."


def _split(argument: str) -> tuple[str, list[str]]:
    """The name of the role, and the words after it; quotes hold a value with blanks together."""
    try:
        words = shlex.split(argument)
    except ValueError:  # a quote without its end
        words = argument.split()
    first = next((place for place, word in enumerate(words) if "=" in word), len(words))
    return " ".join(words[:first]), words[first:]


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    config_dir = settings.paths.config_dir
    if not before:
        found = [(name, roles.summary(config_dir, name)) for name in roles.names(config_dir)]
        return [*found, ("no", "sin ningún rol")]
    try:
        needed = variables(roles.load(config_dir, before[0]).text)
    except ConfigError:
        return ()
    given = [word.partition("=")[0] for word in before[1:]]
    return [(f"{name}=", "") for name in needed if name not in (INPUT, *given)]


COMMAND = Command(
    name="rol",
    summary="muestra tus roles (indicaciones con nombre), pone uno o lo quita",
    usage=(
        "«/rol» los muestra, «/rol traductor» pone uno y «/rol no» lo quita. Un rol es un "
        "archivo de texto con indicaciones; «/ajustes archivos» dice dónde se guardan."
    ),
    brief="usa indicaciones con nombre",
    run=_run,
    order=55,
    bare=False,
    argument="[nombre o no]",
    complete=_complete,
    known_as=("role", "roles", "agent", "agents", "persona"),
    related=("personaje", "plantilla", "template"),
)
