"""Deviations of a reply from the protocol, in Spanish for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream_core.core.deviations import MAY_MISS

_WORDS: Mapping[str, str] = {
    "content_type": "la respuesta llegó con otro tipo de contenido",
    "whole_message": "el mensaje llegó entero, sin streaming",
    "json_lines": "los eventos llegaron como líneas de JSON",
    "event_name": "hay eventos sin su nombre, o con otro",
    "joined_events": "faltan líneas en blanco entre los eventos",
    "unfinished_event": "al último evento le falta su línea en blanco",
    "cut_event": "el último evento llegó cortado",
    "bad_utf8": "había bytes que no son UTF-8",
    "not_json": "había eventos que no son JSON",
    "loose_json": "había eventos con JSON mal escrito, que aun así se entendió",
    "done_marker": "llegó un «[DONE]», como en otras API",
    "stray_error": "llegó un mensaje suelto que parecía un error",
    "no_message_start": "faltó el comienzo del mensaje",
    "message_start_again": "el mensaje empezó dos veces",
    "block_again": "llegó otra vez un bloque que ya venía con el comienzo",
    "no_block_start": "faltó el comienzo de un bloque",
    "no_block_stop": "quedó un bloque sin cerrar",
    "extra_block_stop": "se cerró un bloque que no estaba abierto",
    "no_message_stop": "faltó el cierre del mensaje",
    "no_stop_reason": "no dijo por qué paró",
    "stop_word": "dijo por qué paró con una palabra de otra API",
    "index": "los bloques venían mal numerados",
    "delta_kind": "llegó un trozo en un bloque de otro tipo",
    "bare_delta": "llegaron trozos sin el evento que los rodea",
    "value": "faltaban valores, o eran de otro tipo",
    "no_usage": "no dijo cuántos tokens se usaron",
    "lost_input": "llegó un argumento que no es de ninguna herramienta",
    "tool_id": "una llamada a una herramienta venía sin un identificador válido",
    "tool_name": "una llamada a una herramienta venía sin nombre",
    "tool_input": "los argumentos de una herramienta no eran JSON",
    "tool_stop": "llamó a una herramienta sin decir que paraba por eso",
}


def deviations_line(codes: Sequence[str]) -> str:
    """A sentence that tells what deviated; "" for nothing."""
    if not codes:
        return ""
    return f"El servidor se apartó del protocolo: {'; '.join(_WORDS.get(code, code) for code in codes)}."


def missing_note(codes: Sequence[str]) -> str | None:
    """A sentence for what may be missing of a reply that counts as complete, or None."""
    words = [_WORDS[code] for code in codes if code in MAY_MISS]
    return f"Puede que falte algo de la respuesta: {'; '.join(words)}." if words else None
