"""`/ajustes`: every setting and its value, by groups; one group with who set each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from stream_core.chat.commands import Command
from stream_core.chat.session.paths import places
from stream_core.chat.session.session import Session
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

_FILES, _TOOLS = "archivos", "Herramientas"
_BY_WHOM = "Entre paréntesis, quién decidió lo que no está por defecto."
_ALL_DEFAULT, _LEFT_DEFAULT = "Todo está por defecto.", "Lo demás está por defecto."
_AT_THE_START = "Se cambian al abrir el chat: «--help» muestra las opciones."
_HOW = {
    "claude": "Se cambian con «/modelo», «/pensar» y «/esfuerzo»; lo demás, al abrir el chat.",
    "herramientas": "Se cambian con «/herramientas calculate no».",
    "dinero": "Se cambia con «/presupuesto 0.50».",
    "aspecto": "Se cambian con «/apariencia tema claro».",
    "guardado": f"«/grabar» graba desde aquí. {_AT_THE_START}",
}


def _run(session: Session, argument: str) -> None:
    screen, wanted = session.screen, fold(argument.strip())
    if wanted == SAVE:
        _save(session)
        return
    if wanted == _FILES:
        screen.commands(places(session.settings))
        return
    groups = _groups(session)
    if not wanted:
        screen.packed([(title, list(map(_in_brief, rows))) for title, rows in groups.items()])
        decided = any(source for rows in groups.values() for _, _, source in rows)
        screen.note(_BY_WHOM if decided else _ALL_DEFAULT)
        screen.note(f"Más, con «/ajustes» delante: un grupo · {_FILES} · {SAVE}")
        return
    title = next((title for title in groups if fold(title) == wanted), "")
    rows = groups.get(title, [])
    if not title:
        names = ", ".join(f"«{title.casefold()}»" for title in groups)
        screen.warning(
            f"No hay ningún grupo «{one_line(argument, 40)}». Los grupos son {names} y «{_FILES}»."
        )
        return
    if title == _TOOLS:
        rows = [(entry.name, entry.value, entry.summary) for entry in _tools(session)]
    screen.appearance(rows)
    told = [bool(source) for _, _, source in rows]
    default = "" if all(told) else _LEFT_DEFAULT if any(told) else _ALL_DEFAULT
    screen.note(f"{default} {_HOW.get(wanted, _AT_THE_START)}".lstrip())


def _in_brief(row: _Row) -> str:
    """A setting among many: the first of its value, and in parentheses who decided it, if anybody did."""
    name, value, source = row
    value = value.partition(", ")[0]
    return f"{name} {value} ({source.removeprefix('por ')})" if source else f"{name} {value}"


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
        session.screen.note(f"No hay nada que guardar: todo está como viene por defecto ({where}).")


def _groups(session: Session) -> dict[str, list[_Row]]:
    settings = session.settings
    chosen = settings.preferences
    return {
        "Claude": [*_who(settings), *_of(settings, chosen.thinking, THINKING_OPTIONS)],
        _TOOLS: [(entry.name, entry.value, "") for entry in _tools(session)],
        "Límites": list(_of(settings, chosen.limits, LIMITS)),
        "Dinero": list(_money(settings)),
        "Aspecto": list(_of(settings, chosen.look, OPTIONS)),
        "Guardado": list(_kept(settings)),
    }


def _who(settings: Settings) -> Iterator[_Row]:
    source = settings.origin.decision
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
            settings.origin.decision(option.field),
        )


class _Tool(NamedTuple):
    name: str
    value: str
    summary: str


def _tools(session: Session) -> list[_Tool]:
    try:
        entries = session.tools.entries
    except ConfigError as error:
        return [_Tool("ninguna", "no", one_line(error.hint, 300))]
    return [_Tool(one_line(entry.name, 40), "sí" if entry.on else "no", entry.summary) for entry in entries]


def _money(settings: Settings) -> Iterator[_Row]:
    limit = settings.budget
    yield "presupuesto", "no" if limit is None else money(limit), settings.origin.decision("budget")


def _kept(settings: Settings) -> Iterator[_Row]:
    yield (
        "guardar",
        "sí" if settings.invocation.save else "no",
        settings.origin.decision("save"),
    )
    recorded = settings.wire.record
    yield (
        "grabar",
        "sí" if recorded else "no",
        "por --record" if recorded else "",
    )
    debug = "con lo que se dice" if settings.invocation.debug_content else "sin lo que se dice"
    yield (
        "registro",
        "sí" if settings.invocation.debug else "no",
        f"{settings.origin.decision('debug')}, {debug}" if settings.invocation.debug else "",
    )


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    names = ("claude", "herramientas", "límites", "dinero", "aspecto", "guardado", _FILES)
    kept = (SAVE, "para que el próximo chat empiece así")
    return () if before else (*((name, "") for name in names), kept)


COMMAND = Command(
    name="ajustes",
    summary="muestra cada ajuste, su valor y quién lo decidió, o los guarda",
    usage=(
        "«/ajustes» los muestra por grupos; «/ajustes aspecto», quién decidió cada uno de un "
        "grupo; «/ajustes archivos», dónde se guarda todo; «/ajustes guardar», que el próximo "
        "chat empiece así."
    ),
    brief="muestra todos los ajustes",
    run=_run,
    order=61,
    bare=False,
    argument=f"[grupo o {SAVE}]",
    complete=_complete,
    known_as=("settings", "config", "preferences", "status"),
    related=(
        "configuracion",
        "opciones",
        "preferencias",
        "ajuste",
        "permisos",
        "permissions",
        "approvals",
        "set",
        "show",
        "temperature",
        "temp",
        "temperatura",
        "params",
        "parameters",
        "max_tokens",
        "stream",
        "language",
        "idioma",
    ),
)
