"""`/apariencia`: how the chat looks, and changing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from stream_core.chat.commands import Command
from stream_core.chat.session import Session
from stream_core.errors import ConfigError
from stream_core.look import OPTIONS
from stream_core.option import Option
from stream_core.origin import Origin
from stream_core.sanitize import one_line
from stream_core.settings import Settings
from stream_core.values import fold

RESET = "reiniciar"


def _run(session: Session, argument: str) -> None:
    name, _, value = argument.partition(" ")
    option = _option(name)
    if not name:
        _list(session, OPTIONS)
        session.screen.sample()
        session.screen.note(
            "Para cambiar algo: «/apariencia tema claro». «/apariencia reiniciar» lo olvida todo."
        )
    elif option and value.strip():
        _choose(session, option, value)
    elif option:
        _list(session, [option])
    elif fold(name) == RESET:
        _reset(session)
    else:
        session.screen.warning(_unknown(name))


def _option(name: str) -> Option | None:
    return next((option for option in OPTIONS if option.name == fold(name)), None)


def _list(session: Session, options: Sequence[Option]) -> None:
    settings = session.settings
    session.screen.appearance(
        (
            option.name,
            option.show(getattr(settings.look, option.field)),
            f"{option.summary}: {option.possible} [{_source(settings.look_origin, option)}]",
        )
        for option in options
    )


def _source(origin: Origin, option: Option) -> str:
    if option.field in origin.chosen:
        return "lo elegiste tú"
    return f"por {origin.by[option.field]}" if option.field in origin.by else "de serie"


def _choose(session: Session, option: Option, text: str) -> None:
    try:
        value = option.parse(text)
    except ConfigError as error:
        session.screen.warning(error.hint)
        return
    settings, problem = session.settings.choose(option, value)
    who = settings.look_origin.by.get(option.field)
    kept = "" if problem or who else " Lo recordaré la próxima vez."
    _apply(session, settings, problem, told=f"{option.name.capitalize()}: {option.show(value)}.{kept}")
    if who:
        session.screen.note(f"Al abrir el chat manda {who}: si sigue ahí la próxima vez, ganará a esto.")


def _reset(session: Session) -> None:
    settings, problem = session.settings.forget_look()
    _apply(session, settings, problem, told="El aspecto vuelve a ser el de siempre.")
    if by := session.settings.look_origin.by:
        session.screen.note(f"Sigue valiendo lo dicho con {', '.join(by.values())}.")


def _apply(session: Session, settings: Settings, problem: str, *, told: str) -> None:
    session.settings = settings
    session.screen.use(settings.look)
    session.screen.note(told)
    session.screen.sample()
    if problem:
        session.screen.warning(problem)


def _unknown(name: str) -> str:
    words = [*(option.name for option in OPTIONS), RESET]
    near = get_close_matches(fold(name[:40]), words, n=1)
    hint = f"¿Querías decir {near[0]}?" if near else f"Puedes cambiar {', '.join(words[:-2])} y {words[-2]}."
    return f"No hay ningún ajuste «{one_line(name, 40)}». {hint}"


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    if not before:
        return [*((option.name, option.summary) for option in OPTIONS), (RESET, "olvida lo que elegiste")]
    option = _option(before[0])
    return option.examples if option and len(before) == 1 else ()


COMMAND = Command(
    name="apariencia",
    summary="cómo se ve el chat, y cambiarlo: tema, marco, cursor…",
    run=_run,
    order=45,
    bare=False,
    argument="[ajuste] [valor]",
    complete=_complete,
)
