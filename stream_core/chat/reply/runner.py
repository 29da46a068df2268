"""One way of a turn, for every presenter: a question is asked, or a reply continued."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from stream_core.chat.saved.turn_saver import TurnSaver
from stream_core.config.settings import Settings
from stream_core.core.continuation import answers_tools, can_continue, messages
from stream_core.core.conversation import Conversation, Question, Turn, blocks_of, text_of
from stream_core.core.errors import ModelNotFound
from stream_core.core.prefill import refuses_prefill
from stream_core.core.reply import ReplyLike
from stream_core.models.catalogue import tries_prefill
from stream_core.texts.errors_es import cause
from stream_core.texts.outcomes_es import APART, outcome_note

from .answer_cache import ago
from .exchange import Exchange, Job, Services
from .file_checks import FileChecks
from .presenter import Presenter, TurnOutcome
from .request_parameters import context_key, thinking_limits_note

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


class _Approval(Enum):
    """The decision of the budget about a request."""

    UNASKED = auto()
    AGREED = auto()
    DECLINED = auto()


class TurnRunner:
    """Asks questions and continues replies; each goes to the conversation, to the archive and to a presenter.

    Args:
        services: what it works with.
        client: returns the client, or None after telling the person why there is none.
        replace_model: returns the settings with another model in place of one that the server does not have,
            and tells so; None where there is no other.
        in_chat: whether the conversation goes on afterwards.
    """

    def __init__(
        self,
        services: Services,
        *,
        client: Callable[[], AsyncAnthropic | None],
        replace_model: Callable[[Settings], Settings | None],
        in_chat: bool = True,
    ) -> None:
        self._services, self._in_chat = services, in_chat
        self._client, self._replace_model = client, replace_model
        self._noted_limits = ""
        self._files = FileChecks(services)
        self._no_prefill: set[str] = set()  # models of which a beginning was refused
        self._waited = 0.0  # seconds that the program took to get ready for the next request

    def ask(
        self,
        question: Question,
        settings: Settings,
        presenter: Presenter,
        replace_last: Callable[[], None] | None = None,
        *,
        saved_as: str = "",
        waited: float = 0.0,
    ) -> TurnOutcome | None:
        """Ask a question, and continue the reply once if it is cut and the settings say so.

        Args:
            question: what is asked: a text, or its content blocks.
            settings: the settings in force.
            presenter: shows the reply.
            replace_last: for a question that takes the place of the last turn: removes that turn, called once
                it is certain that the request is sent.
            saved_as: what stands for the question in the conversation; "" for itself. Without the whole
                question a reply that is cut is not continued.
            waited: seconds that the program has taken to get ready since the question was asked.

        Returns:
            What became of it; None when nothing was sent.
        """
        turns, self._waited = self._services.conversation.turns, waited
        job = self._question(question, settings, turns[:-1] if replace_last else turns, saved_as=saved_as)
        outcome = self._send(job, presenter, replace_last)
        if outcome is None:
            return None
        if _lacks_model(outcome.reply, settings) and (found := self._replace_model(settings)):
            settings, outcome = found, self._ask_other(question, saved_as, outcome, found, presenter)
        if not saved_as and _should_auto_continue(outcome.reply, settings):
            outcome = self._auto_continue(outcome, settings, presenter)
        else:
            self._tell_ending(outcome, presenter)
        self._warn_of_budget(outcome, presenter)
        return outcome

    def continue_reply(self, settings: Settings, presenter: Presenter) -> TurnOutcome | None:
        """Continue the last reply from where it was cut; the two become one turn.

        Returns:
            What became of it; None when nothing was sent.
        """
        turns = self._services.conversation.turns
        if not turns or not can_continue(turns[-1]):
            return None
        outcome = self._continue(self._continuation(settings), presenter)
        if outcome is not None and _lacks_model(outcome.reply, settings):
            found = self._replace_model(settings)
            outcome = (self._continue(self._continuation(found), presenter) if found else None) or outcome
        if outcome is not None:
            self._tell_ending(outcome, presenter)
            self._warn_of_budget(outcome, presenter)
        return outcome

    def _ask_other(
        self, question: Question, saved_as: str, failed: TurnOutcome, settings: Settings, presenter: Presenter
    ) -> TurnOutcome:
        """Ask another model, in place of the turn that the first one did not take."""
        turns, turn = self._services.conversation.turns, failed.turn
        turns.pop()
        begin = partial(self._services.archive.continue_turn, turn)
        job = self._question(question, settings, turns, begin, saved_as=saved_as)
        outcome = self._send(job, presenter)
        if outcome is None:
            turns.append(turn)
        return outcome or failed

    def _question(
        self,
        question: Question,
        settings: Settings,
        before: Sequence[Turn],
        begin: Callable[[], TurnSaver] | None = None,
        *,
        saved_as: str = "",
    ) -> Job:
        key, model = self._context_key(settings), settings.model
        text, asked = saved_as or text_of(question), () if saved_as else blocks_of(question)
        return Job(
            settings,
            Conversation(before).messages(question, model=model, context_key=key),
            Turn(text, "", "cancelled", model, context_key=key, asked=asked),
            begin
            or (
                lambda: self._services.archive.begin(
                    text, model=model, instructions=settings.instructions, asked=asked
                )
            ),
        )

    def _continuation(self, settings: Settings) -> Job:
        key, model = self._context_key(settings), settings.model
        *before, last = self._services.conversation.turns
        sent = [message for turn in before for message in turn.messages(model, key)]
        prefill = model not in self._no_prefill and tries_prefill(
            model, settings.models, anthropic=settings.connection.talks_to_anthropic
        )
        return Job(
            settings,
            messages(sent, last, model=model, context_key=key, prefill=prefill),
            last,
            lambda: self._services.archive.continue_turn(last),
            continues=True,
            prefill=prefill and not answers_tools(last),
        )

    def _context_key(self, settings: Settings) -> str:
        return context_key(settings, self._services.tools().names)

    def _send(
        self, job: Job, presenter: Presenter, once_certain: Callable[[], None] | None = None
    ) -> TurnOutcome | None:
        if not self._files.may_send(job, presenter.notice):
            return None
        cached = None
        if once_certain is None and not job.continues and self._services.answers.on:  # else it is wanted anew
            cached = self._services.answers.find(job.key(self._services))
        approval = self._approval(job, presenter) if cached is None else _Approval.UNASKED
        asked_at, self._waited = time.monotonic() - self._waited, 0.0
        if approval is _Approval.DECLINED:
            return None
        client = self._client() if cached is None else self._services.answers.client(cached)
        if client is None:
            return None
        if once_certain is not None:
            once_certain()
        if cached is None:
            self._tell_limits(job.settings, presenter)
        elif not self._in_chat:
            presenter.notice(f"Respuesta de la caché, {ago(cached.age)}: no se envía nada y no cuesta nada.")
        agreed = approval is _Approval.AGREED
        return Exchange(
            self._services, job, presenter, client, agreed=agreed, asked_at=asked_at, cached=cached
        ).run()

    def _approval(self, job: Job, presenter: Presenter) -> _Approval:
        objection = self._objection(job)
        if not objection:
            return _Approval.UNASKED
        agreed = presenter.may_spend(objection, begun=job.continues)
        return _Approval.AGREED if agreed else _Approval.DECLINED

    def _objection(self, job: Job) -> str:
        return self._services.spending.objection(job.settings, job.messages, cached=self._services.cached)

    def _auto_continue(self, cut: TurnOutcome, settings: Settings, presenter: Presenter) -> TurnOutcome:
        job = self._continuation(settings)
        if self._objection(job):
            self._tell_ending(cut, presenter)  # the person decides, and should know what happened
        else:
            presenter.notice(_auto_continue_note(cut.reply))
        more = self._continue(job, presenter)
        if more is not None:
            self._tell_ending(more, presenter)
        return more or cut

    def _continue(self, job: Job, presenter: Presenter) -> TurnOutcome | None:
        """Send a continuation; where the server refuses a reply that has begun, in the other way."""
        outcome = self._send(job, presenter)
        if outcome is not None and job.prefill and _was_refused(outcome):
            self._no_prefill.add(job.settings.model)
            presenter.notice("El servidor no sigue una respuesta ya empezada: se lo pido de otra forma…")
            outcome = self._send(self._continuation(job.settings), presenter) or outcome
        if outcome is not None and outcome.apart:
            presenter.notice(APART)
        return outcome

    def _tell_limits(self, settings: Settings, presenter: Presenter) -> None:
        """Show once, until it changes, which settings the model does not accept."""
        before, self._noted_limits = self._noted_limits, thinking_limits_note(settings)
        if self._noted_limits and self._noted_limits != before:
            presenter.notice(self._noted_limits)
        if unwatched := self._services.spending.unwatched(settings):
            presenter.notice(f"{unwatched} Lo que gastes con él no cuenta.")

    def _tell_ending(self, outcome: TurnOutcome, presenter: Presenter) -> None:
        if outcome.declined and not self._in_chat:
            return  # the presenter said so, and no conversation goes on
        if note := outcome_note(outcome.reply, in_chat=self._in_chat, before=outcome.before):
            presenter.notice(note)

    def _warn_of_budget(self, outcome: TurnOutcome, presenter: Presenter) -> None:
        near = self._services.spending.warning(in_chat=self._in_chat)
        if near and not outcome.declined:
            presenter.notice(near)


def _was_refused(outcome: TurnOutcome) -> bool:
    """Whether the server refused the beginning of a reply; nothing has come of it then."""
    return not outcome.reply.arrived and refuses_prefill(outcome.reply.error)


def _should_auto_continue(reply: ReplyLike, settings: Settings) -> bool:
    """Whether a reply was cut by a transient failure and should be continued automatically."""
    cut = reply.outcome == "interrupted" and reply.error is not None and reply.error.retryable
    return settings.preferences.limits.auto_continue and cut and bool(reply.text.strip())


def _lacks_model(reply: ReplyLike, settings: Settings) -> bool:
    """Whether the server does not have the model that stands for a line, so that another may replace it."""
    missing = isinstance(reply.error, ModelNotFound) and not reply.text.strip()
    return missing and bool(settings.line) and not settings.connection.practice


def _auto_continue_note(reply: ReplyLike) -> str:
    """Announce in Spanish that a reply is continued automatically."""
    why = cause(reply.error) if reply.error is not None else ""
    return f"{why} Sigo desde ahí por mi cuenta, como pediste…"
