"""One question, one answer: the text of the reply on stdout as it streams, everything else on stderr."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stream_core.chat.attached.finding import exists
from stream_core.chat.attached.limits import MOST_REQUEST
from stream_core.chat.attached.tray import rows, take, without_doubles
from stream_core.chat.attached.uploading import SessionUploads
from stream_core.chat.backend.client import Backend
from stream_core.chat.backend.successor import up_to_date
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.input.piped_text import decode
from stream_core.chat.process.standard_streams import has_piped_input, say
from stream_core.chat.reply.answer_cache import AnswerCache
from stream_core.chat.reply.exchange import Services
from stream_core.chat.reply.pipe_presenter import PipePresenter
from stream_core.chat.reply.presenter import TurnOutcome
from stream_core.chat.reply.request import add_context
from stream_core.chat.reply.runner import TurnRunner
from stream_core.chat.reply.spending import SessionSpending
from stream_core.chat.reply.toolset import Toolset
from stream_core.chat.reply.wire_taps import WireTaps
from stream_core.chat.saved.archive import Archive
from stream_core.chat.saved.chosen_file import chosen_file
from stream_core.chat.saved.resuming import resume_saved
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.stop_hook import around_stops
from stream_core.config.options.values import fold
from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment, question_blocks
from stream_core.core.conversation import Conversation
from stream_core.core.errors import AuthFailed, ConfigError, StreamCoreError
from stream_core.core.file_kinds import kind_of
from stream_core.core.mentions import mentions
from stream_core.core.sanitize import sanitize_message
from stream_core.files.attaching import NotAttachable, take_in_bytes
from stream_core.files.blobs import Blobs
from stream_core.terminal.device.library_output import quiet_libraries
from stream_core.texts.errors_es import explain

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.practice.replay import Replay

_RECORDING = "grabacion.jsonl"
_PIPED_NAME = "entrada"
_MOST_INPUT = 8 * 1024 * 1024
_SILENCE_SECONDS = 2.0


def run_once(settings: Settings) -> int:
    """Ask the question of the command line joined with piped input; return the exit code.

    Raises:
        ConfigError: there is no question, or no server to ask.
    """
    with Interrupts() as interrupts:
        try:
            return _run(settings, interrupts)
        except KeyboardInterrupt:
            say("Cancelada por ti.")
            return 130
        except ConfigError:
            raise
        except StreamCoreError as error:  # the client could not be opened
            add_context(error, settings)
            say(explain(error))
            return 2
        except OSError as problem:
            # Write nothing more, not even at exit. A closed pipe (`| head`) is not reported.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(problem, BrokenPipeError):
                say(f"No se pudo escribir la respuesta: {_why(problem)}.")
            return 1


def _run(settings: Settings, interrupts: Interrupts) -> int:
    if (
        settings.connection.practice
        and not settings.connection.practice_requested
        and not (sys.stdout and sys.stdout.isatty())
    ):
        raise ConfigError(
            "ANTHROPIC_API_KEY no encontrada: sin clave no hay respuesta de verdad que dar a otro programa. "
            "Ponla en .env o en el entorno, o pide respuestas preparadas con --practice."
        )
    if settings.wire.step:
        raise ConfigError(
            "--replay-step necesita el chat en una terminal: ahí se pulsa la barra espaciadora."
        )
    if sys.stdout is None:
        raise ConfigError("La salida está cerrada: no hay dónde escribir la respuesta.")
    backend = Backend(settings, "one_shot")
    archive = Archive.of(settings, in_chat=False)
    chunked = settings.invocation.chunked
    question, attached = ("", []) if chunked else _question(settings, backend.replay, archive.files)
    spending = SessionSpending(settings.budget, archive.spend)
    say(*settings.notes, *rows(attached, settings))
    if unwatched := spending.unwatched(settings):
        say(f"{unwatched} No se envió nada.")
        return 1
    wire = WireTaps(settings.invocation.redact)
    if settings.wire.record is not None:
        wire.start_recording(chosen_file(str(settings.wire.record), _RECORDING))
    if backend.replay is not None:
        from stream_core.chat.session.replaying import about

        say(*map(about, backend.replay.contents))
    elif settings.connection.practice:
        reason = "" if settings.connection.practice_requested else "ANTHROPIC_API_KEY no encontrada. "
        say(f"{reason}Modo práctica: respuesta preparada, no responde ninguna IA.")
    elif settings.connection.local is not None:
        say(f"Preparo el {settings.connection.server}…")
    elif settings.connection.server:
        say(f"Servidor: {settings.connection.shown_server}")
    debug = DebugLog(settings)
    try:
        with around_stops(archive.suspend, archive.resume), quiet_libraries(debug.library):
            settings, newer = up_to_date(settings, backend, interrupts)
            say(*filter(None, [debug.location, newer]))
            asked = question, attached
            outcome = _answer(settings, asked, archive, spending, backend, debug, wire, interrupts)
    finally:
        backend.close()
        archive.close()
        debug.close()
        notice = wire.stop_recording()
        say(*archive.pending_notices(), *debug.pending_notices(), *filter(None, [notice]))
    return _exit_code(outcome)


def _answer(
    settings: Settings,
    asked: tuple[str, Sequence[Attachment]],
    archive: Archive,
    spending: SessionSpending,
    backend: Backend,
    debug: DebugLog,
    wire: WireTaps,
    interrupts: Interrupts,
) -> TurnOutcome | None:
    """Ask the question, after the conversation that the command line names."""
    tools, reopened = Toolset(settings), resume_saved(archive, settings)
    if reopened is not None:
        settings = settings.resuming(reopened.instructions)
    question, attached = settings.instructions.asked(asked[0]), asked[1]
    conversation = Conversation(reopened.turns if reopened is not None else ())
    spending.carry(conversation.turns, settings)  # no session has counted these turns

    def client() -> AsyncAnthropic:
        with debug.opening():
            return backend.client()

    def replace_model(settings: Settings) -> Settings | None:
        found, notice = up_to_date(settings, backend, interrupts, missing=True)
        if found.model == settings.model:
            return None  # the outcome of the reply says how to choose another
        say(notice)
        return found

    answers = AnswerCache(settings)
    services = Services(
        conversation,
        archive,
        spending,
        debug,
        wire,
        answers,
        tools=lambda: tools,
        uploads=SessionUploads.of(settings, lambda: archive.files),
        cached=reopened is not None,  # a single question is rarely followed by another
    )
    runner = TurnRunner(services, client=client, replace_model=replace_model, in_chat=False)
    presenter = PipePresenter(interrupts, wire if settings.preferences.look.xray else None)

    def ask_part(question: str, saved_as: str) -> TurnOutcome | None:
        conversation.clear()  # each part is asked about by itself
        asked = settings.instructions.asked(question)
        return runner.ask(asked, settings, presenter, saved_as=saved_as)

    try:
        if settings.invocation.chunked:
            from .in_parts import ask_in_parts

            outcome = ask_in_parts(settings, archive, ask_part)
        elif settings.invocation.compare is not None:
            from .comparison import compare_once

            asked_for = question_blocks(question, attached) or question
            outcome = compare_once(asked_for, settings, services, client, interrupts, backend.list_models)
        else:
            outcome = runner.ask(question_blocks(question, attached) or question, settings, presenter)
    finally:
        answers.close()
    presenter.end_line()
    return outcome


def _exit_code(outcome: TurnOutcome | None) -> int:
    if outcome is None or outcome.declined:
        return 1
    reply = outcome.reply
    if reply.outcome == "cancelled":
        return 130
    if isinstance(reply.error, AuthFailed):
        return 2  # a bad credential is a usage error, not a failed reply
    return 0 if reply.outcome in ("complete", "max_tokens") else 1


def _question(settings: Settings, replay: Replay | None, files: Blobs) -> tuple[str, list[Attachment]]:
    """The question, and the files that go with it: named by a flag or with an `@`, or piped."""
    argument = settings.invocation.question or ""
    piped, attached = _piped(files) if has_piped_input() else ("", [])
    for typed in (*settings.invocation.attach, *_mentioned(argument)):
        taken = take(typed, files, _confirm)
        if taken.refused:
            raise ConfigError(taken.refused)
        say(*taken.notes)
        attached += taken.attached
    # Indentation is content. The newlines that end a file are not.
    parts = (sanitize_message(argument), sanitize_message(piped).rstrip("\n"))
    question = "\n\n".join(part for part in parts if part.strip())
    if not question and replay is not None:
        from stream_core.chat.session.replaying import questions

        return questions(replay)[0], []
    if not question and attached:
        raise ConfigError("Falta la pregunta: di entre comillas qué hago con lo adjunto.")
    if not question:
        raise ConfigError("No hay pregunta: escríbela entre comillas o mándala por una tubería.")
    return question, without_doubles(attached)


def _mentioned(argument: str) -> list[str]:
    """The paths that a question names with an `@` and that exist."""
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
    with _patience():
        data = sys.stdin.buffer.read(_MOST_INPUT + 1)
    kind = kind_of(data)
    if kind is not None and kind.media_type:
        with _patience():
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


@contextmanager
def _patience() -> Iterator[None]:
    """Announce a long wait on stderr, so that the program is not silent."""
    timer = threading.Timer(
        _SILENCE_SECONDS, say, ["Esperando el texto que llega por la entrada (Ctrl+C para cancelar)…"]
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _why(problem: OSError) -> str:
    return "no queda espacio" if problem.errno == errno.ENOSPC else "la salida no lo admite"
