"""X-ray of a reply: the bytes, the events they make, and the text that comes of them."""

from __future__ import annotations

from collections.abc import Sequence

from stream_core.core.deltas import Text
from stream_core.core.numbers import counted, number
from stream_core.core.trace import Entry, Trace, meaning
from stream_core.terminal.rows.xray import listing, raw_lines

from . import Lesson
from .stage import Stage, request

_QUESTION = "¿Qué es un token?"
_MOST_TOKENS = 60
_FIRST, _LAST = 12, 5  # entries that are shown
_BROKEN_OFF = "repite la lección y deja que la respuesta acabe sola"


def _run(stage: Stage) -> None:
    from stream_core.streaming.reply import stream_reply

    trace = Trace()
    with (
        stage.writing() as write,
        stream_reply(stage.client, record=trace, **request(_QUESTION, max_tokens=_MOST_TOKENS)) as stream,
        stage.watching(stream),
    ):
        for delta in stream:
            if isinstance(delta, Text):
                write(delta.text, "")
    entries = trace.snapshot()
    _show(stage, trace, entries)

    found = [meaning(entry.data) for entry in entries if entry.kind == "event"]
    pieces = [each.piece for each in found if each.piece is not None]
    stage.check(
        "".join(pieces) == stream.reply.text != "",
        f"El texto de {counted(len(pieces), 'evento', 'eventos')}, sumado, es el que has leído: "
        f"{counted(len(stream.reply.text), 'carácter', 'caracteres')}.",
        f"la suma de los eventos no es el texto: {_BROKEN_OFF}.",
    )
    stage.check(
        len(pieces) == stream.stats.deltas,
        f"Las cuentas coinciden: las cifras dicen {counted(stream.stats.deltas, 'delta', 'deltas')}, y el "
        "cable también.",
        f"las cifras y el cable no dicen lo mismo: {_BROKEN_OFF}.",
    )
    text_size = len(stream.reply.text.encode())
    stage.check(
        trace.size > text_size,
        f"Viajaron {counted(trace.size, 'byte', 'bytes')} para {number(text_size)} de texto: lo demás son "
        "nombres y JSON.",
        f"viajaron menos bytes que texto: {_BROKEN_OFF}.",
    )
    stage.check(
        bool(found) and found[-1].name == "message_stop",
        "El último evento es `message_stop`: la respuesta acabó bien, aunque el motivo sea `max_tokens`.",
        f"no llegó `message_stop`, la respuesta se cortó: {_BROKEN_OFF}.",
    )
    stage.say(
        "\nEn el chat, /radiografia hace esto con cualquier respuesta, y --xray mientras llega.", "bold"
    )


def _show(stage: Stage, trace: Trace, entries: Sequence[Entry]) -> None:
    stage.say("\nLo mismo, visto por dentro:", "bold")
    shown = entries if len(entries) <= _FIRST + _LAST else [*entries[:_FIRST], *entries[-_LAST:]]
    for row in listing(trace, shown, stage.console.width - 1, str, raw=False, bars=True):
        stage.console.out(row.text, style="cyan" if row.has_text else "dim", highlight=False)
    with_text = [entry for entry in entries if b"text_delta" in entry.data]
    # With a letter of two bytes if there is any.
    for entry in sorted(with_text, key=lambda entry: entry.data.isascii())[:1]:
        stage.say("\nLos bytes de un evento, tal como llegaron:", "bold")
        for line in raw_lines(entry, str):
            stage.console.out(line, style="cyan", highlight=False)
    stage.say()


LESSON = Lesson(
    number=10,
    title="Radiografía",
    look=(
        "a la izquierda, cuándo llegó cada evento y, como una barra, la pausa que hubo antes.",
        "no todos los eventos traen texto.",
    ),
    do="nada: basta con mirar. `max_tokens` es 60, así que la respuesta se queda corta.",
    run=_run,
)
