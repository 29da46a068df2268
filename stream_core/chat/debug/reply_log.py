"""The lines of the debug log about one request: its attempts, its events and its ending."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Failed,
    Finished,
    Opened,
    RoundDone,
    Text,
    Thinking,
    ToolDone,
    ToolInput,
    ToolStarted,
    TurnDelta,
    Unknown,
    Usage,
    Waiting,
)
from stream_core.core.reply import Reply
from stream_core.core.stats import ReplyStats
from stream_core.core.wire import Answered, Received, WireEvent, WireRecorder
from stream_core.streaming.retry import RetryPolicy

from .file import LogFile
from .log_format import LogFormat
from .sse_event_names import EventTypes

_UNNAMED = "sin-nombre"


class _Round(Protocol):
    @property
    def reply(self) -> Reply: ...
    @property
    def stats(self) -> ReplyStats: ...


class ReplyLog:
    """Notes one reply, or a turn with tools.

    Args:
        log: where the lines go.
        words: how they are written.
        request: the arguments of `client.messages.stream`.
        retry: how often it is tried.

    Attributes:
        record: a recorder for the bytes of the response; None where there is no log.
    """

    def __init__(
        self, log: LogFile, words: LogFormat, request: Mapping[str, Any], retry: RetryPolicy
    ) -> None:
        self._log, self._format = log, words
        self._request, self._of = request, retry.attempts
        self._attempt = 1
        self._due: float | None = None  # when the next attempt is sent; None when it has been
        self._types: EventTypes | None = None  # of the response that comes in
        self._bytes = self._chunks = 0
        self._opened_at = self._read_at = 0.0
        self.record: WireRecorder | None = None if log.file is None else self._read
        if log.file is not None:
            with log.guarded():
                self._sent(time.monotonic())
                self._asked(request.get("system"), request.get("messages", ()))

    def feed(self, delta: TurnDelta) -> None:
        """Note a delta; pieces of content are left out, since the events have been noted."""
        if self._log.file is None or isinstance(delta, (Text, Thinking, ToolInput)):
            return
        with self._log.guarded():
            self._note(delta)

    def end(self, *rounds: _Round) -> None:
        """Note the ending, and the figures of each round."""
        if self._log.file is None:
            return
        with self._log.guarded():
            self._outcome(rounds[-1].reply)
            for each in rounds:
                self._figures(each)

    # -- the bytes, on the loop's thread ---------------------------------------------------------

    def _read(self, event: WireEvent) -> None:
        if self._log.file is None:
            return
        with self._log.guarded():
            if isinstance(event, Answered) and event.status < 300:
                self._send_due(event.at)
                self._end_of_body(event.at)
                self._types = EventTypes()
                self._bytes = self._chunks = 0
                self._opened_at = self._read_at = event.at
                self._log.say("cabeceras recibidas, estado=2xx", event.at)
            elif isinstance(event, Received) and self._types is not None:
                self._send_due(event.at)
                self._bytes, self._chunks = self._bytes + len(event.data), self._chunks + 1
                self._read_at = event.at
                for name in self._types.feed(event.data):
                    self._log.say(f"evento {self._format.name(name or _UNNAMED)}", event.at)

    def _end_of_body(self, now: float) -> None:
        if self._types is None or self._opened_at > now:
            return  # the next response has begun before this thread came to the end of the one before
        unfinished, self._types = self._types.unfinished, None
        if unfinished is not None:
            self._log.say(f"evento a medias {self._format.name(unfinished or _UNNAMED)}", self._read_at)
        self._log.say(f"cuerpo leído bytes={self._bytes} trozos={self._chunks}", self._read_at)

    # -- the deltas --------------------------------------------------------------------------------

    def _note(self, delta: TurnDelta) -> None:
        log, name = self._log, self._format.name
        if isinstance(delta, Waiting) and delta.reason == "retry":
            self._retry(delta)
            return
        self._send_due(delta.at)
        match delta:
            case Waiting(reason=reason):
                log.say("silencio" if reason == "idle" else "espera el primer evento", delta.at)
            case Opened():
                log.say(
                    f"abierta id={name(delta.request_id)} mensaje={name(delta.message_id)} "
                    f"modelo={name(delta.model)} {_tokens(delta.usage)}",
                    delta.at,
                )
            case Unknown(type=kind):
                log.say(f"desconocido tipo={name(kind)}", delta.at)
            case BlockDone(block=block):
                log.say(f"bloque tipo={name(block.get('type'))}{self._tool(block)}", delta.at)
            case ToolStarted():
                log.say(f"herramienta {name(delta.name)} empieza", delta.at)
            case ToolDone():
                log.say(
                    f"herramienta {name(delta.name)} {'falla' if delta.is_error else 'acaba'} "
                    f"tras {delta.seconds:.3f} s" + self._content_of("resultado", delta.content),
                    delta.at,
                )
            case RoundDone():
                log.say(
                    f"ronda {delta.number} motivo={name(delta.stop_reason)}{_deviations(delta.deviations)}",
                    delta.at,
                )
                self._attempt = 1
                self._sent(delta.at)
            case _:
                pass  # `end` notes the endings, also where the iteration was left before them

    def _retry(self, waiting: Waiting) -> None:
        if waiting.attempt == self._attempt:
            return  # another tick of the same countdown
        self._send_due(waiting.at)
        self._end_of_body(waiting.at)
        self._attempt, self._due = waiting.attempt, waiting.at + waiting.seconds
        cause = self._format.failure(waiting.cause) if waiting.cause is not None else "?"
        self._log.say(
            f"reintento {waiting.attempt}/{waiting.of} dentro de {waiting.seconds:.3f} s por {cause}",
            waiting.at,
        )

    def _send_due(self, now: float) -> None:
        """Note the attempt after a countdown: no delta says that it is sent."""
        if self._due is not None and now >= self._due:
            due, self._due = self._due, None
            self._sent(due)

    def _sent(self, at: float) -> None:
        self._log.say(self._format.request(self._request, self._attempt, self._of), at)

    # -- how it ended --------------------------------------------------------------------------------

    def _outcome(self, reply: Reply) -> None:
        ending, name = reply.ending, self._format.name
        at = time.monotonic() if ending is None else ending.at
        self._send_due(at)
        self._end_of_body(at)
        facts = [f"final {reply.outcome or 'ninguno'}"]
        match ending:
            case Finished():
                facts.append(f"motivo={name(ending.stop_reason)}")
                if not ending.clean:
                    facts.append("sin message_stop")
                facts[-1] += _deviations(ending.deviations)
            case Failed(error=error):
                facts.append(f"error={self._format.failure(error)}")
            case Cancelled() | None:
                pass
        self._log.say(" ".join(facts), at)

    def _figures(self, each: _Round) -> None:
        stats, reply = each.stats, each.reply
        self._log.say(
            f"cifras primer_token={_seconds(stats.time_to_first_token)} total={_seconds(stats.duration)} "
            f"deltas={stats.deltas} caracteres={stats.characters} {_tokens(reply.usage)}"
        )
        for what, text in (("razonamiento", reply.thinking), ("respuesta", reply.text)):
            if self._format.content and text:
                self._log.say(f"{what} {self._format.text(text)}")

    # -- the conversation, if it is wanted --------------------------------------------------------------

    def _asked(self, system: object, messages: Sequence[Mapping[str, Any]]) -> None:
        if self._format.content and system:
            self._log.say(f"indicaciones {self._format.text(system)}")
        if self._format.content and messages:
            self._log.say(f"pregunta {self._format.text(messages[-1].get('content'))}")

    def _tool(self, block: Mapping[str, Any]) -> str:
        if "name" not in block:
            return ""
        return f" nombre={self._format.name(block['name'])}" + self._content_of("entrada", block.get("input"))

    def _content_of(self, what: str, text: object) -> str:
        return f" {what}={self._format.text(text)}" if self._format.content else ""


def _tokens(usage: Usage) -> str:
    return (
        f"entrada={usage.input_tokens} salida={usage.output_tokens} "
        f"caché_creada={usage.cache_creation_input_tokens} caché_leída={usage.cache_read_input_tokens}"
    )


def _deviations(codes: Sequence[str]) -> str:
    return f" desvíos={','.join(codes)}" if codes else ""


def _seconds(value: float | None) -> str:
    return "no" if value is None else f"{value:.3f}s"
