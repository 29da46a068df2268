"""`/modelo`: list the models, or switch to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line
from stream_core.models.cost import money
from stream_core.models.lines import KNOWN, LINES
from stream_core.models.model_list import ListedModel, filled, find_listed, known_models, retirement

from ._fetch_models import fetch_models

REFRESH = "actualizar"
_THOUGHTS = ("thinking", "redacted_thinking")


def _run(session: Session, argument: str) -> None:
    try:
        if not argument or fold(argument) == fold(REFRESH):
            _show(session, anew=bool(argument))
        elif argument.isascii() and argument.isdigit():
            _choose_number(session, int(argument[:6]))
        else:
            _choose(session, argument)
    except KeyboardInterrupt:
        session.screen.note(f"Cancelaste. El modelo sigue siendo «{_shown(session.settings.model)}».")


# -- the list ----------------------------------------------------------------------------------


def _show(session: Session, *, anew: bool) -> None:
    problem = fetch_models(session, anew=anew)
    settings = session.settings
    models = [filled(model, settings.models) for model in _models(settings)]
    models.sort(key=lambda model: not model.answers)
    session.account.shown = tuple(model.id for model in models)
    current = find_listed(models, settings.model)
    if problem:
        which = "la lista de antes" if settings.listed else "los modelos que conoce este programa"
        session.screen.warning(f"{problem} Muestro {which}.")
    session.screen.models(
        models, settings.priced, current=current.id if current else "", today=settings.today
    )
    missing = "" if current else ", que no está en la lista"
    session.screen.note(
        f"Responde «{_shown(settings.model)}»{missing}. Para cambiar, un número o un nombre: «/modelo 2»."
    )


def _models(settings: Settings) -> tuple[ListedModel, ...]:
    return settings.listed or known_models(settings.models, settings.today)


# -- another model -----------------------------------------------------------------------------


def _choose_number(session: Session, number: int) -> None:
    shown = session.account.shown
    if not shown:
        session.screen.warning("Primero mira la lista: «/modelo».")
    elif 0 < number <= len(shown):
        _switch(session, shown[number - 1])
    else:
        session.screen.warning(f"En la lista no hay ningún número {number}.")


def _choose(session: Session, name: str) -> None:
    settings = session.settings
    needed = settings.connection.talks_to_anthropic or fold(name) in LINES
    problem = fetch_models(session) if needed else ""
    if _switch(session, name) and problem and settings.connection.talks_to_anthropic:
        session.screen.warning(f"{problem} Sin la lista no sé si tu cuenta lo tiene.")


def _switch(session: Session, name: str) -> bool:
    """Switch to another model; False, after a message to the user, if it cannot be asked."""
    before = session.settings.model
    try:
        settings = session.settings.with_model(name)
    except ConfigError as error:
        session.screen.warning(error.hint)
        return False
    session.settings = settings
    if settings.model == before:
        session.screen.note(f"Ya responde «{_shown(before)}».")
        return True
    session.screen.note(
        f"Desde ahora responde «{_shown(settings.model)}». {_price(settings)}{_conversation(session)}"
    )
    listed = find_listed(_models(settings), settings.model)
    if listed is not None and (when := retirement(listed, settings.today)):
        session.screen.warning(f"Ese modelo {when}.")
    return True


def _price(settings: Settings) -> str:
    known = settings.priced.find(settings.model)
    if known is None or known.prices is None:
        return (
            "En modo práctica no hay precio."
            if settings.connection.practice
            else "De este modelo no sé el precio."
        )
    rates, long = known.prices.rates, known.prices.long
    more = (
        f"; {money(long.input)} y {money(long.output)} si pasa de {number(known.prices.over or 0)}"
        if long
        else ""
    )
    return (
        f"Un millón de tokens cuesta {money(rates.input)} de entrada y {money(rates.output)} de salida{more}."
    )


def _conversation(session: Session) -> str:
    turns = session.conversation.turns
    if not turns:
        return ""
    model = session.settings.model
    thought = any(
        turn.model != model and block.get("type") in _THOUGHTS for turn in turns for block in turn.blocks
    )
    left_out = ", sin lo que pensó el modelo de antes" if thought else ""
    return f" La conversación sigue{left_out}."


def _shown(model: str) -> str:
    return one_line(model, 60)


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    if before:
        return ()
    if not settings.listed:
        ids: Iterable[tuple[str, str]] = ((name, "") for name in KNOWN)
    else:
        ids = (
            (model.id, _shown(model.name))
            for model in settings.listed
            if model.answers and model.id == _shown(model.id)
        )
    lines = ((line, "el más nuevo de su línea") for line in LINES if settings.connection.talks_to_anthropic)
    return [*ids, *lines, (REFRESH, "pide la lista otra vez")]


COMMAND = Command(
    name="modelo",
    summary="muestra los modelos y sus precios, o cambia a otro",
    usage=(
        "«/modelo» los muestra. «/modelo 2» cambia al segundo de la lista, «/modelo opus» al más "
        "nuevo de su línea y «/modelo actualizar» pide la lista otra vez."
    ),
    brief="cambia de modelo",
    everyday=True,
    run=_run,
    order=50,
    bare=False,
    argument="[nombre o n]",
    complete=_complete,
    known_as=("model", "models"),
    related=("modelos", "cambiar", "sonnet", "opus", "haiku"),
)
