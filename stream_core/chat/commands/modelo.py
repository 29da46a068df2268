"""`/modelo`: which model is asked, and to ask another from now on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from stream_core.chat.commands import Command
from stream_core.chat.session import Session
from stream_core.errors import ConfigError
from stream_core.models import KNOWN
from stream_core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    if not argument:
        known = ", ".join(KNOWN)
        session.screen.note(f"El modelo es «{one_line(session.settings.model, 60)}». Conozco estos: {known}.")
        return
    try:
        session.settings = session.settings.with_model(argument, date.today())
    except ConfigError as error:
        session.screen.warning(error.hint)
        return
    session.screen.note(f"Desde ahora responde «{session.settings.model}». La conversación sigue.")


def _complete(before: Sequence[str]) -> Iterable[tuple[str, str]]:
    return () if before else ((name, "") for name in KNOWN)


COMMAND = Command(
    name="modelo",
    summary="qué modelo responde; con un nombre, cambia a ese",
    run=_run,
    order=35,
    bare=False,
    argument="[nombre]",
    complete=_complete,
)
