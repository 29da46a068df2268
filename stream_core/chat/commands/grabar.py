"""`/grabar`: record the streams of this session into a file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.saved.chosen_file import chosen_file, is_taken
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import one_line

_STOP = ("no", "parar", "fin", "para", "stop")


def _run(session: Session, argument: str) -> None:
    screen, taps = session.screen, session.wire
    if not argument:
        idle = "No estoy grabando. «/grabar sesión.jsonl» empieza, y «/grabar no» para."
        screen.note(taps.status or idle)
    elif fold(argument) in _STOP:
        screen.note(taps.stop_recording() or "No estaba grabando.")
    else:
        start_recording(session, argument)


def start_recording(session: Session, typed: str) -> None:
    """Record into the file that the person named, after asking where it exists."""
    screen = session.screen
    try:
        file = chosen_file(typed, time.strftime("grabacion-%Y%m%d-%H%M%S.jsonl"))
        replace = is_taken(file)
        shown = one_line(str(file), 300)
        if replace and not session.decisions.confirm(f"{shown} ya existe. ¿Lo reemplazo?"):
            screen.note("No grabo nada.")
            return
        session.wire.start_recording(file, replace=replace)
    except ConfigError as error:
        screen.warning(error.hint)
        return
    screen.note(f"Grabo lo que llegue en {shown}, con sus tiempos y sin tu clave. «/grabar no» para.")


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    return () if before else [("no", "deja de grabar")]


COMMAND = Command(
    name="grabar",
    summary="graba en un archivo lo que llega, con sus tiempos, o deja de grabar",
    usage=(
        "«/grabar sesión.jsonl» empieza y «/grabar no» para; «/grabar» dice si está grabando. "
        "--replay la reproduce."
    ),
    brief="graba lo que llega",
    run=_run,
    order=62,
    bare=False,
    argument="[archivo o no]",
    complete=_complete,
    known_as=("record",),
    related=("grabacion", "grabaciones", "reproducir", "replay", "bytes"),
)
