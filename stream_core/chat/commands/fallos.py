"""`/fallos`: the faults of practice mode: their names by groups, or one group with what each does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    from stream_core.practice.faults import groups

    screen, wanted = session.screen, fold(argument)
    if not wanted:
        screen.packed([(group.name, [fault.name for fault in faults]) for group, faults in groups().items()])
        screen.note("«/fallos red» explica los de ese grupo; «/fallo corte» ensaya uno.")
        return
    faults = next((faults for group, faults in groups().items() if fold(group.name) == wanted), None)
    if faults is None:
        names = ", ".join(f"«{group.name}»" for group in groups())
        screen.warning(f"No hay ningún grupo «{one_line(argument, 40)}». Los grupos son {names}.")
        return
    screen.commands((fault.typed, fault.summary) for fault in faults)
    screen.note("Con «/fallo corte:12» falla tras 12 trozos; con «/fallo 529x2», dos envíos seguidos.")


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    from stream_core.practice.faults import groups

    return () if before else ((group.name, group.title) for group in groups())


COMMAND = Command(
    name="fallos",
    summary="muestra los fallos que se pueden ensayar (modo práctica)",
    brief="muestra los fallos",
    run=_run,
    order=71,
    bare=False,
    argument="[grupo]",
    complete=_complete,
    related=("errores", "faults"),
)
