"""A reply that is cut, and its continuation."""

from __future__ import annotations

from stream_core.core import continuation
from stream_core.core.conversation import Turn
from stream_core.core.deltas import Failed, Text
from stream_core.core.numbers import counted
from stream_core.texts.errors_es import tell

from . import Lesson
from .stage import MODEL, Stage, request, whole_reply

_QUESTION = "Describe las ventajas del streaming en tiempo real"
_FAULT = "corte:60"


def _run(stage: Stage) -> None:
    from stream_core.streaming.reply import stream_reply
    from stream_core.streaming.turn import stream_turn

    stage.arm(_FAULT)
    with (
        stage.writing() as write,
        stream_reply(stage.client, **request(_QUESTION)) as stream,
        stage.watching(stream),
    ):
        for delta in stream:
            if isinstance(delta, Text):
                write(delta.text, "")
    cut = stream.reply
    what = tell(cut.error)[0] if cut.error is not None else "Aquí no hubo corte."  # what to do follows
    stage.say(f"✂ {what}", "yellow")
    was_cut = stage.check(
        isinstance(cut.ending, Failed) and bool(cut.text),
        f"El final fue `Failed`, y se conservan {counted(len(cut.text), 'carácter', 'caracteres')}.",
        "la respuesta no se cortó: ¿la cancelaste? Repite la lección sin tocar nada.",
    )
    if not was_cut:
        return
    stage.pause("Pulsa Enter para continuarla… ")

    turn = Turn.of(_QUESTION, cut, model=MODEL)
    asked = continuation.messages([], turn, model=MODEL)
    continued = continuation.ContinuationStream(turn)
    with (
        stage.writing() as write,
        stream_turn(stage.client, tools=[], **request(_QUESTION, messages=asked)) as more,
        stage.watching(more),
    ):
        write("…", "dim")
        for turn_delta in more:
            for new in continued.feed(turn_delta):
                if isinstance(new, Text):
                    write(new.text, "cyan")
    joined = continuation.joined(turn, continued.finish(more.result), model=MODEL)
    stage.say()

    whole = whole_reply(_QUESTION).text
    stage.check(
        joined.text == whole,
        f"Las dos partes, unidas, son la respuesta entera: {counted(len(whole), 'carácter', 'caracteres')} "
        "iguales, sin repetir ni perder ninguno.",
        "las dos partes no hacen la respuesta entera: ¿cancelaste la segunda? Repítela y déjala acabar.",
    )
    again = len(more.result.arrived) - (len(joined.text) - len(cut.text))
    stage.check(
        again > 0,
        f"El modelo repitió {counted(again, 'carácter', 'caracteres')} para que se viera dónde unir; no los "
        "ves.",
        "el modelo no repitió el final: la unión se hizo a ciegas.",
    )
    stage.check(
        stage.seen() == 2,
        "El servidor vio dos peticiones: la pregunta, y la que pide seguir.",
        f"el servidor vio {counted(stage.seen(), 'petición', 'peticiones')}, y tenían que ser dos.",
    )


LESSON = Lesson(
    number=8,
    title="Cortes y continuar",
    look=(
        "la conexión se cae a mitad, y lo que llegó se queda.",
        "lo nuevo, en otro color, sigue justo donde se cortó.",
    ),
    do="espera el corte, lee la frase que lo explica y continúa con Enter.",
    run=_run,
)
