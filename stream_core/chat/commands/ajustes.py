"""`/ajustes`: every setting, its value, and who set it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from stream_core.chat.commands import Command
from stream_core.chat.paths import places
from stream_core.chat.session import Session
from stream_core.config.connection import DEFAULT_HOST
from stream_core.config.options.appearance import OPTIONS
from stream_core.config.options.limits import LIMITS
from stream_core.config.options.option import Option
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line
from stream_core.models.cost import money
from stream_core.texts.instructions_es import in_force

SAVE = "guardar"
_Row: TypeAlias = tuple[str, str, str]


def _run(session: Session, argument: str) -> None:
    if fold(argument) == SAVE:
        _save(session)
    elif argument:
        session.screen.warning(
            f"«{one_line(argument, 40)}» no vale: «/ajustes» los enseña y «/ajustes {SAVE}» los guarda."
        )
    else:
        _show(session)


def _save(session: Session) -> None:
    """Write the running choices into `config.toml`."""
    values = session.running_choices()
    settings, problem = session.settings.saved(values)
    if problem:
        session.screen.warning(problem)
        return
    session.settings = settings
    kept = [key for key, value in values.items() if value is not None]
    where = one_line(str(settings.paths.config_file), 200)
    if kept:
        session.screen.note(f"Guardado en {where}: {', '.join(kept)}. El próximo chat empezará así.")
    else:
        session.screen.note(f"No hay nada que guardar: todo está como viene de serie ({where}).")


def _show(session: Session) -> None:
    settings = session.settings
    session.screen.choices(
        (
            (
                "Quién responde",
                [*_who(settings), *_of(settings, settings.preferences.thinking, THINKING_OPTIONS)],
            ),
            ("Límites (segundos)", _of(settings, settings.preferences.limits, LIMITS)),
            ("Herramientas", _tools(session)),
            ("Dinero", _money(settings)),
            ("Aspecto", _of(settings, settings.preferences.look, OPTIONS)),
            ("Lo que se guarda", _kept(settings)),
        )
    )
    for what, where in places(settings):  # paths are too long for a column
        session.screen.line(f"{what}: {where}")
    session.screen.note(
        "Se cambia con /modelo, /rol, /indicaciones, /pensar, /esfuerzo, /herramientas, /presupuesto y "
        "/apariencia; lo demás, al abrir el chat (--help). "
        f"«/ajustes {SAVE}» lo deja así para la próxima vez."
    )


def _who(settings: Settings) -> Iterator[_Row]:
    source = settings.origin.source
    yield "modelo", one_line(settings.model, 60), source("model")
    if settings.connection.practice:
        why = source("server") if settings.connection.practice_requested else "no hay clave"
        yield "servidor", "el de práctica, en tu equipo", why
    else:
        yield "servidor", one_line(settings.connection.server or DEFAULT_HOST, 80), source("server")
    yield "máximo", counted(settings.max_tokens, "token", "tokens"), source("max_tokens")
    yield "indicaciones", in_force(settings.instructions), source("system")


def _of(settings: Settings, values: object, options: Iterable[Option]) -> Iterator[_Row]:
    for option in options:
        yield (
            option.name,
            option.show(getattr(values, option.field)),
            settings.origin.source(option.field),
        )


def _tools(session: Session) -> list[_Row]:
    try:
        entries = session.tools.entries
    except ConfigError as error:
        return [("ninguna", "no", one_line(error.hint, 300))]
    return [(one_line(entry.name, 40), "sí" if entry.on else "no", entry.summary) for entry in entries]


def _money(settings: Settings) -> Iterator[_Row]:
    limit = settings.budget
    yield "presupuesto", "no" if limit is None else money(limit), settings.origin.source("budget")


def _kept(settings: Settings) -> Iterator[_Row]:
    yield (
        "guardar",
        "sí" if settings.invocation.save else "no",
        settings.origin.source("save"),
    )
    recorded = settings.wire.record
    yield (
        "grabar",
        "sí" if recorded else "no",
        "por --record" if recorded else "de serie (en el chat, /grabar)",
    )
    debug = "con lo que se dice" if settings.invocation.debug_content else "sin lo que se dice"
    yield (
        "registro",
        "sí" if settings.invocation.debug else "no",
        f"{settings.origin.source('debug')}, {debug}" if settings.invocation.debug else "de serie",
    )


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else ((SAVE, "para que el próximo chat empiece así"),)


COMMAND = Command(
    name="ajustes",
    summary="todo lo que se puede elegir, qué vale y quién lo decidió; «guardar» lo deja fijo",
    run=_run,
    order=39,
    bare=False,
    argument=f"[{SAVE}]",
    complete=_complete,
    known_as=("settings", "config", "preferences", "status"),
    related=("configuracion", "opciones", "preferencias", "ajuste", "permisos", "permissions"),
)
