"""Errors in the forms of other servers and their frameworks: in the middle of a reply, and as a response."""

from __future__ import annotations

from stream_core.practice.events import event, to_json
from stream_core.practice.script import Script, Send, json_reply

from . import Fault, Group, midway

GROUP = Group("errores", "Errores de otros servidores", 7)

_ERROR = "the engine is out of memory"


def _error_frame(name: str, summary: str, data: bytes) -> Fault:
    return midway(name, 77, summary, Send(data))


def _unnamed(payload: object) -> bytes:
    return b"data: %s\n\n" % to_json(payload)


def _http_error(name: str, status: int, body: object, summary: str) -> Fault:
    def play(reply: Script, number: int) -> Script:
        return json_reply(body, status)

    return Fault(name, 78, summary, play)


FAULTS = (
    _error_frame(
        "error-texto",
        "Llega un error que es solo una frase.",
        event("error", {})[:-4] + b'"%s"\n\n' % _ERROR.encode(),
    ),
    _error_frame("error-detail", "Llega un error como los de FastAPI.", event("error", {"detail": _ERROR})),
    _error_frame(
        "error-msg", "Llega un error con su frase en «msg».", event("error", {"msg": _ERROR, "code": 500})
    ),
    _error_frame(
        "error-openai",
        "Llega un error como los de OpenAI, sin nombre.",
        _unnamed({"error": {"message": _ERROR, "type": "server_error", "code": 500}}),
    ),
    _http_error(
        "vllm",
        400,
        {"object": "error", "message": _ERROR, "type": "BadRequestError", "param": None, "code": 400},
        "Como vLLM: un rechazo con su propio formato.",
    ),
    _http_error("ollama-error", 500, {"error": _ERROR}, "Como Ollama: un error que es solo una frase."),
    _http_error(
        "fastapi",
        422,
        {"detail": [{"loc": ["body", "model"], "msg": _ERROR, "type": "value_error"}]},
        "Como FastAPI: un rechazo con una lista de motivos.",
    ),
)
