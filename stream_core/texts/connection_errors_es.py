"""Errors on the way to the server and back in Spanish; `errors_es` explains with them."""

from __future__ import annotations

from collections.abc import Mapping

from stream_core.core import errors as e
from stream_core.core.sanitize import one_line

from .explanation import AGAIN, Advice, Explainer, Explanation


def _page(error: e.ProxyPage) -> Explanation:
    title, via = one_line(error.title, 60), _via(error.proxy)
    shown = " ".join(
        filter(
            None,
            [f"error {error.status}" if (error.status or 0) >= 400 else "", f"«{title}»" if title else ""],
        )
    )
    return (
        f"No respondió la API: llegó una página web{f' ({shown})' if shown else ''}, quizá de un proxy, un "
        f"cortafuegos o un portal wifi{via}.",
        "Revisa la red y ANTHROPIC_BASE_URL.",
    )


def _via(proxy: str) -> str:
    """Name the proxy from the environment, if there is one."""
    return f" (a través del proxy «{one_line(proxy, 80)}» del entorno)" if proxy else ""


def _connection(sentence: str, advice: Advice) -> Explainer:
    """Return an explainer for a failed connection that names the proxy and the source of the address, if any."""

    def tell(error: e.ConnectionFailed) -> Explanation:
        if error.proxy:
            return f"{sentence[:-1]}{_via(error.proxy)}.", "Revisa HTTPS_PROXY, HTTP_PROXY o ALL_PROXY."
        if error.address:
            source = one_line(error.address_source, 60)
            where = f"{sentence[:-1]} (en {one_line(error.address, 80)}, la dirección de {source})."
            return where, (
                "Comprueba que es la correcta y que el servidor está en marcha; si no querías usarlo, quita "
                f"{source} del entorno o de tu .env."
            )
        return sentence, advice

    return tell


def _proxy_refused(error: e.ProxyRefused) -> Explanation:
    answer = one_line(error.answer, 60)
    what = f"El proxy «{one_line(error.proxy, 80)}» del entorno no dejó pasar la conexión"
    advice = "Revisa HTTPS_PROXY o ALL_PROXY, y si ese proxy pide usuario y contraseña."
    return f"{what}{f' («{answer}»)' if answer else ''}.", advice


def _untrusted(error: e.TlsFailed) -> Explanation:
    return (
        f"El certificado del servidor no es de fiar{_via(error.proxy)}, así que no se envió nada.",
        "Revisa la fecha del equipo, la red o el proxy; si es el de tu organización, indícalo en SSL_CERT_FILE.",
    )


def _tls_broken(error: e.TlsBroken) -> Explanation:
    if not error.alert:
        return (
            f"El servidor cortó antes de acordar una conexión segura{_via(error.proxy)}: no se envió nada.",
            AGAIN,
        )
    return (
        f"El servidor rechazó la conexión segura (TLS: «{one_line(error.alert, 60)}»){_via(error.proxy)}: no "
        "se envió nada.",
        "Comprueba que la dirección es la correcta; quizá el servidor pide un certificado propio o habla una "
        "versión de TLS que este equipo no admite.",
    )


def _lost(error: e.ConnectionLost) -> Explanation:
    if error.sending:
        return (
            "La conexión se cortó mientras se enviaba la petición.",
            "Vuelve a preguntar; si se repite, puede que el servidor no admita tanto: adjunta menos.",
        )
    return "La conexión se cortó antes de terminar la respuesta.", AGAIN


def _too_large(error: e.ReplyTooLarge) -> Explanation:
    if error.at_once:
        return (
            "El servidor envió de una sola vez mucho más de lo que trae una respuesta, así que se dejó de leer.",
            "Seguramente tiene un fallo. Si se repite y usas otro servidor, comprueba que es compatible con la "
            "API de Messages.",
        )
    return (
        "El servidor envía más de lo que puede ocupar una respuesta, así que se dejó de leer.",
        "Quizá tiene un fallo; si de verdad responde tanto, sube --max-reply-size (o STREAM_CORE_MAX_REPLY_SIZE).",
    )


CONNECTION_ERRORS: Mapping[type, Explanation | Explainer] = {
    e.ConnectionFailed: _connection(
        "No se pudo conectar con el servidor.",
        (f"Revisa tu conexión a internet; {AGAIN[0]}", f"Revisa tu conexión a internet. {AGAIN[1]}"),
    ),
    e.HostNotFound: _connection(
        "No se encontró el servidor por su nombre.",
        "Revisa tu conexión a internet y la dirección en ANTHROPIC_BASE_URL, si la usas.",
    ),
    e.ConnectionRefused: _connection(
        "El servidor rechazó la conexión.",
        "Comprueba que está en marcha y que la dirección y el puerto son correctos.",
    ),
    e.ProxyRefused: _proxy_refused,
    e.TlsFailed: _untrusted,
    e.TlsBroken: _tls_broken,
    e.NotTls: (
        "Lo que responde en esa dirección https:// no habla TLS: no se envió nada.",
        "Si el servidor es de tu equipo o de tu red, quizá la dirección es http://; revisa ANTHROPIC_BASE_URL y "
        "el puerto.",
    ),
    e.TlsExpected: (
        "En esa dirección http:// responde un servidor que pide TLS.",
        "Usa https:// en ANTHROPIC_BASE_URL, o revisa el puerto.",
    ),
    e.ConnectionLost: _lost,
    e.Truncated: ("La respuesta llegó incompleta: el servidor la cerró antes de tiempo.", AGAIN),
    e.IdleTimeout: ("El servidor dejó de responder y se acabó la espera.", AGAIN),
    e.TotalTimeout: (
        "La respuesta pasó del tiempo máximo que pusiste.",
        "Sube --total-timeout (o STREAM_CORE_TOTAL_TIMEOUT) si quieres esperar más.",
    ),
    e.ProtocolError: (
        "El servidor envió algo que no se entiende.",
        "Si se repite y usas otro servidor, comprueba que es compatible con la API de Messages.",
    ),
    e.ReplyTooLarge: _too_large,
    e.NotTheApi: (
        "Respondió algo que no es la API de Claude: quizá un proxy, un portal wifi u otro servicio.",
        "Revisa la red y ANTHROPIC_BASE_URL.",
    ),
    e.ProxyPage: _page,
    e.Redirected: (
        "El servidor manda a otra dirección y la clave no se envía allí.",
        "Revisa ANTHROPIC_BASE_URL.",
    ),
}
