"""One question, one answer: the text of the reply on stdout as it streams, everything else on stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stream_core.chat.attached.limits import attached_to, may_be_refused
from stream_core.chat.attached.uploading import SessionUploads
from stream_core.chat.backend.client import Backend
from stream_core.chat.backend.successor import listed_soon, up_to_date
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.process.standard_streams import say
from stream_core.chat.reply.answer_cache import AnswerCache
from stream_core.chat.reply.error_context import add_context
from stream_core.chat.reply.exchange import Services
from stream_core.chat.reply.pipe_presenter import PipePresenter
from stream_core.chat.reply.presenter import TurnOutcome
from stream_core.chat.reply.runner import TurnRunner
from stream_core.chat.reply.session_spending import SessionSpending
from stream_core.chat.reply.toolset import Toolset
from stream_core.chat.reply.wire_taps import WireTaps
from stream_core.chat.saved.archive import Archive
from stream_core.chat.saved.chosen_file import chosen_file
from stream_core.chat.saved.reopening import reopen_by_flags
from stream_core.chat.signals.interrupts import Interrupts, close_each
from stream_core.chat.signals.stop_hook import around_stops
from stream_core.config.settings import Settings
from stream_core.core.attachments import Attachment, question_blocks
from stream_core.core.conversation import Conversation
from stream_core.core.errors import AuthFailed, ConfigError, StreamCoreError
from stream_core.terminal.device.library_output import quiet_libraries
from stream_core.texts.errors_es import explain

from .question import question_of

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


_RECORDING = "grabacion.jsonl"


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
            "Escríbela en tu archivo .env (--where dice cuál es) o en el entorno, o pide respuestas "
            "preparadas con --practice."
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
    question, attached = ("", []) if chunked else question_of(settings, backend.replay, archive.files)
    spending = SessionSpending(settings.budget, archive.spend)
    say(*settings.notes, *_rows(attached, settings))
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
        close_each(backend, archive, debug)
        notice = wire.stop_recording()
        say(*archive.pending_notices(), *debug.pending_notices(), *filter(None, [notice]))
    return _exit_code(outcome)


def _rows(attached: Sequence[Attachment], settings: Settings) -> list[str]:
    if not attached:
        return []
    from stream_core.chat.attached.tray import rows

    return rows(attached, settings)


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
    tools, reopened = Toolset(settings), reopen_by_flags(archive, settings)
    if reopened is not None:
        settings = settings.with_saved_instructions(reopened.instructions)
    question, attached = settings.instructions.asked(asked[0]), asked[1]
    conversation = Conversation(reopened.turns if reopened is not None else ())
    files = [*attached, *attached_to(conversation.turns)]
    if may_be_refused(files, settings):
        settings = settings.with_list(listed_soon(backend, interrupts))
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
            from .compare_once import compare_once

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


def _why(problem: OSError) -> str:
    return "no queda espacio" if problem.errno == errno.ENOSPC else "la salida no lo admite"
