"""`/copiar`: copy the last reply, or one of its code blocks, to the clipboard."""

from __future__ import annotations

from stream_core.chat.commands import Command
from stream_core.chat.session.session import Session
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line, sanitize

_IN_TMUX = " En tmux basta con «set -g set-clipboard on» o con «set -g allow-passthrough on»."


def _run(session: Session, argument: str) -> None:
    reply = next((turn.text for turn in reversed(session.conversation.turns) if turn.text.strip()), "")
    if not reply:
        session.screen.note("Todavía no hay respuesta que copiar.")
        return
    text = sanitize(reply).strip("\n")  # it may be pasted into a terminal
    what = "la última respuesta"
    if argument:
        from stream_core.chat.saved.code_fences import code_blocks  # not for every message

        blocks = code_blocks(text)
        number = int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 5 else 0
        if not 1 <= number <= len(blocks):
            session.screen.warning(_no_block(argument, len(blocks)))
            return
        text, what = blocks[number - 1], f"el bloque de código {number} de la última respuesta"
    if problem := session.screen.copy(text):
        session.screen.warning(f"{problem} Puedes sacarla a un archivo con «/exportar md».")
        return
    tmux = _IN_TMUX if session.screen.multiplexer in ("tmux", "unknown") else ""
    session.screen.note(
        f"Copié {what} al portapapeles ({counted(len(text), 'carácter', 'caracteres')}). "
        f"Si al pegar no aparece, tu terminal no lo permite o lo tiene desactivado.{tmux}"
    )


def _no_block(argument: str, count: int) -> str:
    if not count:
        return "La última respuesta no tiene bloques de código. «/copiar» la copia entera."
    which = (
        "solo tiene uno: «/copiar 1»" if count == 1 else f"tiene {count}: elige un número del 1 al {count}"
    )
    return f"No hay un bloque de código «{one_line(argument, 20)}»: la última respuesta {which}."


COMMAND = Command(
    name="copiar",
    summary="copia la última respuesta, o uno de sus bloques de código",
    usage=(
        "«/copiar» la copia entera y «/copiar 2», su segundo bloque de código. Si tu terminal no "
        "lo permite, «/exportar md» la guarda en un archivo."
    ),
    brief="copia la última respuesta",
    everyday=True,
    run=_run,
    order=23,
    bare=False,
    argument="[n]",
    known_as=("copy", "yank"),
    related=("portapapeles", "clipboard", "copia"),
)
