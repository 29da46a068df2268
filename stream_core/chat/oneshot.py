"""One question, one answer: the text of the reply on stdout as it streams, everything else on stderr."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stream_core.conversation import Conversation, Turn
from stream_core.deltas import BlockDone, Text, Waiting
from stream_core.errors import AuthFailed, ConfigError, StreamCoreError
from stream_core.pump import RetryPolicy
from stream_core.sanitize import Sanitizer, sanitize
from stream_core.settings import Settings
from stream_core.stream import ReplyStream, stream_reply
from stream_core.texts import explain, outcome_note, retry_note

from .archive import Archive, Kept
from .backend import Backend
from .debuglog import DebugLog
from .interrupts import Interrupts
from .replylog import ReplyLog
from .session import name_source, request_of

_MOST_INPUT = 8 * 1024 * 1024
_SILENCE_SECONDS = 2.0


def has_piped_input() -> bool:
    """Whether stdin is a pipe or a file: then it holds (a part of) the question."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False  # stdin is closed
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def run_once(settings: Settings) -> int:
    """Ask the question of the command line joined with what comes through a pipe; give the exit code.

    Raises:
        ConfigError: there is no question, or nobody to ask.
    """
    with Interrupts() as interrupts:
        try:
            return _run(settings, interrupts)
        except KeyboardInterrupt:
            _say("Cancelado.")
            return 130
        except ConfigError:
            raise
        except StreamCoreError as error:  # the client could not be opened
            name_source(error, settings)
            _say(explain(error))
            return 2
        except OSError as problem:
            # Nothing more is written, not even at exit. A reader that had enough (`| head`) is no news.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(problem, BrokenPipeError):
                _say(f"No se pudo escribir la respuesta: {_why(problem)}.")
            return 1


def _run(settings: Settings, interrupts: Interrupts) -> int:
    if settings.practice and not settings.practice_asked and not (sys.stdout and sys.stdout.isatty()):
        raise ConfigError(
            "ANTHROPIC_API_KEY no encontrada: sin clave no hay respuesta de verdad que dar a otro programa. "
            "Ponla en .env o en el entorno, o pide respuestas preparadas con --practice."
        )
    if sys.stdout is None:
        raise ConfigError("La salida está cerrada: no hay dónde escribir la respuesta.")
    question, backend = _question(settings), Backend(settings)
    if settings.practice:
        reason = "" if settings.practice_asked else "ANTHROPIC_API_KEY no encontrada. "
        _say(f"{reason}Modo práctica: respuesta preparada, no responde ninguna IA.")
    elif settings.server:
        _say(f"Servidor: {settings.server}")
    archive, debug = Archive.of(settings), DebugLog(settings)
    _say(*filter(None, [debug.told]))
    try:
        conversation = Conversation()
        if (reopened := archive.asked_for(settings)) is not None:
            conversation.turns.extend(reopened.turns)
        messages = conversation.messages(question, model=settings.model)
        with debug.opening():
            client = backend.client()
        request = request_of(settings, messages)
        log = debug.reply(request, retry := RetryPolicy())
        stream = stream_reply(client, retry=retry, record=log.record, **request)
        with interrupts.cancelling(stream.cancel):
            kept = archive.begin(question, model=settings.model)
            try:
                with stream:
                    _write_out(stream, kept, log)
            finally:  # also when nobody reads any more, or a signal ends the program
                kept.end(Turn.of(question, stream.reply, model=settings.model))
                log.end(stream)
    finally:
        backend.close()
        archive.close()
        debug.close()
        _say(*archive.news(), *debug.news())
    name_source(stream.reply.error, settings)
    if note := outcome_note(stream.reply, in_chat=False):
        _say(note)
    if stream.reply.outcome == "cancelled":
        return 130
    if isinstance(stream.reply.error, AuthFailed):
        return 2  # nothing failed on the way: what was given is not right
    return 0 if stream.reply.outcome in ("complete", "max_tokens") else 1


def _write_out(stream: ReplyStream, kept: Kept, log: ReplyLog) -> None:
    sanitizer, out, last, told = Sanitizer(), sys.stdout, "", 0
    for delta in stream:
        log.feed(delta)
        if isinstance(delta, Text):
            kept.text(delta.text)
            safe = sanitizer.feed(delta.text)
            last = safe[-1:] or last
            out.write(safe)
            out.flush()
        elif isinstance(delta, BlockDone):
            out.write(sanitizer.flush())  # what this block leaves open hides nothing of the next
        elif isinstance(delta, Waiting) and delta.reason == "retry" and delta.attempt != told:
            told = delta.attempt  # once an attempt: here the seconds need not be counted down
            _say(retry_note(delta))
    rest = sanitizer.flush()
    out.write(rest)
    if out.isatty() and (rest or last) not in ("", "\n"):
        out.write("\n")  # a pipe gets the text and nothing else
    out.flush()


def _question(settings: Settings) -> str:
    parts = [settings.question or "", _piped() if has_piped_input() else ""]
    question = "\n\n".join(part for part in (sanitize(part).strip() for part in parts) if part)
    if not question:
        raise ConfigError("No hay pregunta: escríbela entre comillas o mándala por una tubería.")
    return question


def _piped() -> str:
    with _patience():
        data = sys.stdin.buffer.read(_MOST_INPUT + 1)
    if len(data) > _MOST_INPUT:
        raise ConfigError(
            "Lo que llega por la tubería pasa de 8 MB: es demasiado para una pregunta. Acórtalo."
        )
    return data.decode("utf-8-sig", "replace")


@contextmanager
def _patience() -> Iterator[None]:
    """Say what is being waited for, if it takes long: nobody should look at a silent program."""
    timer = threading.Timer(
        _SILENCE_SECONDS, _say, ["Esperando el texto que llega por la entrada (Ctrl+C para cancelar)…"]
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _why(problem: OSError) -> str:
    return "no queda espacio" if problem.errno == errno.ENOSPC else "la salida no lo admite"


def _say(*sentences: str) -> None:
    if sys.stderr is not None:
        sys.stderr.writelines(f"{sentence}\n" for sentence in sentences)
        sys.stderr.flush()
