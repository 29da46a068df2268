"""Answers that do not come from the API: a captive portal, a proxy, another service."""

from __future__ import annotations

from stream_core.practice.script import JSON, SSE, Head, Send

from . import Group, instead

GROUP = Group("medio", "Quien contesta en su lugar", 1)

_HTML = (("content-type", "text/html; charset=utf-8"),)
_PORTAL = b"<!doctype html><html><body><h1>Wifi gratis</h1><p>Acepta las condiciones</p></body></html>"
_PROXY = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
_ELSEWHERE = (*_HTML, ("location", "https://otro-servidor.invalid/v1/messages"))

FAULTS = (
    instead("html", 11, "Contesta un portal de wifi con su página.", Head(headers=_HTML), Send(_PORTAL)),
    instead("json", 12, "Contesta otro servicio, con JSON suyo.", Head(headers=JSON), Send(b'{"ok":true}')),
    instead("vacio", 13, "Contesta que todo va bien, y nada más.", Head(headers=SSE, framing=0)),
    instead("502", 14, "Un proxy dice que no llega al servidor.", Head(502, _HTML), Send(_PROXY)),
    instead("redireccion", 15, "El servidor manda a otra dirección.", Head(307, _ELSEWHERE, framing=0)),
)
