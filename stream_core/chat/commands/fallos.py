"""`/fallos`: the faults that can be rehearsed in practice mode."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session import Session


def _run(session: Session, argument: str) -> None:
    from stream_core.practice.faults import load

    session.screen.commands((fault.typed, fault.summary) for fault in load())
    session.screen.note(
        "Con «/fallo corte» falla la próxima respuesta; con «/fallo corte:12», tras 12 trozos; "
        "con «/fallo 529x2», dos envíos seguidos."
    )


COMMAND = Command(
    name="fallos",
    summary="los fallos que se pueden ensayar en modo práctica",
    run=_run,
    order=47,
    bare=False,
)
