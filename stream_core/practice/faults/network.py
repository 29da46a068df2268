"""The network: broken connections and silent servers."""

from __future__ import annotations

from collections.abc import Iterator

from stream_core.practice.events import ping, text_delta
from stream_core.practice.script import Cut, Hang, Reset, Script, Send, Step, Wait

from . import PIECES, Fault, Group, after, midway

GROUP = Group("red", "La red", 0)

_BETWEEN_PINGS = 0.5  # seconds


def _without_end(reply: Script, number: int) -> Iterator[Step]:
    return (
        step
        for step in reply
        if not (isinstance(step, Send) and step.data.startswith(b"event: message_stop"))
    )


def _slow_headers(reply: Script, seconds: int) -> Iterator[Step]:
    yield Wait(seconds, fixed=True)
    yield from reply


def _pinging() -> Iterator[Step]:
    while True:
        yield Send(ping())
        yield Wait(_BETWEEN_PINGS, fixed=True)


FAULTS = (
    midway("incompleto", 1, "La respuesta se acaba a medias, sin error y sin el final que debe traer."),
    Fault("sin-final", 2, "Llega todo menos el último evento, el que dice que ya está.", _without_end),
    midway("corte", 3, "La conexión se corta a mitad de un trozo.", Cut(within=text_delta(" a medias"))),
    # The reset discards data that the client has not read yet, so let it read first.
    midway("reset", 4, "El otro lado corta la conexión en seco (TCP reset).", Wait(0.1, fixed=True), Reset()),
    midway("silencio", 5, "El servidor se queda callado y no cuelga.", Hang()),
    Fault(
        "pings",
        6,
        "El servidor solo da señales de vida, y nada de texto.",
        lambda reply, deltas: after(reply, deltas, _pinging()),
        number=5,
        counts=PIECES,
    ),
    Fault(
        "cabeceras",
        7,
        "El servidor tarda en empezar a contestar.",
        _slow_headers,
        number=8,
        counts="segundos",
    ),
)
