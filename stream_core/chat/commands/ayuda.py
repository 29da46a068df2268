"""`ayuda`: list the commands and keys."""

from __future__ import annotations

from stream_core.chat.commands import Command, all_commands
from stream_core.chat.session import Session

KEYS = (
    ("Enter", "envía el mensaje"),
    (
        "Alt+Enter, Ctrl+J",
        "línea nueva dentro del mensaje; donde la terminal los distingue, también Mayús+Enter y Ctrl+Enter",
    ),
    ("\\ y Enter", "línea nueva, si la barra es lo último de la línea"),
    ("Ctrl+C", "mientras llega una respuesta, la corta y conserva lo que llegó; si no, borra la línea"),
    ("Esc", "corta la respuesta que está llegando, igual que Ctrl+C"),
    ("Ctrl+D", "sale, con la línea vacía"),
    ("↑ ↓", "mensajes anteriores; también el que borró Ctrl+C"),
    ("Ctrl+R", "busca en los mensajes anteriores"),
    ("Ctrl+G, Ctrl+X Ctrl+E", "abre el mensaje en tu editor ($VISUAL o $EDITOR)"),
    ("Tab", "completa un comando y lo que admite"),
)

PLAIN_KEYS = (
    ("Enter", "envía el mensaje; varias líneas pegadas son un solo mensaje"),
    ("\\ y Enter", "línea nueva, si la barra es lo último de la línea"),
    ("Ctrl+C", "mientras llega una respuesta, la corta y conserva lo que llegó; si no, borra la línea"),
    ("Ctrl+D", "sale, con la línea vacía"),
)
"""Those of the plain mode, whose line is the terminal's own."""


def _run(session: Session, argument: str) -> None:
    rows = ((", ".join(command.words), command.summary) for command in all_commands())
    keys = PLAIN_KEYS if session.screen.look.plain else KEYS
    session.screen.commands([*rows, *keys])


COMMAND = Command(
    name="ayuda",
    summary="esta lista",
    run=_run,
    order=60,
    aliases=("help",),
    known_as=("h", "commands"),
    related=("comandos", "manual", "instrucciones", "teclas", "shortcuts", "atajos"),
)
