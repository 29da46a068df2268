"""Unknown events, and events out of order."""

from __future__ import annotations

from stream_core.practice.events import (
    block_delta,
    block_start,
    block_stop,
    event,
    message_start,
    text_delta,
)
from stream_core.practice.script import Head, Send

from . import Group, instead, midway

GROUP = Group("avisos", "Los avisos", 3)

_UNKNOWN = (
    event("holograma", {"type": "holograma", "forma": "cubo"}),
    block_start(1, {"type": "holograma", "forma": "cubo"}),
    block_delta({"type": "holograma_delta", "giro": 90}, 1),
    block_stop(1),
    block_delta({"type": "aroma_delta", "aroma": "café"}),
)

FAULTS = (
    midway(
        "desconocido", 20, "Llegan cosas que este programa no conoce.", *map(Send, _UNKNOWN), goes_on=True
    ),
    instead(
        "protocolo", 21, "El texto llega antes de que empiece la respuesta.", Head(), Send(text_delta("a"))
    ),
    midway("indice", 21, "Un trozo es de un bloque que no existe.", Send(text_delta("a", 9))),
    midway("doble", 21, "La respuesta empieza dos veces.", Send(message_start("claude-otro", 5))),
)
