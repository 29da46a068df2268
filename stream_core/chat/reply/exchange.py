"""A request and its reply: sent, shown, billed, saved and logged, whatever becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stream_core.chat.attached.uploading import SessionUploads, is_uploaded
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.saved.archive import Archive
from stream_core.chat.saved.turn_saver import TurnSaver
from stream_core.config.settings import Settings
from stream_core.core.api_messages import Message
from stream_core.core.attachments import attached_in, resolved
from stream_core.core.continuation import (
    ContinuationStream,
    answers_tools,
    context_line,
    joined,
)
from stream_core.core.conversation import Conversation, Turn
from stream_core.core.deltas import RoundDone, ToolAsked, TurnDelta
from stream_core.core.story import Episode, StoryTeller
from stream_core.core.turn_result import TurnResult
from stream_core.streaming.turn import stream_turn

from .answer_cache import AnswerCache, AnswerWriter, Cached, ago
from .error_context import add_context
from .permission_handoff import Permission
from .presenter import Presenter, TurnOutcome
from .request_parameters import request_of, timeouts_of
from .session_spending import SessionSpending
from .toolset import Toolset
from .wire_taps import WireTaps

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


@dataclass(frozen=True, slots=True)
class Services:
    """The services that all replies of a session share.

    Attributes:
        conversation: gets their turns.
        archive: saves them.
        spending: what they cost, and the budget.
        log: the log of their requests.
        wire: what listens to the wire.
        answers: the cache of answers.
        tools: returns the tools.
        uploads: uploads large files; None to send them in the request.
        cached: whether requests with the same beginning are likely to follow, so that caching it pays.
    """

    conversation: Conversation
    archive: Archive
    spending: SessionSpending
    log: DebugLog
    wire: WireTaps
    answers: AnswerCache
    tools: Callable[[], Toolset]
    cached: bool = True
    uploads: SessionUploads | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One request.

    Attributes:
        settings: the settings in force.
        messages: what is sent.
        turn: the turn so far: for a new one, the question alone.
        begin: begins to save it.
        continues: whether the reply continues that of `turn`.
        prefill: whether it does so after the beginning that `messages` end with.
    """

    settings: Settings
    messages: list[Message]
    turn: Turn
    begin: Callable[[], TurnSaver]
    continues: bool = False
    prefill: bool = False

    def key(self, services: Services) -> str:
        """Identify the request for the cache of answers."""
        return services.answers.key(self.settings, self.messages, services.tools())

    def turn_with(self, reply: TurnResult) -> Turn:
        """Return the turn with what a reply brought."""
        if self.continues:
            return joined(self.turn, reply, model=self.settings.model)
        turn = self.turn
        return Turn.of(turn.content, reply, model=turn.model, context_key=turn.context_key)


