"""`/apariencia`: show and change the look of the chat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.appearance import OPTIONS
from stream_core.config.options.option import Option
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line

from ._option_choice import choose

if TYPE_CHECKING:
    from stream_core.terminal.pages.option_list import OptionRow

RESET = "reiniciar"
_SAMPLE_ROWS = 4  # of the sample, and the blank row before the next prompt


def _run(session: Session, argument: str) -> None:
    name, _, value = argument.partition(" ")
    option = _option(name)
    if not name:
        _overview(session)
    elif option and value.strip():
        choose(session, option, value, session.screen.sample)
    elif option:
        row = _row(session, option)
        source = session.settings.origin.source(option.field)
        session.screen.options([row._replace(source=source)], below=0)
    elif fold(name) == RESET:
        _reset(session)
    else:
        session.screen.warning(_unknown(name))


def _option(name: str) -> Option | None:
    return next((option for option in OPTIONS if option.name == fold(name)), None)


def _overview(session: Session) -> None:
    """All options, with what they mean if the window has room for that, and a sample."""
    from stream_core.terminal.pages.option_list import DEFAULT_MARK

    screen, rows = session.screen, [_row(session, option) for option in OPTIONS]
    whole = screen.options(rows, below=_SAMPLE_ROWS)
    screen.sample()
    mark = (
        f"{DEFAULT_MARK} por defecto. "
        if not screen.look.plain and not all(row.source for row in rows)
        else ""
    )
    explains = "" if whole else "«/apariencia marco» explica uno, "
    screen.note(
        f"{mark}{explains}«/apariencia tema claro» lo cambia, «/apariencia reiniciar» lo olvida todo."
    )


def _row(session: Session, option: Option) -> OptionRow:
    from stream_core.terminal.pages.option_list import OptionRow

    origin, look = session.settings.origin, session.settings.preferences.look
    return OptionRow(
        option.name,
        option.show(getattr(look, option.field)),
        f"{option.summary}: {option.possible}",
        origin.source(option.field) if origin.was_set(option.field) else "",
    )


def _reset(session: Session) -> None:
    session.settings, problem = session.settings.forget_look()
    session.screen.use(session.settings.preferences.look)
    session.screen.note("El aspecto vuelve a sus valores por defecto.")
    session.screen.sample()
    if problem:
        session.screen.warning(problem)
    by = session.settings.origin.decided_by
    if sources := [by[option.field] for option in OPTIONS if option.field in by]:
        session.screen.note(f"Sigue en vigor lo que dicen {', '.join(sources)}.")


def _unknown(name: str) -> str:
    words = [*(option.name for option in OPTIONS), RESET]
    from difflib import get_close_matches  # most words are right

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
    summary="muestra y cambia el aspecto del chat: tema, marco, cursor…",
    usage=(
        "«/apariencia» muestra cada ajuste, «/apariencia tema» explica uno y «/apariencia tema "
        "claro» lo cambia. «/apariencia reiniciar» lo olvida todo."
    ),
    brief="cambia colores, marco, cursor",
    everyday=True,
    run=_run,
    order=60,
    bare=False,
    argument="[ajuste] [valor]",
    complete=_complete,
    known_as=("theme", "appearance"),
    related=(
        "tema",
        "temas",
        "color",
        "colores",
        "marco",
        "cursor",
        "aspecto",
        "estilo",
        "style",
        "vim",
        "dark",
        "light",
        "oscuro",
        "claro",
    ),
)
