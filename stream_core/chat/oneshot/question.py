"""The question of one run: from the command line and a pipe, with the files that go with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stream_core.chat.process.standard_streams import has_piped_input, say
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment
from stream_core.core.errors import ConfigError
from stream_core.core.sanitize import sanitize_message, tags_in
from stream_core.core.watchdog import watchdog
from stream_core.texts.unseen_es import tags_sent

if TYPE_CHECKING:
    from stream_core.files.blobs import Blobs
    from stream_core.practice.replay import Replay

_PIPED_NAME = "entrada"
_MOST_INPUT = 8 * 1024 * 1024
_SILENCE_SECONDS = 2.0


def question_of(settings: Settings, replay: Replay | None, files: Blobs) -> tuple[str, list[Attachment]]:
    """The question, and the files that go with it: named by a flag or with an `@`, or piped."""
    argument = settings.invocation.question or ""
    piped, attached = _piped(files) if has_piped_input() else ("", [])
    if settings.invocation.attach or "@" in argument:  # else what deals with files is not loaded
        attached = _with_named(attached, argument, settings, files)
    # Indentation is content. The newlines that end a file are not.
    parts = (sanitize_message(argument), sanitize_message(piped).rstrip("\n"))
    question = "\n\n".join(part for part in parts if part.strip())
    if not question and replay is not None:
        from stream_core.chat.session.replaying import first_question

        return first_question(replay), []
    if not question and attached:
        raise ConfigError("Falta la pregunta: di entre comillas qué hago con lo adjunto.")
    if not question:
        raise ConfigError("No hay pregunta: escríbela entre comillas o mándala por una tubería.")
    if unseen := tags_in(question):
        say(tags_sent(unseen))
    return question, attached


def _with_named(piped: list[Attachment], argument: str, settings: Settings, files: Blobs) -> list[Attachment]:
    """Return all files, each once: what was piped, and what flags and the question name."""
    from stream_core.chat.attached.tray import take, without_doubles

    attached = [*piped]
    for typed in (*settings.invocation.attach, *_mentioned(argument)):
        taken = take(typed, files, _confirm)
        if taken.refused:
            raise ConfigError(taken.refused)
        say(*taken.notes)
        attached += taken.attached
    return without_doubles(attached)


def _mentioned(argument: str) -> list[str]:
    """The paths that a question names with an `@` and that exist.

    Raises:
        ConfigError: one was meant, and does not exist.
    """
    from stream_core.chat.attached.finding import exists
    from stream_core.chat.attached.slips import slip_in
    from stream_core.core.mentions import mentions

    if slip := slip_in(argument):
        raise ConfigError(slip)
    found = (next(filter(exists, mention.paths), None) for mention in mentions(argument))
    return [path for path in found if path is not None]


def _confirm(question: str) -> bool:
    """Ask on stderr; without a terminal to answer on, a folder or a pattern is not sent."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise ConfigError(f"{question} Sin terminal no puedo preguntártelo: nombra cada archivo con -a.")
    say(f"{question} (sí/no)")
    if fold(sys.stdin.readline().strip()) in ("si", "s", "yes", "y"):
        return True
    raise ConfigError("No se envió nada.")


def _piped(files: Blobs) -> tuple[str, list[Attachment]]:
    from stream_core.chat.attached.limits import MOST_REQUEST
    from stream_core.chat.input.piped_text import decode
    from stream_core.core.file_kinds import kind_of
    from stream_core.files.attaching import NotAttachable, take_in_bytes

    with watchdog(_SILENCE_SECONDS, _tell_waiting):
        data = sys.stdin.buffer.read(_MOST_INPUT + 1)
    kind = kind_of(data)
    if kind is not None and kind.media_type:
        with watchdog(_SILENCE_SECONDS, _tell_waiting):
            data += sys.stdin.buffer.read(MOST_REQUEST)  # what is larger is refused before it is sent
        try:
            return "", [take_in_bytes(data, _PIPED_NAME, files)[0]]
        except NotAttachable as why:
            raise ConfigError(f"Lo que llega por la entrada {why}.") from None
    if len(data) > _MOST_INPUT:
        raise ConfigError(
            "Lo que llega por la tubería pasa de 8 MB: es demasiado para una pregunta. Acórtalo."
        )
    text, note = decode(data)
    if note:
        say(note)
    return text, []


def _tell_waiting() -> None:
    """Announce a long wait on stderr, so that the program is not silent."""
    say("Esperando el texto que llega por la entrada (Ctrl+C para cancelar)…")
