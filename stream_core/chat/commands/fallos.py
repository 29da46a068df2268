"""`/fallos`: list the faults of practice mode, all of them or one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session import Session
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    from stream_core.practice.faults import groups

    wanted = argument.casefold()
    shown = {group: faults for group, faults in groups().items() if wanted in ("", group.name)}
    if not shown:
        names = ", ".join(f"«{group.name}»" for group in groups())
        session.screen.warning(f"No hay ningún grupo «{one_line(argument, 40)}». Los grupos son {names}.")
        return
    for group, faults in shown.items():
        session.screen.note(f"{group.title} («/fallos {group.name}»)" if not wanted else group.title)
        session.screen.commands((fault.typed, fault.summary) for fault in faults)
    session.screen.note(
        "Con «/fallo corte» falla la próxima respuesta; con «/fallo corte:12», tras 12 trozos; "
        "con «/fallo 529x2», dos envíos seguidos."
    )


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    from stream_core.practice.faults import groups

    return () if before else ((group.name, group.title) for group in groups())


COMMAND = Command(
    name="fallos",
    summary="los fallos que se pueden ensayar en modo práctica",
    run=_run,
    order=47,
    bare=False,
    argument="[grupo]",
    complete=_complete,
    related=("errores", "faults"),
)
