"""Errors in Spanish: what happened, and what to do next. `outcomes_es` adds what was saved of the reply.

All untrusted text (the API's message, a model's name) is sanitised here.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from stream_core.core import errors as e
from stream_core.core.deltas import Waiting
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import KNOWN, suggest

SAMPLE_PROMPTS = (
    "Escribe una historia corta sobre un robot",
    "Explica cómo funciona la inteligencia artificial",
    "Crea una lista de 10 consejos para programar mejor",
    "Describe las ventajas del streaming en tiempo real",
)
"""The sample questions of `demo`; the practice server has a prepared answer for each."""

_Advice: TypeAlias = str | tuple[str, str]
"""What to do next; a pair holds the advice in the chat, and elsewhere."""

_Explanation: TypeAlias = tuple[str, _Advice]
_Explainer: TypeAlias = Callable[[Any], _Explanation]


def explain(error: e.StreamCoreError, *, in_chat: bool = False) -> str:
    """Explain an error in Spanish: what happened, and what to do next. The text is safe for a terminal.

    Args:
        error: any error of this package.
        in_chat: whether the advice may name commands of the chat.
    """
    return " ".join(filter(None, tell(error, in_chat=in_chat)))


def tell(error: e.StreamCoreError, *, in_chat: bool = False) -> tuple[str, str]:
    """Return what happened and what to do next, separately. The arguments are those of `explain`."""
    what, advice = _tell(error)
    return what, advice if isinstance(advice, str) else advice[0] if in_chat else advice[1]


def cause(error: e.StreamCoreError) -> str:
    """Return only what happened, for errors that the program is already handling itself."""
    return _tell(error)[0]


def advice_for_all(error: e.StreamCoreError) -> bool:
    """Whether the advice is only to try again, which a caller with better advice leaves out."""
    return _tell(error)[1] in (_AGAIN, _SOON)


def _tell(error: e.StreamCoreError) -> _Explanation:
    for kind in type(error).__mro__:
        explainer = _EXPLAINERS.get(kind)
        if explainer is not None:
            return explainer if isinstance(explainer, tuple) else explainer(error)
    raise AssertionError("the root of the tree has an explainer")  # pragma: no cover


def why_not(error: OSError, more: Mapping[int, str] | None = None) -> str:
    """Return the reason in Spanish why a file cannot be read or written; `more` adds reasons by errno."""
    if isinstance(error, PermissionError):
        return "no tienes permiso"
    reasons = {errno.ENOSPC: "no queda espacio", errno.EROFS: "es de solo lectura", **(more or {})}
    return reasons.get(error.errno or 0, "el sistema no lo permite")


def why_not_written(error: OSError) -> str:
    """Return the reason in Spanish why a file named by the user cannot be written."""
    return why_not(
        error,
        {
            errno.ENOENT: "esa carpeta no existe",
            errno.ENOTDIR: "esa carpeta no existe",
            errno.ENAMETOOLONG: "el nombre es demasiado largo",
        },
    )


def retry_note(waiting: Waiting) -> str:
    """Announce a retry in Spanish: which attempt of how many, when, and why."""
    when = f"Reintento {waiting.attempt}/{waiting.of} en {max(1, round(waiting.seconds))} s"
    if waiting.cause is None:
        return f"{when}…"
    why = cause(waiting.cause)  # last, because a narrow window cuts the end of the line
    return f"{when}: {why[0].lower()}{why[1:]}"


def _with_detail(sentence: str, advice: _Advice) -> _Explainer:
    """Return an explainer whose sentence holds the API's own short message in place of `{}`."""

    def tell(error: e.ApiError) -> _Explanation:
        detail = one_line(error.detail)
        return sentence.format(f" («{detail}»)" if detail else ""), advice

    return tell


def _config(error: e.ConfigError) -> _Explanation:
    return one_line(error.hint, 400), ""


