"""Retries in sight: two failures that pass, and one that does not."""

from __future__ import annotations

from stream_core.core.deltas import Text, Waiting
from stream_core.core.numbers import counted, number
from stream_core.streaming.retry import RetryPolicy
from stream_core.texts.errors_es import explain

from . import Lesson
from .stage import Stage, request, whole_reply

_QUESTION = "¿Qué es un delta?"
_AGAIN = "repite la lección sin cancelar nada"


def _run(stage: Stage) -> None:
    stage.say("Primero, una API saturada dos veces seguidas (529):", "bold")
    stage.arm("529x2")
    text, waits = _ask(stage)
    stage.check(
        waits == [2, 3],
        "Hubo dos esperas a la vista: antes del intento 2 y antes del 3.",
        f"hubo {counted(len(waits), 'espera', 'esperas')}, y tenían que ser dos: {_AGAIN}.",
    )
    stage.check(
        stage.seen() == 3,
        "El servidor vio tres peticiones: dos fallaron y una contestó.",
        f"el servidor vio {counted(stage.seen(), 'petición', 'peticiones')}, y no tres: {_AGAIN}.",
    )
    stage.check(
        text == whole_reply(_QUESTION).text,
        "El texto llegó una sola vez: solo se reintenta antes de la primera letra.",
        f"el texto no está entero: {_AGAIN}.",
    )
    stage.say("\nAhora, una clave que no vale (401):", "bold")
    stage.arm("401")
    before = stage.seen()
    text, waits = _ask(stage)
    stage.check(
        not text and not waits and stage.seen() == before + 1,
        "Ni una espera, y una sola petición: insistir no arregla una clave.",
        f"se reintentó lo que no tiene arreglo, o no hubo fallo: {_AGAIN}.",
    )


def _ask(stage: Stage) -> tuple[str, list[int]]:
    """Ask, show the waits; return the text, and the attempts that were waited for."""
    from stream_core.streaming.reply import stream_reply

    waits: list[int] = []
    with (
        stage.writing() as write,
        stream_reply(stage.client, retry=RetryPolicy(attempts=4), **request(_QUESTION)) as stream,
        stage.watching(stream),
    ):
        for delta in stream:
            match delta:
                case Waiting(reason="retry", attempt=attempt, of=of, seconds=left, cause=cause):
                    if attempt not in waits:
                        waits.append(attempt)
                        why = type(cause).__name__
                        write(
                            f"⏳ Intento {attempt} de {of}, dentro de {number(left, 1)} s, por `{why}`\n",
                            "yellow",
                        )
                case Text(text=piece):
                    write(piece, "")
    if stream.reply.error is not None:
        stage.say("⚠ " + explain(stream.reply.error), "yellow")
    return stream.reply.text, waits


LESSON = Lesson(
    number=9,
    title="Reintentos a la vista",
    look=(
        "antes de cada intento se ve cuánto se espera, y por qué.",
        "hay fallos en los que no se insiste.",
    ),
    do="nada: basta con mirar.",
    run=_run,
)
