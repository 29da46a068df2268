"""Errors in Spanish: what happened, and what to do next. `outcomes_es` adds what was saved of the reply.

All untrusted text (the API's message, a model's name) is sanitised here.
"""

from __future__ import annotations

from collections.abc import Mapping

from stream_core.core import errors as e
from stream_core.core.deltas import Waiting
from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line
from stream_core.models.catalogue import suggest
from stream_core.models.lines import KNOWN

from .connection_errors_es import CONNECTION_ERRORS
from .explanation import AGAIN, SOON, Advice, Explainer, Explanation
from .store_errors_es import STORE_ERRORS

SAMPLE_PROMPTS = (
    "Escribe una historia corta sobre un robot",
    "Explica cómo funciona la inteligencia artificial",
    "Crea una lista de 10 consejos para programar mejor",
    "Describe las ventajas del streaming en tiempo real",
    "¿Qué es el streaming?",
    "¿Cómo funciona el streaming?",
    "¿Qué es un token?",
    "¿Qué pasa si se corta la conexión?",
    "¿Cuánto cuesta una respuesta?",
)
"""The sample questions of `demo`; the practice server has a prepared answer for each."""


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
    return _tell(error)[1] in (AGAIN, SOON)


def _tell(error: e.StreamCoreError) -> Explanation:
    for kind in type(error).__mro__:
        explainer = _EXPLAINERS.get(kind)
        if explainer is not None:
            return explainer if isinstance(explainer, tuple) else explainer(error)
    raise AssertionError("the root of the tree has an explainer")  # pragma: no cover


def retry_note(waiting: Waiting) -> str:
    """Announce a retry in Spanish: which attempt of how many, when, and why."""
    when = f"Reintento {waiting.attempt}/{waiting.of} en {number(max(1, round(waiting.seconds)))} s"
    if waiting.cause is None:
        return f"{when}…"
    why = cause(waiting.cause)  # last, because a narrow window cuts the end of the line
    return f"{when}: {why[0].lower()}{why[1:]}"


def upload_note(waiting: Waiting) -> str:
    """Tell in Spanish how much of a request has been sent: `Enviando… 3.2 de 21.4 MB`."""
    return f"Enviando… {number(waiting.sent / 1_000_000, 1)} de {number(waiting.size / 1_000_000, 1)} MB"


def quarter_sent(waiting: Waiting) -> int:
    """Return how many quarters of a request have been sent, for those who are told of it step by step."""
    return 4 * waiting.sent // waiting.size if waiting.size else 0


def _with_detail(sentence: str, advice: Advice) -> Explainer:
    """Return an explainer whose sentence holds the API's own short message in place of `{}`."""

    def tell(error: e.ApiError) -> Explanation:
        detail = one_line(error.detail)
        return sentence.format(f" («{detail}»)" if detail else ""), advice

    return tell


def _config(error: e.ConfigError) -> Explanation:
    return one_line(error.hint, 400), ""


def _model_not_found(error: e.ModelNotFound) -> Explanation:
    model = one_line(error.model, 60)
    if not model:
        return "El modelo pedido no existe o tu cuenta no tiene acceso.", _OTHER_MODEL
    other = suggest(model, error.available or KNOWN)
    hint = f"¿Querías decir «{other}»? " if other != model else ""
    in_chat, elsewhere = _OTHER_MODEL
    detail = one_line(error.detail)
    # The API only repeats the name; other servers say what to do, such as to load it first.
    words = f" («{detail}»)" if detail and not detail.startswith("model: ") else ""
    what = f"El modelo «{model}» no existe, ya se retiró o tu cuenta no tiene acceso{words}."
    return what, (f"{hint}{in_chat}", f"{hint}{elsewhere}")


_ADDS_NOTHING = ("authentication_error", "rate_limit_error", "overloaded_error")
_KEY_IS_WRONG = ("invalid x-api-key", "invalid api key", "unauthorized", "invalid bearer token")


def _more_words(error: e.ApiError) -> str:
    """The server's own message in brackets; "" if it adds nothing to the sentence, as with Anthropic's API."""
    detail = one_line(error.detail)
    if error.api_type in _ADDS_NOTHING or detail.rstrip(".!").lower() in ("", *_KEY_IS_WRONG):
        return ""
    return f" («{detail}»)"


