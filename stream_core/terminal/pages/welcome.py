"""The welcome: three lines, one of them about what is special this time. Pure, and safe."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from stream_core.config.options.appearance import Look
from stream_core.config.settings import Settings
from stream_core.core.sanitize import one_line
from stream_core.texts.instructions_es import in_force

_NAME = "Chat con Claude en streaming"
_PRACTICE = "Modo práctica: respuestas preparadas, sin IA."
_REPLAY = "Respuestas grabadas: ahora no responde ninguna IA."
_BEGIN = "Escribe y pulsa Enter. También: "
_BEGIN_PRACTICE = "Prueba «¿Qué es el streaming?». También "
_BEGIN_FILES = "Prueba «Lista la carpeta». También "
_NO_KEY = "ANTHROPIC_API_KEY no encontrada: mira «ayuda clave»."


def welcome(settings: Settings, look: Look) -> Iterator[Text]:
    """Yield the lines: the program, who answers, and how to begin."""
    colours = look.colours
    yield Text(_NAME if look.plain else f"🎬 {_NAME}", "bold")
    yield _who(settings, look)
    practice = _BEGIN_FILES if settings.tools.folder is not None else _BEGIN_PRACTICE
    begin = practice if settings.connection.practice and not settings.wire.replay else _BEGIN
    yield Text.assemble(
        (begin, colours.quiet), "ayuda", (", ", colours.quiet), "demo", (" y ", colours.quiet), "exit",
        (".", colours.quiet),
    )  # fmt: skip


_TINY = " Es diminuto: responde en inglés y se equivoca mucho."


def _who(settings: Settings, look: Look) -> Text:
    connection, quiet = settings.connection, look.colours.quiet
    if settings.wire.replay:
        line = Text(_REPLAY, quiet)
    elif connection.practice:
        line = Text(_PRACTICE if connection.practice_requested else f"{_PRACTICE} {_NO_KEY}", quiet)
    else:
        line = Text(f"Modelo: {one_line(settings.model, 60)}", quiet)
    if connection.local is not None:
        line.append(f", en esta máquina.{_TINY if connection.local.included else ''}")
    elif not connection.practice and connection.server:
        line.append(f" · Servidor: {one_line(connection.shown_server, 80)}", "not dim")
    if settings.instructions:
        line.append(f" · Indicaciones: {in_force(settings.instructions)}")
    return line


def key_steps(settings: Settings) -> tuple[str, ...]:
    """The steps that lead from practice mode to Claude."""
    return (
        "Crea una clave en la consola de Anthropic: https://console.anthropic.com",
        f"Escribe ANTHROPIC_API_KEY=tu_clave {_where_it_goes(settings)}",
        "Vuelve a abrir el chat.",
    )


def _where_it_goes(settings: Settings) -> str:
    file = settings.paths.key_file
    if file is None:
        return "en el entorno."
    create = "" if file.exists() else " (créalo: aún no existe)"
    return f"en tu archivo .env{create}: {one_line(str(file.absolute()), 200)}"
