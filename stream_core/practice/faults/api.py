"""Errors of the API, instead of a reply or in the middle of one."""

from __future__ import annotations

from stream_core.practice.events import error
from stream_core.practice.faults import Fault, Group, instead, midway
from stream_core.practice.script import Head, Script, Send, error_reply

GROUP = Group("api", "Los errores de la API", 4)

_BUSY = error("overloaded_error", "Overloaded")
_LONG = "prompt is too long: 1204518 tokens > 1000000 maximum"


def _status(status: int, row: int, api_type: str, message: str, summary: str, name: str = "") -> Fault:
    def play(reply: Script, number: int) -> Script:
        return error_reply(status, api_type, message)

    return Fault(name or str(status), row, summary, play)


def _rate_limit(name: str, row: int, seconds: int, summary: str) -> Fault:
    def play(reply: Script, number: int) -> Script:
        message = "This request would exceed your rate limit."
        return error_reply(429, "rate_limit_error", message, [("retry-after", str(number))])

    return Fault(name, row, summary, play, number=seconds, counts="segundos")


FAULTS = (
    _status(400, 24, "invalid_request_error", "messages: mal", "La API no acepta la petición."),
    _status(401, 25, "authentication_error", "invalid x-api-key", "La API no acepta la clave."),
    _status(402, 26, "billing_error", "Your credit balance is too low.", "La cuenta no tiene saldo."),
    _status(403, 26, "permission_error", "Not allowed.", "La cuenta no tiene permiso."),
    _status(404, 27, "not_found_error", "model: desconocido", "El modelo no existe."),
    _status(413, 28, "request_too_large", "Request too large.", "La petición es demasiado grande."),
    _status(400, 28, "invalid_request_error", _LONG, "La conversación ya no cabe en el modelo.", "larga"),
    _rate_limit("429", 29, 3, "Demasiadas peticiones; la API pide esperar un momento."),
    _rate_limit("429-largo", 30, 3600, "Demasiadas peticiones; la API pide esperar mucho."),
    _status(408, 31, "timeout_error", "Request timed out.", "La API no contestó a tiempo."),
    _status(409, 31, "api_error", "Conflict.", "Dos peticiones chocaron."),
    _status(500, 31, "api_error", "Internal server error", "La API falla por dentro."),
    _status(503, 31, "api_error", "Service unavailable", "La API no está disponible."),
    _status(529, 32, "overloaded_error", "Overloaded", "La API está saturada."),
    instead("error-primero", 33, "La respuesta empieza bien y lo primero es un error.", Head(), Send(_BUSY)),
    midway("saturado", 34, "La API se satura a mitad de la respuesta.", Send(_BUSY)),
    midway("error-roto", 35, "Llega un error que ni siquiera es JSON.", Send(b"event: error\ndata: ay\n\n")),
)
