"""`/comparar`: one question to several models at once, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.reply.contenders import MOST, check_end, contenders, split_models
from stream_core.chat.session.session import Session
from stream_core.config.options.thinking_options import THINKING_OPTIONS
from stream_core.config.options.values import yes_or_no
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.models.lines import LINES

from ._fetch_models import fetch_models


def _run(session: Session, argument: str) -> None:
    if not argument.strip():
        session.screen.note(COMMAND.usage)
        if session.contenders:
            session.screen.note(f"La próxima pregunta irá a {_names(session)}. «/comparar no» lo anula.")
        return
    if yes_or_no(argument) is False:
        session.contenders = ()
        session.screen.note("La próxima pregunta irá a un solo modelo, como siempre.")
        return
    question = compare_next(session, argument)
    if not question:
        return
    from stream_core.chat.session.attaching import send

    send(session, question)
    session.contenders = ()  # a question that was not sent is compared with another line, not by surprise


def compare_next(session: Session, argument: str) -> str:
    """Let several models answer the next question; returns that, if it follows them, else ""."""
    fetch_models(session)  # the newest of a line, also where another server answers; it may have no list
    words, question = split_models(argument, session.settings)
    try:
        check_end(words, question, session.settings)
        session.contenders = contenders(words, session.settings)
    except ConfigError as error:
        session.screen.warning(error.hint)
        return ""
    if not question:
        session.screen.note(f"Escribe la pregunta: irá a la vez a {_names(session)}.")
    return question


def _names(session: Session) -> str:
    *before, last = (each.name for each in session.contenders)
    return f"{', '.join(before)} y {last}"


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    if len(before) >= MOST:
        return ()
    settled = [(f"haiku:{option.name}=", option.summary) for option in THINKING_OPTIONS]
    return [*((line, "el más nuevo de su línea") for line in LINES), *settled]


COMMAND = Command(
    name="comparar",
    summary="hace la misma pregunta a varios modelos a la vez, en columnas",
    usage=(
        "Escribe de dos a cuatro modelos y la pregunta: «/comparar sonnet haiku ¿qué hora es?». "
        "Sin pregunta, la siguiente que escribas irá a todos; «/comparar no» lo anula. Un modelo "
        "puede llevar ajustes: «haiku:esfuerzo=bajo:pensar=no»."
    ),
    brief="pregunta a varios modelos",
    run=_run,
    order=28,
    bare=False,
    argument="modelos [pregunta]",
    complete=_complete,
    known_as=("compare",),
    related=("comparación", "lado", "columnas", "versus", "vs"),
)
