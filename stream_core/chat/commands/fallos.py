"""`/fallos`: the faults of practice mode: their names by groups, or one group with what each does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line


def _run(session: Session, argument: str) -> None:
    from stream_core.practice.faults import groups, load

    screen, wanted = session.screen, fold(argument)
    if not wanted:
        screen.commands((group.name, f"{group.title} ({len(of)})") for group, of in groups().items())
        screen.note("«/fallos red» explica los de ese grupo; «/fallo corte» ensaya uno.")
        return
    if fault := next((fault for fault in load() if fold(fault.name) == wanted), None):
        screen.commands([(fault.typed, fault.summary)])
        screen.note(f"«/fallo {fault.name}» lo ensaya con tu próxima pregunta.")
        return
    faults = next((faults for group, faults in groups().items() if fold(group.name) == wanted), None)
    if faults is None:
        names = ", ".join(f"«{group.name}»" for group in groups())
        screen.warning(f"No hay ningún fallo ni grupo «{one_line(argument, 40)}». Los grupos son {names}.")
        return
    if screen.summaries([(fault.typed, fault.summary) for fault in faults], [fault.name for fault in faults]):
        screen.note("Con «/fallo corte:12» falla tras 12 trozos; con «/fallo 529x2», dos envíos seguidos.")
    else:
        screen.note(f"«/fallos {faults[0].name}» explica uno; «/fallo {faults[0].name}» lo ensaya.")


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    from stream_core.practice.faults import groups

    return () if before else ((group.name, group.title) for group in groups())


COMMAND = Command(
    name="fallos",
    summary="muestra los fallos que se pueden ensayar (modo práctica)",
    usage=(
        "«/fallos» muestra los grupos, «/fallos red» explica los de uno y «/fallos corte», un fallo. "
        "«/fallo corte» lo ensaya."
    ),
    brief="muestra los fallos",
    run=_run,
    order=71,
    bare=False,
    argument="[grupo]",
    complete=_complete,
    related=("errores", "faults"),
)
