"""Stop reasons other than `end_turn`."""

from __future__ import annotations

from typing import Any

from stream_core.practice.events import block_start, block_stop, message_delta, message_stop
from stream_core.practice.script import Send

from . import Fault, Group, midway

GROUP = Group("finales", "Los finales", 5)

_REFUSAL = {"type": "refusal", "category": "cyber", "explanation": "No."}


# The API pauses a turn at a server tool, and only takes it back with that block.
_SEARCH = {"type": "server_tool_use", "id": "srvtoolu_practice", "name": "web_search", "input": {}}


def _stopped(name: str, row: int, reason: str, summary: str, more: bytes = b"", **details: Any) -> Fault:
    ending = message_delta(reason, {"output_tokens": 5}, **details) + message_stop()
    return midway(name, row, summary, Send(block_stop() + more + ending))


FAULTS = (
    _stopped("max-tokens", 36, "max_tokens", "La respuesta llega al máximo de tokens."),
    _stopped("rechazo", 37, "refusal", "Claude no quiere responder a eso.", stop_details=_REFUSAL),
    _stopped("contexto", 38, "model_context_window_exceeded", "La respuesta ya no cabe en el modelo."),
    _stopped("motivo", 39, "brand_new_reason", "La respuesta se detiene por un motivo que nadie conoce."),
    _stopped(
        "pausa",
        40,
        "pause_turn",
        "Claude hace una pausa y habría que dejarle seguir.",
        block_start(1, _SEARCH) + block_stop(1),
    ),
)
