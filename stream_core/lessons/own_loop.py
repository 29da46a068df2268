"""A loop written by hand, without this library."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator

from stream_core.core.numbers import counted, number

from . import Lesson, bare_loop
from .stage import Stage, whole_reply

_QUESTION = "¿Cómo funciona el streaming?"
_SMALL = 7  # bytes


def _run(stage: Stage) -> None:
    source = "\n".join(
        inspect.getsource(each) for each in (bare_loop.chunks, bare_loop.events, bare_loop.texts)
    )
    stage.code(source)
    stage.say("Está en stream_core/lessons/bare_loop.py. Solo necesita http.client y json.", "dim")
    stage.pause("Pulsa Enter para ejecutarlo… ")

    arrived: list[bytes] = []
    text = ""
    with stage.writing() as write:
        kept = _keeping(bare_loop.chunks(stage.server.base_url, _QUESTION), arrived)
        for piece in bare_loop.texts(bare_loop.events(kept)):
            text += piece
            write(piece, "")
    stage.say()
    _check(stage, text, b"".join(arrived))
    stage.say('\nEjecútalo tú: python -m stream_core.lessons.bare_loop "¿Qué es un token?"', "bold")


def _check(stage: Stage, text: str, data: bytes) -> None:
    other, deltas = whole_reply(_QUESTION, max_tokens=1024)
    stage.check(
        text == other != "",
        f"Tu bucle y la biblioteca dan el mismo texto: {counted(len(text), 'carácter', 'caracteres')}.",
        "los textos no son iguales: el bucle perdió o repitió algo por el camino.",
    )
    found = list(bare_loop.events([data]))
    stage.check(
        sum(event["type"] == "content_block_delta" for event in found) == deltas,
        f"De {counted(len(data), 'byte', 'bytes')} salieron {counted(len(found), 'evento', 'eventos')}; "
        f"{number(deltas)} traían texto, tantos como deltas contó la biblioteca.",
        "las cuentas no coinciden: algún evento se perdió o se leyó dos veces.",
    )
    cut = [data[at : at + _SMALL] for at in range(0, len(data), _SMALL)]
    stage.check(
        "".join(bare_loop.texts(bare_loop.events(cut))) == text,
        f"Cortados en {counted(len(cut), 'trozo', 'trozos')} de siete bytes, también por mitad de una letra, "
        "dan lo mismo.",
        "el bucle depende de por dónde se cortan los bytes: guarda en `buffer` lo que aún no está entero.",
    )
    last_event = data.rfind(b"event: message_stop")
    stage.check(
        _notices_a_cut(data[:last_event]),
        "Y sin `message_stop` tu bucle se da cuenta de que falta el final.",
        "una respuesta interrumpida pasa por completa: comprueba que el último evento sea `message_stop`.",
    )


def _keeping(chunks: Iterable[bytes], kept: list[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        kept.append(chunk)
        yield chunk


def _notices_a_cut(data: bytes) -> bool:
    try:
        list(bare_loop.texts(bare_loop.events([data])))
    except (RuntimeError, json.JSONDecodeError):
        return True
    return False


LESSON = Lesson(
    number=12,
    title="Tu propio bucle, sin esta biblioteca",
    look=("tres pasos: de los bytes a los eventos, de los eventos al JSON, y del JSON al texto.",),
    do="lee las cuarenta líneas y ejecútalas con Enter; luego, en tu terminal, con tus preguntas.",
    run=_run,
)
