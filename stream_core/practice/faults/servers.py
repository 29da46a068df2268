"""Deviations of other servers that offer the Messages API: Ollama, llama.cpp, vLLM, LiteLLM, proxies.

Each was seen in a server or gateway in use in 2026. The reply is whole unless the summary says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stream_core.practice.events import (
    block_delta,
    block_start,
    block_stop,
    event,
    message_delta,
    message_stop,
    text_delta,
    to_json,
)
from stream_core.practice.plain import plain_reply
from stream_core.practice.script import Head, Script, Send, Step

from . import Fault, Group, midway

GROUP = Group("servidores", "Otros servidores", 6)

Payload = dict[str, Any]
Change = Callable[[Payload], bytes]
"""Returns the bytes that are sent instead of an event."""

_THINKING = {"type": "thinking", "thinking": "", "signature": ""}
_SEARCH = {"type": "server_tool_use", "id": "srvtoolu_practice", "name": "web_search", "input": {}}
_FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_practice", "content": []}
_NEW_BLOCKS: tuple[Payload, ...] = (
    {
        "type": "mcp_tool_use",
        "id": "mcptoolu_practice",
        "name": "buscar",
        "server_name": "notas",
        "input": {"texto": "hola"},
    },
    {
        "type": "mcp_tool_result",
        "tool_use_id": "mcptoolu_practice",
        "is_error": False,
        "content": [{"type": "text", "text": "nada"}],
    },
    {"type": "compaction", "content": "Un resumen de lo anterior."},
    {"type": "holograma", "forma": "cubo"},
)


def _bytes(payload: Mapping[str, Any]) -> bytes:
    return event(str(payload["type"]), payload)


def _payloads(data: bytes) -> list[Payload]:
    return [json.loads(part.partition(b"\ndata: ")[2]) for part in data.split(b"\n\n") if part]


def _each(change: Change, reply: Script) -> Iterator[Step]:
    for step in reply:
        if not isinstance(step, Send):
            yield step
        elif data := b"".join(map(change, _payloads(step.data))):
            yield Send(data)


def _events(name: str, row: int, summary: str, change: Change) -> Fault:
    """A fault that sends each event differently."""
    return Fault(name, row, summary, lambda reply, number: _each(change, reply))


def _without(kind: str) -> Change:
    return lambda payload: b"" if payload["type"] == kind else _bytes(payload)


def _with_before(block: bytes, reply: Script) -> Iterator[Step]:
    """Send other blocks before the first one, whose index stays 0 as if they were not there."""
    before = block
    for step in reply:
        if before and isinstance(step, Send) and b'"content_block_start"' in step.data:
            yield Send(before)
            before = b""
        yield step


def _ollama(reply: Script, number: int) -> Iterator[Step]:
    """All blocks have the index 0, and only the last one is closed."""
    thinking = block_start(0, _THINKING) + block_delta({"type": "thinking_delta", "thinking": "Mmm."})
    return _each(_ollama_event, _with_before(thinking, reply))


def _ollama_event(payload: Payload) -> bytes:
    return _bytes({**payload, "index": 0} if "index" in payload else payload)


def _block_a_token(payload: Payload) -> bytes:
    delta = payload.get("delta", {})
    start = block_start(payload["index"]) if delta.get("type") == "text_delta" else b""
    return start + _bytes(payload)


def _skipping(payload: Payload) -> bytes:
    """Count the blocks 1, 3, 5."""
    return _bytes({**payload, "index": 2 * payload["index"] + 1} if "index" in payload else payload)


def _stop_twice(payload: Payload) -> bytes:
    return _bytes(payload) * (2 if payload["type"] == "content_block_stop" else 1)


def _no_usage(payload: Payload) -> bytes:
    plain = {name: value for name, value in payload.items() if name != "usage"}
    if "message" in plain:
        plain["message"] = {name: value for name, value in plain["message"].items() if name != "usage"}
    return _bytes(plain)


def _late_usage(payload: Payload) -> bytes:
    if payload["type"] == "message_start":
        return _bytes({**payload, "message": {**payload["message"], "usage": None}})
    if payload["type"] == "message_delta":
        return _bytes({**payload, "usage": {"input_tokens": 5, **payload["usage"]}})
    return _bytes(payload)


def _only_data(payload: Payload) -> bytes:
    return b"data: %s\n\n" % to_json(payload)


def _wrong_name(payload: Payload) -> bytes:
    return event("ping" if payload["type"] == "content_block_delta" else "message", payload)


def _done(payload: Payload) -> bytes:
    """`[DONE]` instead of `message_stop`, with and without the name of an event."""
    done = payload["type"] == "message_stop"
    return b"event: done\ndata: [DONE]\n\ndata: [DONE]\n\n" if done else _bytes(payload)


def _heartbeats(payload: Payload) -> bytes:
    return b": keep-alive\n\nevent: heartbeat\ndata: tic tac\n\nid: 7\nretry: 1000\n\ndata:\n\n" + _bytes(
        payload
    )


def _other_type(reply: Script, number: int) -> Iterator[Step]:
    for step in reply:
        yield Head(headers=[("content-type", "text/plain")]) if isinstance(step, Head) else step


def _nulls(payload: Payload) -> bytes:
    match payload["type"]:
        case "message_start":
            return _bytes({**payload, "message": {**payload["message"], "content": None, "usage": None}})
        case "content_block_start":
            empty = block_delta({"type": "text_delta", "text": None}, payload["index"])
            return _bytes({**payload, "content_block": {**payload["content_block"], "text": None}}) + empty
        case "message_delta":
            return _bytes({**payload, "usage": {name: None for name in payload["usage"]}})
    return _bytes(payload)


def _start_again(payload: Payload) -> bytes:
    return _bytes(payload) * (2 if payload["type"] == "message_start" else 1)


def _all_at_once(reply: Script, number: int) -> Iterator[Step]:
    """`message_start` has the content, stop reason and container, as in programmatic tool calling."""
    body = list(plain_reply(reply))[-1]
    if not isinstance(body, Send):
        return
    message = {**json.loads(body.data), "container": {"id": "container_practice", "expires_at": None}}
    yield Head()
    yield Send(event("message_start", {"type": "message_start", "message": message}) + message_stop())


def _text_in_tool(reply: Script, number: int) -> Iterator[Step]:
    search = block_start(0, _SEARCH) + text_delta("Busco… ") + block_stop()
    found = block_start(1, _FOUND) + block_stop(1)
    return _with_before(search + found, reply)


def _new_blocks(reply: Script, number: int) -> Iterator[Step]:
    started = (block_start(index, block) + block_stop(index) for index, block in enumerate(_NEW_BLOCKS))
    return _with_before(b"".join(started), reply)


def _no_reason(payload: Payload) -> bytes:
    if payload["type"] == "message_delta":
        return _bytes({**payload, "delta": {"stop_reason": None}})
    return _bytes(payload)


FAULTS = (
    Fault("ollama", 67, "Como Ollama: todos los bloques llevan el 0, y no se cierran.", _ollama),
    _events("llama-cpp", 67, "Como llama.cpp (antes): cada trozo empieza un bloque.", _block_a_token),
    _events("salto", 67, "Los bloques se numeran a saltos, y no desde el 0.", _skipping),
    _events("sin-cierre", 67, "Ningún bloque se cierra.", _without("content_block_stop")),
    _events("doble-cierre", 67, "Cada bloque se cierra dos veces.", _stop_twice),
    _events("sin-cuenta", 68, "Como MiniMax: nadie dice cuántos tokens fueron.", _no_usage),
    _events("cuenta-final", 68, "Los tokens solo se dicen al final.", _late_usage),
    _events("solo-data", 69, "Los eventos llegan sin nombre, solo con sus datos.", _only_data),
    _events("nombres", 69, "Los eventos llegan con un nombre que no es el suyo.", _wrong_name),
    _events("done", 69, "Al final llega «[DONE]», como en otras API.", _done),
    _events("latidos", 69, "Entre los trozos llegan latidos, comentarios y líneas vacías.", _heartbeats),
    Fault("sin-tipo", 69, "La respuesta se anuncia como texto sin formato.", _other_type),
    Fault(
        "json-entero",
        70,
        "Como LiteLLM en pruebas: llega de una vez, sin streaming.",
        lambda reply, number: plain_reply(reply),
    ),
    _events("nulos", 71, "Faltan valores: donde debía haber algo hay «null».", _nulls),
    _events("repetido", 72, "El principio llega dos veces.", _start_again),
    _events("sin-inicio", 72, "La respuesta empieza sin su principio.", _without("message_start")),
    Fault("en-inicio", 72, "Todo el contenido llega ya en el principio.", _all_at_once),
    Fault("texto-ajeno", 73, "Llega texto dentro de la llamada a una herramienta.", _text_in_tool),
    Fault("partes-nuevas", 74, "Llegan bloques que este programa no conoce.", _new_blocks),
    _events("sin-motivo", 75, "La respuesta acaba sin decir por qué.", _no_reason),
    midway(
        "max-abierto",
        76,
        "Llega al máximo de tokens con el último bloque abierto.",
        Send(message_delta("max_tokens", {"output_tokens": 5}) + message_stop()),
    ),
)