def _model_not_found(error: e.ModelNotFound) -> _Explanation:
    model = one_line(error.model, 60)
    if not model:
        return "El modelo pedido no existe o tu cuenta no tiene acceso.", _OTHER_MODEL
    other = suggest(model, error.available or KNOWN)
    hint = f"¿Querías decir «{other}»? " if other != model else ""
    in_chat, elsewhere = _OTHER_MODEL
    said = one_line(error.detail)
    # The API only repeats the name; other servers say what to do, such as to load it first.
    words = f" («{said}»)" if said and not said.startswith("model: ") else ""
    what = f"El modelo «{model}» no existe, ya se retiró o tu cuenta no tiene acceso{words}."
    return what, (f"{hint}{in_chat}", f"{hint}{elsewhere}")


_ADDS_NOTHING = ("authentication_error", "rate_limit_error", "overloaded_error")
_KEY_IS_WRONG = ("invalid x-api-key", "invalid api key", "unauthorized", "invalid bearer token")


def _more_words(error: e.ApiError) -> str:
    """The server's own message in brackets; "" if it adds nothing to the sentence, as with Anthropic's API."""
    said = one_line(error.detail)
    if error.api_type in _ADDS_NOTHING or said.rstrip(".!").lower() in ("", *_KEY_IS_WRONG):
        return ""
    return f" («{said}»)"


def _overloaded(error: e.Overloaded) -> _Explanation:
    return f"La API está saturada en este momento{_more_words(error)}.", _SOON


def _rate_limited(error: e.RateLimited) -> _Explanation:
    what = f"La API recibió demasiadas peticiones en poco tiempo y pide una pausa{_more_words(error)}."
    if error.retry_after is None:
        return what, _SOON
    later = f"Vuelve a preguntar dentro de {_span(error.retry_after)}"
    return what, (f"{later}, o cambia de modelo con «/modelo».", f"{later}.")


def _not_accepted(error: e.AuthFailed) -> _Explanation:
    where = one_line(error.source, 60)
    origin = f" (viene de {where})" if where else ""
    return (
        f"La API no aceptó la clave{origin}{_more_words(error)}.",
        (
            "Revísala en tu archivo .env o en el entorno y abre otra vez el chat.",
            "Revísala en tu archivo .env o en el entorno y vuelve a empezar.",
        ),
    )


def _page(error: e.ProxyPage) -> _Explanation:
    title, via = one_line(error.title, 60), _via(error.proxy)
    said = " ".join(
        filter(None, [f"error {error.status}" if error.status else "", f"«{title}»" if title else ""])
    )
    return (
        f"No respondió la API: llegó una página web{f' ({said})' if said else ''}, quizá de un proxy, un "
        f"cortafuegos o un portal wifi{via}.",
        "Revisa la red y ANTHROPIC_BASE_URL.",
    )


def _via(proxy: str) -> str:
    """Name the proxy from the environment, if there is one."""
    return f" (a través del proxy «{one_line(proxy, 80)}» del entorno)" if proxy else ""


def _connection(sentence: str, advice: _Advice) -> _Explainer:
    """Return an explainer for a failed connection that names the proxy, if there is one."""

    def tell(error: e.ConnectionFailed) -> _Explanation:
        if not error.proxy:
            return sentence, advice
        return f"{sentence[:-1]}{_via(error.proxy)}.", "Revisa HTTPS_PROXY, HTTP_PROXY o ALL_PROXY."

    return tell


def _proxy_refused(error: e.ProxyRefused) -> _Explanation:
    answer = one_line(error.answer, 60)
    what = f"El proxy «{one_line(error.proxy, 80)}» del entorno no dejó pasar la conexión"
    advice = "Revisa HTTPS_PROXY o ALL_PROXY, y si ese proxy pide usuario y contraseña."
    return f"{what}{f' («{answer}»)' if answer else ''}.", advice


def _untrusted(error: e.TlsFailed) -> _Explanation:
    return (
        f"El certificado del servidor no es de fiar{_via(error.proxy)}, así que no se envió nada.",
        "Revisa la fecha del equipo, la red o el proxy; si es el de tu organización, indícalo en SSL_CERT_FILE.",
    )


def _tls_broken(error: e.TlsBroken) -> _Explanation:
    if not error.alert:
        return (
            f"El servidor cortó antes de acordar una conexión segura{_via(error.proxy)}: no se envió nada.",
            _AGAIN,
        )
    return (
        f"El servidor rechazó la conexión segura (TLS: «{one_line(error.alert, 60)}»){_via(error.proxy)}: no "
        "se envió nada.",
        "Comprueba que la dirección es la correcta; quizá el servidor pide un certificado propio o habla una "
        "versión de TLS que este equipo no admite.",
    )


