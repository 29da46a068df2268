"""The status of a reply while it arrives, in Spanish words."""

from __future__ import annotations

from stream_core.core.deltas import Text, Thinking, ToolDone, ToolInput, ToolStarted, TurnDelta, Waiting
from stream_core.core.numbers import number
from stream_core.core.sanitize import one_line
from stream_core.texts.errors_es import retry_note, upload_note

from .thinking_summary import heading


def status(delta: TurnDelta, before: str, *, writing: bool) -> str:
    """The status after a delta; "" while text or thinking arrives.

    Args:
        delta: the newest.
        before: the status before it.
        writing: whether text has arrived.
    """
    match delta:
        case Text() | Thinking():
            return ""
        case ToolInput():
            return "Claude prepara una herramienta…"
        case ToolStarted():
            return f"Usando {one_line(delta.name, 40)}…"
        case Waiting():
            return _waiting(delta, writing=writing)
        case _:
            return before if writing and not isinstance(delta, ToolDone) else "Claude está escribiendo…"


def _waiting(waiting: Waiting, *, writing: bool) -> str:
    if waiting.reason == "retry":
        return retry_note(waiting)
    if waiting.reason == "upload":
        return f"{upload_note(waiting)} (Esc cancela)"
    if waiting.reason == "first_byte":
        return f"Esperando a que Claude empiece… {number(waiting.seconds)} s"
    if not writing:  # nothing else is quiet for so long before its first word
        return f"{heading(waiting.seconds)} (Esc cancela)"
    return f"Sin texto nuevo desde hace {number(waiting.seconds)} s… (Esc cancela)"