def _overloaded(error: e.Overloaded) -> Explanation:
    return f"La API está saturada en este momento{_more_words(error)}.", SOON


def _rate_limited(error: e.RateLimited) -> Explanation:
    what = f"La API recibió demasiadas peticiones en poco tiempo y pide una pausa{_more_words(error)}."
    if error.retry_after is None:
        return what, SOON
    later = f"Vuelve a preguntar dentro de {_span(error.retry_after)}"
    return what, (f"{later}, o cambia de modelo con «/modelo».", f"{later}.")


def _not_accepted(error: e.AuthFailed) -> Explanation:
    where = one_line(error.source, 60)
    origin = f" (viene de {where})" if where else ""
    return (
        f"La API no aceptó la clave{origin}{_more_words(error)}.",
        (
            "Revísala en tu archivo .env o en el entorno y abre otra vez el chat.",
            "Revísala en tu archivo .env o en el entorno y vuelve a empezar.",
        ),
    )


def _server_error(error: e.ServerError) -> Explanation:
    if error.status in (502, 504) and (error.from_proxy or not error.detail):
        return f"Un servidor intermedio no llega a la API (error {error.status}).", SOON
    if error.from_proxy:
        return f"Un servidor intermedio respondió en lugar de la API (error {error.status}).", SOON
    return _with_detail("La API tuvo un fallo por su lado{}.", SOON)(error)


def _span(seconds: float) -> str:
    """Format a duration in words, rounded up so that the promised wait is never too short."""
    whole = max(1, int(-(-seconds // 1)))
    if whole < 90:
        return f"{whole} segundo" + ("s" if whole != 1 else "")
    minutes = -(-whole // 60)
    if minutes < 90:
        return f"{minutes} minutos"
    return f"{-(-minutes // 60)} horas"


_OTHER_MODEL = ("Elige otro con «/modelo».", "Elige otro con --model.")
_OURS = "Es un error nuestro:"

_EXPLAINERS: Mapping[type, Explanation | Explainer] = {
    **STORE_ERRORS,
    **CONNECTION_ERRORS,
    e.StreamCoreError: ("Algo falló que este programa no conoce.", AGAIN),
    e.UsageError: (f"{_OURS} el programa usó mal su propio motor.", AGAIN),
    e.WrongLoop: (
        f"{_OURS} el programa usó el mismo cliente desde dos bucles de eventos.",
        "Reinicia el programa.",
    ),
    e.ConfigError: _config,
    e.TooManyRounds: (
        "Claude pidió herramientas más veces de las permitidas y se detuvo ahí.",
        "Pregunta algo más concreto.",
    ),
    e.ApiError: _with_detail("La API respondió con un error{}.", AGAIN),
    e.BadRequest: _with_detail(
        "La API no aceptó la petición{}.", "Cambia la pregunta o empieza otra conversación."
    ),
    e.TooLarge: _with_detail(
        "La conversación es demasiado larga para el modelo{}.",
        "Acorta la pregunta o empieza otra conversación (en el chat, con «limpiar»).",
    ),
    e.InputNotSupported: _with_detail(
        "El modelo o su servidor no admite lo que va con la pregunta{}.",
        (
            "Elige otro modelo con «/modelo», o pregunta sin adjuntos.",
            "Elige otro modelo con --model, o pregunta sin adjuntos.",
        ),
    ),
    e.FileGone: _with_detail(
        "Un archivo que se había subido ya no está en el servidor{}.", "Vuelve a preguntar: se sube otra vez."
    ),
    e.NoFiles: (
        "Este servidor no guarda archivos.",
        "Con «--upload-over no» lo adjunto va en cada petición; un texto largo puede ir por partes con --chunked.",
    ),
    e.AuthFailed: _not_accepted,
    e.NoCredential: (
        "ANTHROPIC_API_KEY no encontrada: no se envió nada.",
        "Escríbela en tu archivo .env o en el entorno y vuelve a empezar.",
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
