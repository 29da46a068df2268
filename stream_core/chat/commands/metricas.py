"""`/metricas`: the figures of the last reply as histograms, and the live line on or off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.appearance import OPTIONS
from stream_core.config.settings import Settings

from ._option_choice import choose


def _run(session: Session, argument: str) -> None:
    if argument.strip():
        (option,) = (option for option in OPTIONS if option.field == "metrics")
        choose(session, option, argument, lambda: None)
        return
    last = session.last_figures
    if last is None:
        session.screen.note("Todavía no hay ninguna respuesta que medir. «/metricas sí» las muestra en vivo.")
        return
    stats, frames = last
    session.screen.histogram("Pausas entre deltas, al llegar", stats.gaps)
    session.screen.histogram("Desde que llega un delta hasta que se ve", frames.waits)
    live = session.settings.preferences.look.metrics
    session.screen.note(
        f"«/metricas {'no' if live else 'sí'}» {'apaga' if live else 'enciende'} la línea en vivo."
    )


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else [("sí", "una línea de cifras en vivo"), ("no", "sin ella")]


COMMAND = Command(
    name="metricas",
    summary="muestra las pausas de la última respuesta; con «sí», cifras en vivo",
    usage=(
        "«/metricas» dibuja las pausas; «/metricas sí» enciende una línea de cifras en vivo y "
        "«/metricas no» la apaga."
    ),
    brief="muestra las pausas",
    run=_run,
    order=43,
    bare=False,
    argument="[sí o no]",
    complete=_complete,
    known_as=("metrics",),
    related=("histograma", "velocidad", "latencia", "ttft", "ritmo", "cifras"),
)
