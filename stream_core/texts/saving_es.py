"""Spanish sentences about replies that the store did not take. Pure."""

from __future__ import annotations

from pathlib import Path

from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line


def kept_aside(count: int, file: Path | None) -> str:
    """A sentence that replies are in the journal.

    Args:
        count: how many.
        file: the journal, or None if it is not known.
    """
    what = (
        "La última respuesta está"
        if count == 1
        else f"Las últimas {counted(count, 'respuesta', 'respuestas')} están"
    )
    where = f" («{one_line(str(file), 120)}»)" if file is not None else ""
    return (
        f"{what} a salvo, pero fuera del archivo de conversaciones, que no se dejó escribir{where}. "
        "El próximo chat que abras lo recoge."
    )


def not_saved(count: int) -> str:
    """A sentence that this many replies are nowhere but on the screen."""
    if count == 1:
        return "No se pudo guardar una respuesta de esta sesión: si la quieres, cópiala de la pantalla."
    replies = counted(count, "respuesta", "respuestas")
    return f"{replies} de esta sesión no se pudieron guardar: si las quieres, cópialas de la pantalla."
