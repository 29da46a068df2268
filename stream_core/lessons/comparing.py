"""Several streams as one iteration: one is cancelled, one is cut, and the others do not notice."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from stream_core.core.deltas import Cancelled, Failed, Finished, Text
from stream_core.core.numbers import number

from . import Lesson
from .stage import Stage, request, whole_reply

if TYPE_CHECKING:
    from stream_core.streaming.compare import Comparison

_LONG, _SHORT = "Escribe una historia corta sobre un robot", "¿Qué es un delta?"
_AFTER = 12  # deltas of the long one, after which it is cancelled, once the other has begun
_AGAIN = "repite la lección sin cancelar nada"


def _run(stage: Stage) -> None:
    stage.say("Dos respuestas a la vez; la A se cancela al poco de empezar:", "bold")
    order, endings, both = _compare(stage, {"A": _LONG, "B": _SHORT}, cancelled="A")
    whole = {"A": whole_reply(_LONG).text, "B": whole_reply(_SHORT).text}
    turns = sum(one != other for one, other in pairwise(order))
    stage.check(
        turns > 2,
        f"Los deltas llegaron mezclados: se cambió de respuesta {number(turns)} veces.",
        "llegaron una detrás de otra: con la máquina muy cargada puede pasar. Repite la lección.",
    )
    stage.check(
        sorted(endings) == ["A", "B"],
        "Cada respuesta tuvo un final, y uno solo.",
        "a una le faltó su final, o tuvo dos: eso es un defecto del programa.",
    )
    outcomes = {name: reply.outcome for name, reply in both.replies.items()}
    stage.check(
        outcomes == {"A": "cancelled", "B": "complete"},
        '`comparison.cancel("A")` paró la A, y la B siguió hasta su final.',
        f"la A llegó entera, o la B no: {_AGAIN}.",
    )
    stage.check(
        all(whole[name].startswith(reply.text) for name, reply in both.replies.items()),
        "En `comparison.replies` está lo que llegó de cada una, por su nombre y sin mezclarse.",
        "el texto de una no es el principio del suyo: eso es un defecto del programa.",
    )
    stage.say("\nOtra vez dos; a una, la que el servidor ve primero, se le corta la red:", "bold")
    stage.arm("corte:6")
    _, _, cut = _compare(stage, {"A": _SHORT, "B": _SHORT})
    stage.check(
        sorted(str(reply.outcome) for reply in cut.replies.values()) == ["complete", "interrupted"],
        "La que se cortó acabó en `Failed`, y la otra ni lo notó: llegó entera.",
        f"no se cortó exactamente una: {_AGAIN}.",
    )


def _compare(
    stage: Stage, questions: Mapping[str, str], cancelled: str = ""
) -> tuple[list[str], list[str], Comparison]:
    """Ask all at once; return whose each delta was, whose each ending, and the whole."""
    from stream_core.streaming.compare import compare
    from stream_core.streaming.reply import stream_reply

    order, endings = list[str](), list[str]()
    streams = {name: stream_reply(stage.client, **request(asked)) for name, asked in questions.items()}
    with stage.writing() as write, compare(streams) as comparison, stage.watching(comparison):
        for name, delta in comparison:
            match delta:
                case Text():
                    write(name if name == "A" else "·", "")
                    order.append(name)
                    # Not before the other one has begun: on a busy machine that may be late.
                    if name == cancelled and order.count(name) >= _AFTER and len(set(order)) > 1:
                        comparison.cancel(name)
                case Finished() | Cancelled() | Failed():
                    write(f" {name}: {type(delta).__name__} ", "bold")
                    endings.append(name)
    stage.say()
    return order, endings, comparison


LESSON = Lesson(
    number=13,
    title="Comparar",
    look=(
        "cada «A» es un delta de la primera respuesta, y cada «·» uno de la segunda.",
        "una se cancela y a otra se le corta la red; la que va a su lado sigue.",
    ),
    do="nada: basta con mirar.",
    run=_run,
)
