"""Recovery of turns that a program left unfinished when it was killed, told in a sentence."""

from __future__ import annotations

from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line
from stream_core.store.protocol import Place, Store


def left_behind(store: Store, current: str | None) -> str:
    """Finish the turns of programs that exited without ending them.

    Args:
        store: the open store.
        current: the id of the open conversation, or None.

    Returns:
        A Spanish sentence about them: what was saved, and how to continue; "" if there are none.
    """
    places = store.recover()
    if not places:
        return ""
    if len(places) > 1:
        replies = counted(len(places), "respuesta", "respuestas")
        return (
            f"La última vez se interrumpieron {replies}. Lo que llegó de ellas está guardado: "
            "«/conversaciones» las encuentra."
        )
    return f"{_what_was_kept(store, places[0])} {_how_to_reopen(store, places[0], current)}"


def _what_was_kept(store: Store, place: Place) -> str:
    turns = list(store.turns(place.conversation))
    title = one_line(turns[0].question, 50) if turns else ""
    length = next((len(turn.text) for turn in reversed(turns) if turn.outcome == "interrupted"), 0)
    if not length:
        return f"La última vez una pregunta se quedó sin respuesta, en «{title}»."
    kept = (
        "el carácter que llegó"
        if length == 1
        else f"los {counted(length, 'carácter', 'caracteres')} que llegaron"
    )
    return f"La última vez se interrumpió una respuesta, en «{title}». Conservo {kept}."


def _how_to_reopen(store: Store, place: Place, current: str | None) -> str:
    if place.conversation == current:
        return "Es la conversación que tienes abierta: sigue preguntando."
    name = one_line(place.conversation, 40)
    flag = "--continue" if place.conversation == store.latest() else f"--resume {name}"
    return f"Para seguirla: «/abrir {name}», o abre el chat con {flag}. «/conversaciones» muestra las demás."
