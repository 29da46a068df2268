"""X-ray of a reply: the bytes, the events they make, and the text that comes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stream_core.core.deltas import Text
from stream_core.core.numbers import counted, number
from stream_core.core.sanitize import one_line
from stream_core.core.sse import SseDecoder
from stream_core.core.wire import Ended, Received, Sent, WireEvent

from . import Lesson
from .stage import Stage, request

_QUESTION = "¿Qué es un token?"
_MOST_TOKENS = 60
_SHOWN = 14  # events at the beginning
_LAST = 4
_MARK = 0.02  # seconds of a gap for each dot
_MOST_MARKS = 12


@dataclass(frozen=True, slots=True)
class _Event:
    """An event as it came: seconds since the request, bytes of its chunk, its JSON."""

    at: float
    size: int
    payload: dict[str, Any]

    @property
    def text(self) -> str:
        delta = self.payload.get("delta", {})
        return str(delta.get("text", "")) if delta.get("type") == "text_delta" else ""


def _run(stage: Stage) -> None:
    from stream_core.streaming.reply import stream_reply

    wire: list[WireEvent] = []
    with (
        stage.writing() as write,
        stream_reply(
            stage.client, record=wire.append, **request(_QUESTION, max_tokens=_MOST_TOKENS)
        ) as stream,
        stage.watching(stream),
    ):
        for delta in stream:
            if isinstance(delta, Text):
                write(delta.text, "")
    events = _events(wire)
    stage.say("\nLo mismo, visto por dentro (segundos · pausa · bytes · evento · texto):", "bold")
    _show(stage, events)
    chunks = [each.data for each in wire if isinstance(each, Received)]
    _show_bytes(stage, chunks)

    texts = [event for event in events if event.text]
    stage.check(
        "".join(event.text for event in texts) == stream.reply.text != "",
        f"El texto de {counted(len(texts), 'evento', 'eventos')}, sumado, es el que has leído: "
        f"{counted(len(stream.reply.text), 'carácter', 'caracteres')}.",
        "la suma no es el texto: ¿cancelaste? Repite la lección y déjala acabar.",
    )
    stage.check(
        len(texts) == stream.stats.deltas,
        f"Las cuentas coinciden: {counted(stream.stats.deltas, 'delta', 'deltas')} en las cifras, y tantos "
        "eventos.",
        "el programa contó otros deltas que los que hay en el cable.",
    )
    size, text_size = sum(map(len, chunks)), len(stream.reply.text.encode())
    stage.check(
        size > text_size,
        f"Viajaron {counted(size, 'byte', 'bytes')} para {number(text_size)} de texto: lo demás es "
        "JSON y nombres de eventos.",
        "viajaron menos bytes que texto: falta parte de lo grabado.",
    )
    last = events[-1].payload.get("type") if events else ""
    stage.check(
        last == "message_stop" and isinstance(wire[-1], Ended) and wire[-1].how == "end",
        "El último evento es `message_stop`: la respuesta está entera, aunque el motivo sea `max_tokens`.",
        "no llegó `message_stop`: la respuesta se cortó. Repite la lección.",
    )


def _events(wire: Sequence[WireEvent]) -> list[_Event]:
    decoder, events, start = SseDecoder(), [], 0.0
    for each in wire:
        if isinstance(each, Sent):
            start = each.at
        elif isinstance(each, Received):
            done = decoder.feed(each.data)
            events += [_Event(each.at - start, len(each.data), json.loads(event.data)) for event in done]
    return events


def _show(stage: Stage, events: Sequence[_Event]) -> None:
    before = 0.0
    left_out = len(events) - _SHOWN - _LAST
    for place, event in enumerate(events):
        if left_out > 0 and place == _SHOWN:
            stage.say(f"      … {counted(left_out, 'evento', 'eventos')} más …", "dim")
        if left_out <= 0 or not _SHOWN <= place < len(events) - _LAST:
            marks = "·" * min(round((event.at - before) / _MARK), _MOST_MARKS)
            when, size = number(event.at, 2).rjust(6), number(event.size).rjust(5)
            text = f"«{one_line(event.text, 20)}»" if event.text else ""
            row = f"{when} {marks.ljust(_MOST_MARKS)} {size} {event.payload.get('type', '')} {text}"
            stage.say(row[: stage.console.width], "cyan" if event.text else "dim")
        before = event.at


def _show_bytes(stage: Stage, chunks: Sequence[bytes]) -> None:
    """One chunk with text, byte for byte; one with a letter of two bytes if there is any."""
    with_text = [chunk for chunk in chunks if b"text_delta" in chunk]
    accented = [chunk for chunk in with_text if not chunk.isascii()]
    for chunk in (accented or with_text)[:1]:
        stage.say("\nLos bytes de uno de ellos, tal como llegaron:", "bold")
        for line in chunk.removesuffix(b"\n").split(b"\n"):
            stage.console.out(f"{repr(line)[2:-1]}\\n", style="cyan", highlight=False)
        if accented:
            stage.say(
                "Lo que empieza por \\x son bytes de un mismo signo, como « o ñ: no se cortan por ahí.",
                "dim",
            )
        stage.say()


LESSON = Lesson(
    number=10,
    title="Radiografía",
    look=(
        "a la izquierda, cuándo llegó cada evento y, en puntos, lo que se esperó.",
        "no todos los eventos traen texto.",
    ),
    do="solo mirar; `max_tokens` es 60, así que la respuesta se queda corta.",
    run=_run,
)