def _server_error(error: e.ServerError) -> _Explanation:
    if error.status in (502, 504) and (error.from_proxy or not error.detail):
        return f"Un servidor intermedio no llega a la API (error {error.status}).", _SOON
    if error.from_proxy:
        return f"Un servidor intermedio respondió en lugar de la API (error {error.status}).", _SOON
    return _with_detail("La API tuvo un fallo por su lado{}.", _SOON)(error)


def _store(sentence: str, advice: _Advice) -> _Explainer:
    """Return an explainer whose sentence holds the file or folder in place of `{}`."""

    def tell(error: e.StoreError) -> _Explanation:
        where = one_line(error.where, 80)
        return sentence.format(f" («{where}»)" if where else ""), advice

    return tell


def _store_holder_stopped(error: e.StoreHolderStopped) -> _Explanation:
    process = f" (proceso {error.pid})" if error.pid else ""
    return (
        f"Otro chat está detenido{process} justo mientras guardaba, y el archivo de conversaciones lo espera.",
        (
            "Este sigue: lo que hables se guarda aparte y pasa al archivo en cuanto el otro continúe («fg») o acabe.",
            "Haz que continúe («fg») o ciérralo.",
        ),
    )


def _store_corrupt(error: e.StoreCorrupt) -> _Explanation:
    where, aside = one_line(error.where, 80), one_line(error.aside, 80)
    what = f"El archivo de conversaciones está dañado{f' («{where}»)' if where else ''}."
    if not aside:
        return what, "No lo toco: apártalo tú, o indica otra carpeta en STREAM_CORE_DATA_DIR."
    return what, f"No se ha borrado nada: lo he apartado como «{aside}» y empiezo uno nuevo."