class Exchange:
    """A request and its reply while that arrives.

    Args:
        services: what it works with.
        job: what is sent.
        presenter: shows the reply.
        client: sends the request.
        agreed: whether the person has agreed to spend more than the budget on it.
        asked_at: since when the program gets ready for it, in seconds on the monotonic clock.
        cached: the answer that is given again, or None.

    Attributes:
        stream: its turn; `run` iterates it.
    """

    def __init__(
        self,
        services: Services,
        job: Job,
        presenter: Presenter,
        client: AsyncAnthropic,
        *,
        agreed: bool,
        asked_at: float,
        cached: Cached | None = None,
    ) -> None:
        self._cached = cached
        self._asked_at = asked_at
        self._saver: TurnSaver | None = None  # until the question is saved
        self._services, self._job, self._presenter = services, job, presenter
        self._agreed, self._declined, self._price = agreed, False, ""
        self._awaited = 0.0  # seconds that the turn stood still until somebody decided
        self._turn, self._permission = job.turn, Permission()
        settings, turn = job.settings, job.turn
        request = request_of(settings, job.messages, cached=services.cached)
        waits = timeouts_of(settings)
        self._log = services.log.reply(request, waits["retry"])  # it gets no contents of files
        load, anthropic = services.archive.files.read, settings.connection.talks_to_anthropic
        large = is_uploaded(settings) if services.uploads is not None else lambda _: False
        uploads = None
        if services.uploads is not None and any(map(large, attached_in(job.messages))):
            uploads = services.uploads.uploads(settings)
        messages = resolved(job.messages, load, documents=anthropic, uploaded=large)
        request = {**request, "messages": messages}
        tools = services.tools().box(self._permission.approve, self._permission.before_next_request)
        self._writer: AnswerWriter | None = None
        if cached is None and not job.continues:
            self._writer = services.answers.writer(job.key(services))
        record = services.wire.listener(self._log.record, self._writer)
        self.stream = stream_turn(client, tools=tools, record=record, uploads=uploads, **waits, **request)
        self._story = StoryTeller(time.monotonic())
        self._continued: ContinuationStream | None = None
        if job.continues:
            self._continued = ContinuationStream(turn, prefill=job.prefill)
        self._lead = context_line(turn.text) if job.continues and not answers_tools(turn) else ""

    def run(self) -> TurnOutcome:
        """Send the request and see the reply to its end."""
        with ExitStack() as at_end:
            self.begin(at_end)
            at_end.enter_context(self.stream)
            for arrived in self.stream:
                self.take(arrived)
        return self.result()

    def begin(self, at_end: ExitStack) -> None:
        """Save the question; register what must happen at the end, also when a signal or an error ends it.

        Args:
            at_end: what it gets is done last entry first; whoever calls this enters the stream there next.
        """
        self.save_question()
        at_end.enter_context(self._presenter.showing(self.stream.cancel, self._lead, self._outcome))
        at_end.callback(self._end_log)
        at_end.callback(self._save)
        at_end.callback(self._bill)
        at_end.callback(self._keep_answer)
        at_end.callback(self._take_rest)

    def save_question(self) -> None:
        """Save the question, unless that was done; `begin` does it too."""
        self._saver = self._saver or self._job.begin()

    def take(self, arrived: TurnDelta) -> None:
        """Log, save and show the next delta of the stream."""
        self._log.feed(arrived)
        self._story.feed(arrived)
        for delta in self._shown(arrived):
            if self._saver is not None:
                self._saver.feed(delta)
            self._presenter.show(delta)
        self._decide(arrived)

    def result(self) -> TurnOutcome:
        """The outcome, once everything has ended."""
        add_context(self._reply.error, self._job.settings)
        return self._outcome()

    @property
    def _reply(self) -> TurnResult:
        return self._continued.result if self._continued else self.stream.result

    def _outcome(self) -> TurnOutcome:
        continued = self._job.turn if self._job.continues else None
        stats = self.stream.result.stats
        stats.prepared = max(0.0, stats.started - self._asked_at)
        stats.awaited = self._awaited
        apart = self._continued is not None and self._continued.apart
        return TurnOutcome(self._turn, self._reply, stats, self._price, continued, self._declined, apart)

    def _shown(self, arrived: TurnDelta) -> Sequence[TurnDelta]:
        """Return the deltas that are shown for one that arrived: a continuation repeats what was there."""
        return self._continued.feed(arrived) if self._continued else (arrived,)

    def _decide(self, arrived: TurnDelta) -> None:
        """If the turn waits for a decision, ask the user as far as it takes one, and pass it on.

        Counted from the delta: a question about another reply of a comparison may come before.
        """
        if isinstance(arrived, ToolAsked):
            allowed = self._presenter.may_run(arrived)
            self._awaited += max(0.0, time.monotonic() - arrived.at)
            self._permission.answer(arrived.tool_id, allowed)
        elif isinstance(arrived, RoundDone):
            rounds, settings = self.stream.result.rounds, self._job.settings
            objection = self._services.spending.objection_within(rounds, settings)
            if objection and not self._agreed:
                self._agreed = self._presenter.may_spend(objection, begun=True)
                self._declined = not self._agreed
            self._awaited += max(0.0, time.monotonic() - arrived.at)
            self._permission.let_go_on(not self._declined)

    # -- what happens at the end, in this order ------------------------------------------------------

    def _take_rest(self) -> None:
        """A cancel leaves deltas behind that the result has, and the continuation has not."""
        if self._continued:
            self._continued.finish(self.stream.result)

    def _bill(self) -> None:
        """Before the turn is saved: a crash between the two must not take money out of the sums."""
        if self._cached is not None:
            self._price = f"de la caché, {ago(self._cached.age)}: gratis"
            return
        self._price = self._services.spending.add(self.stream.result.rounds, self._job.settings)

    def _keep_answer(self) -> None:
        if self._writer is not None:
            self._services.answers.keep(self._writer, self.stream.result)

    def _save(self) -> None:
        turn = self._job.turn_with(self._reply)
        before = (*turn.story, Episode("continued")) if self._job.continues else ()
        self._turn = replace(turn, story=(*before, *self._story.episodes))
        if self._saver is not None:
            self._saver.end(self._turn)
        turns = self._services.conversation.turns
        if self._job.continues:
            turns.pop()
        turns.append(self._turn)

    def _end_log(self) -> None:
        self._log.end(*self.stream.result.rounds)
