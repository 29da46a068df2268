"""The outcome of a reply in Spanish: what happened, what was saved, what to do next."""

from __future__ import annotations

from stream_core.core.deltas import Finished
from stream_core.core.errors import AuthFailed, BadRequest, UsageError
from stream_core.core.numbers import counted
from stream_core.core.reply import ReplyLike
from stream_core.core.sanitize import one_line

from .deviations_es import missing_note
from .errors_es import advice_for_all, tell

_NOT_RETRYABLE = (AuthFailed, BadRequest, UsageError)  # a retry would fail in the same way
_USUAL_STOPS = ("end_turn", "stop_sequence", "tool_use")


APART = (
    "Lo nuevo no empieza donde se quedó la respuesta: va en un párrafo aparte, por si repite algo o falta algo "
    "en medio."
)
"""Told where a continuation does not meet the text that it was to continue."""


def outcome_note(
    reply: ReplyLike, *, in_chat: bool = True, before: str = "", aside: bool = False
) -> str | None:
    """Describe how a reply ended; None if it is simply complete.

    Args:
        reply: the reply, or the turn.
        in_chat: whether the conversation goes on; one-shot mode promises nothing.
        before: the text that the reply continues, or "".
        aside: whether another answer to the question goes on with the conversation: this one's ending then says
            nothing of what becomes of the question.
    """
    match reply.outcome:
        case "cancelled":
            return _join("Cancelada por ti.", _kept(reply, before) if in_chat and not aside else "")
        case "interrupted":
            return _join("Streaming interrumpido.", *_why(reply, before, in_chat=in_chat, aside=aside))
        case "error" if before:
            return _join(*_why(reply, before, in_chat=in_chat, aside=aside))
        case "error":
            return _failed(reply, in_chat=in_chat, aside=aside)
        case "max_tokens":
            return _cut_short(reply, before, in_chat=in_chat and not aside)
        case "refused":
            return _refused(reply, before, aside=aside)
        case _:
            return _unusual_stop(reply, before, aside=aside) or missing_note(reply.deviations)


def _why(reply: ReplyLike, before: str, *, in_chat: bool, aside: bool) -> tuple[str, ...]:
    if reply.error is None:
        return ()
    what, advice = tell(reply.error, in_chat=in_chat)
    if not in_chat:
        return what, advice
    # Generic advice is left out: `_kept` has a better one.
    advice = "" if advice_for_all(reply.error) else advice
    return what, _tried(reply), "" if aside else _kept(reply, before), advice


def _failed(reply: ReplyLike, *, in_chat: bool, aside: bool) -> str | None:
    if reply.error is None:
        return None
    what, advice = tell(reply.error, in_chat=in_chat)
    if aside and advice_for_all(reply.error):
        advice = ""
    later = (
        in_chat
        and not aside
        and "«/reintentar»" not in advice
        and not isinstance(reply.error, _NOT_RETRYABLE)
    )
    return _join(what, _tried(reply), advice, "Después, «/reintentar» repite la pregunta." if later else "")


def _tried(reply: ReplyLike) -> str:
    return f"Lo intenté {counted(reply.attempts, 'vez', 'veces')}." if reply.attempts > 1 else ""


def _kept(reply: ReplyLike, before: str) -> str:
    text = before + reply.text
    if not text.strip():
        return "No había llegado texto, así que esta pregunta no cuenta en la conversación. «/reintentar» la repite."
    if before and not reply.text.strip():
        return f"No llegó nada nuevo. Conservo lo que había ({_characters(text)}); «/continuar» lo intenta otra vez."
    arrived = "que llegó" if len(text) == 1 else "que llegaron"
    return f"Conservo {'el carácter' if len(text) == 1 else f'los {_characters(text)}'} {arrived}. «/continuar» sigue desde ahí."


def _characters(text: str) -> str:
    return "un carácter" if len(text) == 1 else counted(len(text), "carácter", "caracteres")


def _join(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _cut_short(reply: ReplyLike, before: str, *, in_chat: bool) -> str:
    if reply.stop_reason == "model_context_window_exceeded":
        return "La conversación llenó el espacio del modelo y la respuesta quedó cortada. Empieza otra (en el chat, con «limpiar»)."
    if not (before + reply.text).strip():
        return "Claude agotó el máximo de tokens antes de escribir nada. Usa un --max-tokens mayor."
    more = ": «/continuar» la sigue, o usa" if in_chat else ". Usa"
    return f"La respuesta llegó al máximo de tokens y quedó cortada{more} un --max-tokens mayor."


def _refused(reply: ReplyLike, before: str, *, aside: bool) -> str:
    category = one_line(str((reply.stop_details or {}).get("category") or ""), 60)
    reason = f" (categoría: {category})" if category else ""
    if before:
        return f"Claude no quiso seguir con esto{reason}. La respuesta queda como estaba."
    if aside:
        return f"Claude no quiso responder a esto{reason}."
    return f"Claude no quiso responder a esto{reason}. Esta pregunta no se enviará de nuevo; prueba a plantearla de otra forma."


def _unusual_stop(reply: ReplyLike, before: str, *, aside: bool) -> str | None:
    if not isinstance(reply.ending, Finished):
        return None
    if reply.stop_reason == "pause_turn":
        return "Claude hizo una pausa y le queda algo por decir. Pide que siga."
    if reply.stop_reason in _USUAL_STOPS:
        if reply.text.strip() or reply.stop_reason == "tool_use":
            return None
        if before:
            return "No faltaba nada: la respuesta ya estaba entera."
        if aside:
            return "Claude terminó sin escribir nada."
        return "Claude terminó sin escribir nada, así que esta pregunta no cuenta."
    return f"Claude se detuvo por un motivo que este programa no conoce: «{one_line(reply.stop_reason or '', 60)}»."