def _span(seconds: float) -> str:
    """Format a duration in words, rounded up so that the promised wait is never too short."""
    whole = max(1, int(-(-seconds // 1)))
    if whole < 90:
        return f"{whole} segundo" + ("s" if whole != 1 else "")
    minutes = -(-whole // 60)
    if minutes < 90:
        return f"{minutes} minutos"
    return f"{-(-minutes // 60)} horas"


_AGAIN = ("«/reintentar» repite la pregunta.", "Vuelve a preguntar cuando quieras.")
_SOON = (
    "Espera un poco y usa «/reintentar», o cambia de modelo con «/modelo».",
    "Espera un poco y vuelve a preguntar.",
)
_OTHER_MODEL = ("Elige otro con «/modelo».", "Elige otro con --model.")
_OURS = "Es un defecto nuestro:"

_EXPLAINERS: Mapping[type, _Explanation | _Explainer] = {
    e.StreamCoreError: ("Algo falló que este programa no conoce.", _AGAIN),
    e.UsageError: (f"{_OURS} el programa usó mal su propio motor.", _AGAIN),
    e.WrongLoop: (
        f"{_OURS} el programa usó el mismo cliente desde dos bucles de eventos.",
        "Reinicia el programa.",
    ),
    e.ConfigError: _config,
    e.StoreError: _store(
        "No se pudieron guardar o leer las conversaciones{}.",
        (
            "El chat sigue; lo de esta sesión se conserva en memoria y se intentará guardar otra vez.",
            "Esta vez no se guarda nada.",
        ),
    ),
    e.StoreFull: _store(
        "No queda espacio para guardar la conversación{}.",
        (
            "El chat sigue; libera espacio y con la siguiente pregunta se guardará todo.",
            "Libera espacio: hasta entonces no se guarda nada.",
        ),
    ),
    e.StoreReadOnly: _store(
        "No se puede escribir donde se guardan las conversaciones{}.",
        (
            "El chat sigue sin guardar; revisa los permisos y con la siguiente pregunta se intentará otra vez.",
            "Revisa los permisos: hasta entonces no se guarda nada.",
        ),
    ),
    e.StoreBusy: _store(
        "Otro programa ocupa el archivo de conversaciones, o el disco no responde{}.",
        (
            "El chat sigue; con la siguiente pregunta se intentará guardar otra vez.",
            "Esta vez no se guarda nada.",
        ),
    ),
    e.StoreHolderStopped: _store_holder_stopped,
    e.StoreCorrupt: _store_corrupt,
    e.StoreTooLarge: _store(
        "Un texto guardado ocupa más de lo que este programa lee o escribe{}.",
        "Lo demás sigue como estaba.",
    ),
    e.StoreMoved: _store(
        "Alguien movió o borró el archivo de conversaciones mientras el chat estaba abierto{}.",
        "Empiezo uno nuevo; lo anterior sigue allí donde lo hayan llevado.",
    ),
    e.StoreTooNew: _store(
        "Las conversaciones guardadas son de una versión más nueva de este programa{}.",
        "No las toco y esta no se guarda: actualiza el programa.",
    ),
    e.StoreRefused: _store(
        "El sitio de las conversaciones es un enlace, es de otra persona o no es un archivo corriente{}.",
        "No lo uso: quítalo, o indica otra carpeta en STREAM_CORE_DATA_DIR.",
    ),
    e.ConnectionFailed: _connection(
        "No se pudo conectar con el servidor.",
        (f"Revisa tu conexión a internet; {_AGAIN[0]}", f"Revisa tu conexión a internet. {_AGAIN[1]}"),
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
    e.ConnectionLost: ("La conexión se cortó antes de terminar la respuesta.", _AGAIN),
    e.Truncated: ("La respuesta llegó incompleta: el servidor la cerró antes de tiempo.", _AGAIN),
    e.IdleTimeout: ("El servidor dejó de responder y se acabó la espera.", _AGAIN),
    e.TotalTimeout: (
        "La respuesta pasó del tiempo máximo que pusiste.",
        "Sube --total-timeout (o STREAM_CORE_TOTAL_TIMEOUT) si quieres esperar más.",
    ),
    e.ProtocolError: (
        "El servidor envió algo que no se entiende.",
        "Si se repite y usas otro servidor, comprueba que es compatible con la API de Messages.",
    ),
    e.NotTheApi: (
        "Respondió algo que no es la API de Claude: quizá un proxy, un portal wifi u otro servicio.",
        "Revisa la red y ANTHROPIC_BASE_URL.",
    ),
    e.ProxyPage: _page,
    e.Redirected: (
        "El servidor manda a otra dirección y la clave no se envía allí.",
        "Revisa ANTHROPIC_BASE_URL.",
    ),
    e.TooManyRounds: (
        "Claude pidió herramientas más veces de las permitidas y se cortó ahí.",
        "Pregunta algo más concreto.",
    ),
    e.ApiError: _with_detail("La API respondió con un error{}.", _AGAIN),
    e.BadRequest: _with_detail(
        "La API no aceptó la petición{}.", "Cambia la pregunta o empieza otra conversación."
    ),
    e.TooLarge: _with_detail(
        "La conversación es demasiado larga para el modelo{}.",
        "Acorta la pregunta o empieza otra conversación (en el chat, con «limpiar»).",
    ),
    e.AuthFailed: _not_accepted,
    e.NoCredential: (
        "ANTHROPIC_API_KEY no encontrada: no se envió nada.",
        "Pon tu clave en el archivo .env o en el entorno y vuelve a empezar.",
    ),
    e.AccessDenied: _with_detail(
        "Tu cuenta no puede hacer esto{}.", "Revisa los permisos y el saldo en la consola de Anthropic."
    ),
    e.ModelNotFound: _model_not_found,
    e.EndpointNotFound: _with_detail(
        "El servidor no tiene nada que responda en esa dirección{}.",
        "Revisa ANTHROPIC_BASE_URL: va sin /v1 al final, y el servidor debe entender la API de Messages.",
    ),
    e.NoModelList: (
        "Este servidor no tiene lista de modelos.",
        ("Escribe el nombre de uno: «/modelo nombre».", "Escribe el nombre de uno en --model."),
    ),
    e.RateLimited: _rate_limited,
    e.Overloaded: _overloaded,
    e.ServerError: _server_error,
}
