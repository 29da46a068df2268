"""`/fallo`: play a fault with the next question, in practice mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    from stream_core.practice.lab import parse

    if session.lab is None:
        session.screen.warning(
            "Los fallos se ensayan en modo práctica, y aquí responde un servidor de verdad: "
            "abre otro chat con --practice."
        )
    elif argument.casefold() == "no":
        session.lab.forget()
        session.screen.note("Ya no hay ningún fallo preparado.")
    elif not argument:
        session.screen.warning(
            "Di qué fallo quieres ensayar, por ejemplo «/fallo corte». «/fallos» los muestra todos."
        )
    else:
        try:
            armed = parse(argument)
        except ValueError as wrong:
            session.screen.warning(one_line(str(wrong), 200))
            return
        session.lab.forget()  # replaces a fault that was requested before
        session.lab.arm(armed)
        session.screen.note(armed.announcement)


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    from stream_core.practice.faults import load

    return () if before else ((fault.name, fault.summary) for fault in load())


COMMAND = Command(
    name="fallo",
    summary="ensaya un fallo en la próxima respuesta (modo práctica)",
    usage=(
        "«/fallo corte» lo prepara para tu próxima pregunta, «/fallo corte:12» lo hace tras 12 "
        "trozos, «/fallo 529x2» en dos envíos seguidos y «/fallo no» lo quita. «/fallos» los "
        "muestra."
    ),
    brief="ensaya un fallo",
    run=_run,
    order=70,
    bare=False,
    argument="fallo[:n]",
    complete=_complete,
    related=("error", "romper", "fault"),
)
