"""One question, one answer: the text of the reply on stdout as it streams, everything else on stderr."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stream_core.chat.debug.log import DebugLog
from stream_core.chat.debug.reply_log import ReplyLog
from stream_core.chat.reply.permission import Permission
from stream_core.chat.reply.request import (
    add_context,
    auto_continue_note,
    context_key,
    request_of,
    should_auto_continue,
    thinking_limits_note,
    timeouts_of,
)
from stream_core.chat.reply.spending import SessionSpending
from stream_core.chat.reply.toolset import Toolset
from stream_core.chat.saved.archive import Archive, TurnSaver
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.config.settings import Settings
from stream_core.core.api_messages import Message
from stream_core.core.continuation import ContinuationStream, joined
from stream_core.core.continuation import messages as continuing
from stream_core.core.conversation import Conversation, Turn
from stream_core.core.deltas import BlockDone, RoundDone, Text, Waiting
from stream_core.core.errors import AuthFailed, ConfigError, StreamCoreError
from stream_core.core.sanitize import Sanitizer, sanitize
from stream_core.core.turn_result import TurnResult
from stream_core.models.catalogue import accepts_prefill
from stream_core.streaming.turn import TurnStream, stream_turn
from stream_core.texts.errors_es import explain, retry_note
from stream_core.texts.outcomes_es import outcome_note

from .backend import Backend
from .piped_input import has_piped_input
from .successor import not_found, up_to_date

_MOST_INPUT = 8 * 1024 * 1024
_SILENCE_SECONDS = 2.0


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
            add_context(error, settings)
            _say(explain(error))
            return 2
        except OSError as problem:
            # Nothing more is written, not even at exit. A reader that had enough (`| head`) is no news.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(problem, BrokenPipeError):
                _say(f"No se pudo escribir la respuesta: {_why(problem)}.")
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
    if sys.stdout is None:
        raise ConfigError("La salida está cerrada: no hay dónde escribir la respuesta.")
    question, archive = _question(settings), Archive.of(settings, in_chat=False)
    spending = SessionSpending(settings.budget, archive.spend)
    _say(*settings.notes)
    if unwatched := spending.unwatched(settings):
        _say(f"{unwatched} No he enviado nada.")
        return 1
    backend = Backend(settings)
    if settings.connection.practice:
        reason = "" if settings.connection.practice_requested else "ANTHROPIC_API_KEY no encontrada. "
        _say(f"{reason}Modo práctica: respuesta preparada, no responde ninguna IA.")
    elif settings.connection.server:
        _say(f"Servidor: {settings.connection.shown_server}")
    debug = DebugLog(settings)
    try:
        settings, newer = up_to_date(settings, backend, interrupts)
        _say(*filter(None, [debug.told, newer, thinking_limits_note(settings)]))
        asking = _Asking(settings, backend, interrupts, debug, spending)
        replied = _reply(settings, question, archive, asking)
    finally:
        backend.close()
        archive.close()
        debug.close()
        _say(*archive.pending_notices(), *debug.pending_notices())
    if replied is None or asking.refused:
        return 1
    if spending.budget is not None and spending.budget.to_warn():
        _say(f"Has gastado {spending.spent()}.")
    return _told(settings, *replied)


def _told(settings: Settings, reply: TurnResult, before: str) -> int:
    """Tell how a reply ended, and give the exit code of that."""
    add_context(reply.error, settings)
    if note := outcome_note(reply, in_chat=False, before=before):
        _say(note)
    if reply.outcome == "cancelled":
        return 130
    if isinstance(reply.error, AuthFailed):
        return 2  # nothing failed on the way: what was given is not right
    return 0 if reply.outcome in ("complete", "max_tokens") else 1


def _reply(
    settings: Settings, question: str, archive: Archive, asking: _Asking
) -> tuple[TurnResult, str] | None:
    """Ask, and go on once with what was cut if the settings say so.

    Returns:
        The last reply, and the text that it goes on with; None when the budget was against it.
    """
    model, reopened = settings.model, archive.asked_for(settings)
    turns = reopened.turns if reopened is not None else []
    messages, before = Conversation(turns).messages(question, model=model, context_key=asking.context_key), ""
    if not asking.may_send(messages, "No he enviado nada.", after=turns):
        return None
    reply, turn = asking.ask(
        messages,
        lambda: archive.begin(question, model=model),
        lambda reply: Turn.of(question, reply, model=model),
    )
    if asking.take_newest(reply):  # the model is gone; nothing of the reply has come
        model = asking.settings.model
        messages = Conversation(turns).messages(question, model=model, context_key=asking.context_key)
        reply, turn = asking.ask(
            messages,
            lambda: archive.begin_again(turn),
            lambda reply: Turn.of(question, reply, model=model),
        )
    if should_auto_continue(reply, settings):
        prefill = accepts_prefill(model, settings.models)
        more = continuing(messages[:-1], turn, model=model, prefill=prefill)
        if asking.may_send(more, "No sigo por mi cuenta."):
            _say(auto_continue_note(reply))
            before = turn.text
            reply, _ = asking.ask(
                more,
                lambda: archive.begin_again(turn),
                lambda reply: joined(turn, reply, model=model),
                ContinuationStream(turn, prefill=prefill),
            )
    asking.end_line()
    return reply, before


class _Asking:
    """Asks, and writes the text of the reply to stdout as it arrives.

    Attributes:
        settings: the settings of its requests.
        context_key: identifies the system prompt and tools of its requests.
        refused: whether a turn was ended because of the budget.
    """

    def __init__(
        self,
        settings: Settings,
        backend: Backend,
        interrupts: Interrupts,
        debug: DebugLog,
        spending: SessionSpending,
    ) -> None:
        self.settings, self._backend, self._interrupts = settings, backend, interrupts
        self._debug, self._ledger = debug, spending
        self._tools, self._permission = Toolset(settings), Permission()
        self.context_key = context_key(settings, self._tools.names)
        self.refused = False
        self._last = ""

    def ask(
        self,
        messages: list[Message],
        begin: Callable[[], TurnSaver],
        turn_of: Callable[[TurnResult], Turn],
        continued: ContinuationStream | None = None,
    ) -> tuple[TurnResult, Turn]:
        """Send a request; give what its reply brought (only what is new, in a continuation) and the turn."""
        settings = self.settings
        with self._debug.opening():
            client = self._backend.client()
        request, waits = request_of(settings, messages), timeouts_of(settings)
        log = self._debug.reply(request, waits["retry"])
        tools = self._tools.box(before_next_request=self._permission.go_on)
        stream = stream_turn(client, tools=tools, record=log.record, **waits, **request)
        with self._interrupts.cancelling(stream.cancel):
            kept = begin()
            try:
                with stream:
                    self._write_out(stream, kept, log, continued)
            finally:  # also when nobody reads any more, or a signal ends the program
                reply = continued.finish(stream.result) if continued else stream.result
                turn = turn_of(reply)
                self._ledger.add(stream.result.rounds, settings)
                kept.end(turn)
                log.end(*stream.result.rounds)
        return reply, turn

    def take_newest(self, reply: TurnResult) -> bool:
        """Take the newest model of the line in place of one that the server does not have."""
        if not not_found(reply, self.settings):
            return False
        found, told = up_to_date(self.settings, self._backend, self._interrupts, missing=True)
        if found.model == self.settings.model:
            return False  # how to choose another is told with the ending of the reply
        self.settings = found
        _say(told)
        return True

    def may_send(self, messages: list[Message], otherwise: str, *, after: Sequence[Turn] = ()) -> bool:
        """Whether the budget allows a request; says when not, since nobody is there to be asked.

        Args:
            after: turns of an earlier time that count for the budget, too: there is no session here.
        """
        self._ledger.carry(after, self.settings)
        objection = self._ledger.objection(self.settings, messages)
        if objection:
            _say(f"{objection} {otherwise}")
        return not objection

    def end_line(self) -> None:
        """End the last line for a person; a pipe gets the text and nothing else."""
        if sys.stdout.isatty() and self._last not in ("", "\n"):
            sys.stdout.write("\n")
        sys.stdout.flush()

    def _write_out(
        self, stream: TurnStream, kept: TurnSaver, log: ReplyLog, continued: ContinuationStream | None
    ) -> None:
        sanitizer, told = Sanitizer(), 0
        for arrived in stream:
            log.feed(arrived)
            if isinstance(arrived, RoundDone):
                objection = self._ledger.objection_within(stream.result.rounds, self.settings)
                if objection:
                    _say(f"{objection} No sigo por mi cuenta.")
                self.refused = bool(objection)
                self._permission.let_go_on(not objection)
            for delta in continued.feed(arrived) if continued else (arrived,):
                kept.take(delta)
                if isinstance(delta, Text):
                    self._write(sanitizer.feed(delta.text))
                elif isinstance(delta, RoundDone) and self._last:
                    self._write("\n\n")
                elif isinstance(delta, BlockDone):
                    self._write(sanitizer.flush())  # what this block leaves open hides nothing of the next
                elif isinstance(delta, Waiting) and delta.reason == "retry" and delta.attempt != told:
                    told = delta.attempt  # once an attempt: here the seconds need not be counted down
                    _say(retry_note(delta))
        self._write(sanitizer.flush())

    def _write(self, safe: str) -> None:
        if safe:
            self._last = safe[-1]
            sys.stdout.write(safe)
            sys.stdout.flush()


def _question(settings: Settings) -> str:
    parts = [settings.invocation.question or "", _piped() if has_piped_input() else ""]
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
