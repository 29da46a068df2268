"""`/cache`: the answers that are kept to be given again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.config.options.values import fold, yes_or_no
from stream_core.config.settings import Settings
from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line

_CLEAR, _LIVE = "vaciar", "ritmo"


def _run(session: Session, argument: str) -> None:
    screen, cache, word = session.screen, session.answers, fold(argument.strip())
    wanted = yes_or_no(word) if word else None
    if cache.folder is None:
        screen.warning("Ahora no se guarda nada, así que tampoco hay caché de respuestas.")
    elif word == _CLEAR:
        cleared = counted(cache.clear(), "respuesta guardada", "respuestas guardadas")
        screen.note(f"Caché vacía: había {cleared}.")
    elif word and wanted is None and word != _LIVE:
        screen.warning(f"«{one_line(argument, 40)}» no sirve: puede ser sí, no, {_LIVE} o {_CLEAR}.")
    else:
        if word:
            cache.on, cache.live = bool(wanted) or word == _LIVE, word == _LIVE
        screen.note(_status(session))


def _status(session: Session) -> str:
    cache = session.answers
    count, size = cache.contents
    kept = f"{counted(count, 'respuesta guardada', 'respuestas guardadas')}, {number(size / 1e6, 1)} MB"
    if not cache.on:
        return f"Caché de respuestas apagada ({kept}). «/cache sí» la enciende."
    how = "a su ritmo" if cache.live else "al momento"
    return (
        f"Caché de respuestas encendida ({kept}): la misma pregunta, en la misma conversación y con el mismo "
        f"modelo, se contesta {how} y sin gastar. «/cache no» la apaga."
    )


def _complete(before: Sequence[str], settings: Settings) -> Iterable[tuple[str, str]]:
    words = [("sí", "al momento"), (_LIVE, "al ritmo con que llegó"), ("no", "apagada")]
    return () if before else [*words, (_CLEAR, "borra lo guardado")]


COMMAND = Command(
    name="cache",
    summary="muestra, vacía o apaga la caché, que evita pedir dos veces lo mismo",
    usage=(
        "«/cache sí» la enciende y «/cache no» la apaga; con «/cache ritmo» las respuestas "
        "llegan a su ritmo, y «/cache vaciar» borra las guardadas."
    ),
    brief="no pide dos veces lo mismo",
    run=_run,
    order=44,
    bare=False,
    argument="[sí, no, ritmo o vaciar]",
    complete=_complete,
    related=("memoria", "repetidas", "guardadas", "cached"),
)
