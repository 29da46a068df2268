"""How a reply ended, told to a person in Spanish: what happened, what was kept, what to do next."""

from __future__ import annotations

from .deltas import Finished
from .reply import Reply
from .sanitize import one_line
from .texts import advice_for_all, cause, explain

_USUAL_STOPS = ("end_turn", "stop_sequence", "tool_use")


def outcome_note(reply: Reply, *, in_chat: bool = True, before: str = "") -> str | None:
    """Tell how a reply ended when that is not simply "complete".

    Args:
        in_chat: whether a conversation goes on afterwards; a program that ends has nothing to promise.
        before: the text that the reply goes on with, if it is a continuation.
    """
    kept = f" {_kept(before + reply.text)}" if in_chat else ""
    match reply.outcome:
        case "cancelled":
            return f"Streaming interrumpido.{kept}"
        case "interrupted":
            return f"Streaming interrumpido. {_why(reply, in_chat=in_chat)}{kept}"
        case "error" if before:
            return f"{_why(reply, in_chat=in_chat)}{kept}"
        case "error":
            return explain(reply.error, in_chat=in_chat) if reply.error is not None else None
        case "max_tokens":
            return _cut_short(reply, before, in_chat=in_chat)
        case "refused":
            return _refused(reply, before)
        case _:
            return _unusual_stop(reply, before)


def _why(reply: Reply, *, in_chat: bool) -> str:
    if reply.error is None:
        return ""
    # Advice for everything is left out where what was kept has a better one.
    if in_chat and advice_for_all(reply.error):
        return cause(reply.error)
    return explain(reply.error, in_chat=in_chat)


def _kept(text: str) -> str:
    if not text.strip():
        return "No había llegado texto, así que esta pregunta no cuenta en la conversación. «/reintentar» la repite."
    amount = "el carácter que llegó" if len(text) == 1 else f"los {len(text):,} caracteres que llegaron"
    return f"Conservo {amount}. «/continuar» sigue desde ahí."


def _cut_short(reply: Reply, before: str, *, in_chat: bool) -> str:
    if reply.stop_reason == "model_context_window_exceeded":
        return "La conversación llenó el espacio del modelo y la respuesta quedó cortada. Empieza otra (en el chat, con «limpiar»)."
    if not (before + reply.text).strip():
        return "Claude gastó el máximo de tokens antes de escribir nada. Usa un --max-tokens mayor."
    more = ": «/continuar» la sigue, o usa" if in_chat else ". Usa"
    return f"La respuesta llegó al máximo de tokens y quedó cortada{more} un --max-tokens mayor."


def _refused(reply: Reply, before: str) -> str:
    category = one_line(str((reply.stop_details or {}).get("category") or ""), 60)
    reason = f" (categoría: {category})" if category else ""
    if before:
        return f"Claude no quiso seguir con esto{reason}. La respuesta queda como estaba."
    return f"Claude no quiso responder a esto{reason}. Esta pregunta no se enviará de nuevo; prueba a plantearla de otra forma."


def _unusual_stop(reply: Reply, before: str) -> str | None:
    if not isinstance(reply.ending, Finished):
        return None
    if reply.stop_reason == "pause_turn":
        return "Claude hizo una pausa y le queda algo por decir. Pide que siga."
    if reply.stop_reason in _USUAL_STOPS:
        if reply.text.strip() or reply.stop_reason == "tool_use":
            return None
        if before:
            return "No faltaba nada: la respuesta ya estaba entera."
        return "Claude terminó sin escribir nada, así que esta pregunta no cuenta."
    return f"Claude se detuvo por un motivo que este programa no conoce: «{one_line(reply.stop_reason or '', 60)}»."
