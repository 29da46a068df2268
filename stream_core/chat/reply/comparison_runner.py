"""One question to several models at once: each is billed, saved and logged as a turn of its own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from stream_core.config.settings import Settings
from stream_core.core.continuation import can_continue
from stream_core.core.conversation import Conversation, Question, Turn, blocks_of, text_of
from stream_core.core.deltas import Cancelled, Failed, Finished, ToolAsked, TurnDelta
from stream_core.core.store_errors import StoreError
from stream_core.models.cost import cost
from stream_core.store.alternatives import Alternative, alternatives_of
from stream_core.streaming.compare import compare
from stream_core.texts.outcomes_es import outcome_note

from .comparison_presenter import Answer, ComparisonPresenter
from .contenders import Contender
from .exchange import Exchange, Job, Services
from .file_checks import FileChecks
from .presenter import TurnOutcome
from .request_parameters import context_key, thinking_limits_note
from .session_spending import price_of
from .wire_taps import HeldTaps

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.chat.saved.turn_saver import TurnSaver
    from stream_core.core.stats import ReplyStats


class _Column:
    """The presenter of one of the replies. A question about it says whose it is; one is asked at a time."""

    def __init__(self, number: int, contender: Contender, presenter: ComparisonPresenter) -> None:
        self._number, self._contender, self._presenter = number, contender, presenter

    @contextmanager
    def showing(
        self, cancel: Callable[[], None], lead: str, outcome: Callable[[], TurnOutcome]
    ) -> Iterator[None]:
        self._outcome = outcome
        yield

    def show(self, delta: TurnDelta) -> None:
        self._presenter.show(self._number, delta)
        if isinstance(delta, (Finished, Cancelled, Failed)):
            outcome = self._outcome()
            price = price_of(outcome.stats.usage, self._contender.settings) if outcome.stats.complete else ""
            self._presenter.ended(self._number, replace(outcome, price=price))

    def may_run(self, asked: ToolAsked) -> bool:
        return self._presenter.may_run(self._number, asked)

    def may_spend(self, objection: str, *, begun: bool) -> bool:
        return self._presenter.may_spend(
            f"{self._number + 1} · {self._contender.name}: {objection}", begun=begun
        )

    def notice(self, sentence: str) -> None:
        self._presenter.notice(sentence)


class ComparisonRunner:
    """Asks several models the same; the first answer goes on with the conversation.

    Args:
        services: what it works with.
        client: returns the client, or None after telling the person why there is none.
        in_chat: whether the conversation goes on afterwards.
    """

    def __init__(
        self, services: Services, *, client: Callable[[], AsyncAnthropic | None], in_chat: bool = True
    ) -> None:
        self._services, self._client, self._in_chat = services, client, in_chat
        self._files = FileChecks(services)
        self._held: list[HeldTaps] = []  # of the replies that arrive beside the first

    def ask(
        self, question: Question, contenders: Sequence[Contender], presenter: ComparisonPresenter
    ) -> list[Answer] | None:
        """Ask all of them; returns their answers in that order, or None when nothing was sent."""
        services, asked_at = self._services, time.monotonic()
        jobs = [self._job(question, contender.settings) for contender in contenders]
        if not all(self._files.may_send(job, presenter.notice) for job in jobs):
            return None
        requests = [(job.settings, job.messages) for job in jobs]
        objection = services.spending.objection_to_all(requests, cached=services.cached)
        if objection and not presenter.may_spend(objection, begun=False):
            return None
        client = self._client()
        if client is None:
            return None
        self._tell_limits(contenders, presenter)
        places = self._places(len(jobs))
        exchanges = [
            Exchange(
                self._services_of(number),
                self._saved(job, place if number else ""),
                _Column(number, contender, presenter),
                client,
                agreed=bool(objection),
                asked_at=asked_at,
            )
            for number, (contender, job, place) in enumerate(zip(contenders, jobs, places, strict=True))
        ]
        try:
            self._stream(exchanges, [each.name for each in contenders], presenter)
        finally:
            traces = [services.wire.trace, *(held.trace for held in self._held)]
            services.wire.beside = list(zip((each.name for each in contenders), traces, strict=True))
            for held in self._held:
                held.record(services.wire.recording)
            self._held.clear()
        outcomes = [exchange.result() for exchange in exchanges]
        answers = [
            Answer(number, contender, outcome, place, _cost(contender, outcome.stats))
            for number, (contender, outcome, place) in enumerate(
                zip(contenders, outcomes, places, strict=True)
            )
        ]
        presenter.results(answers)
        self._tell_endings(answers, presenter)
        return answers

    def _stream(
        self, exchanges: Sequence[Exchange], names: Sequence[str], presenter: ComparisonPresenter
    ) -> None:
        keys = [str(number) for number in range(len(exchanges))]
        comparison = compare({key: each.stream for key, each in zip(keys, exchanges, strict=True)})

        def cancel(number: int | None) -> None:
            comparison.cancel(None if number is None else keys[number])

        def texts() -> list[str]:
            return [each.text for each in comparison.replies.values()]

        with ExitStack() as at_end:
            at_end.enter_context(presenter.comparing(names, cancel, texts))
            # The first is begun last, and ends last: it is the one that `-c` goes on with, whatever happens.
            for exchange in reversed(exchanges):
                exchange.save_question()
            for exchange in exchanges:
                exchange.begin(at_end)
            at_end.enter_context(comparison)
            for key, delta in comparison:
                exchanges[int(key)].take(delta)

    def _job(self, question: Question, settings: Settings) -> Job:
        key, model = context_key(settings, self._services.tools().names), settings.model
        turn = Turn(text_of(question), "", "cancelled", model, context_key=key, asked=blocks_of(question))
        before = Conversation(self._services.conversation.turns)
        messages = before.messages(question, model=model, context_key=key)
        return Job(settings, messages, turn, lambda: self._services.archive.begin(
            turn.question, model=model, instructions=settings.instructions, asked=turn.asked
        ))  # fmt: skip

    def _saved(self, job: Job, apart: str) -> Job:
        """The job of an alternative: it is saved in a conversation of its own."""
        if not apart:
            return job

        def begin() -> TurnSaver:
            return self._services.archive.begin_apart(
                apart,
                job.turn.question,
                model=job.turn.model,
                instructions=job.settings.instructions,
                asked=job.turn.asked,
            )

        return replace(job, begin=begin)

    def _places(self, count: int) -> list[str]:
        """The ids of the conversations that the answers are saved in while they are not chosen."""
        archive, turn = self._services.archive, len(self._services.conversation.turns) + 1
        taken = set[int]()
        if (begun := archive.conversation) is not None and archive.safe:  # else nothing says
            with suppress(StoreError):
                # Those of a turn that was undone stay, and the turn that takes its place has its number.
                found = archive.call(lambda store: alternatives_of(store, begun, turn))
                taken = {each.answer for each in found}
        free = (number for number in itertools.count(1) if number not in taken)
        conversation = archive.reserve()
        return [Alternative(conversation, turn, answer).id for answer in itertools.islice(free, count)]

    def _services_of(self, number: int) -> Services:
        """The services of an answer: only the first joins the conversation, and is heard while it arrives."""
        services = self._services
        if not number:
            return services
        self._held.append(HeldTaps(services.wire.redact))
        conversation = Conversation(services.conversation.turns)
        return replace(services, conversation=conversation, wire=self._held[-1])

    def _tell_limits(self, contenders: Sequence[Contender], presenter: ComparisonPresenter) -> None:
        for each in contenders:
            if note := thinking_limits_note(each.settings):
                presenter.notice(f"{each.name}: {note}")
            if unwatched := self._services.spending.unwatched(each.settings):
                presenter.notice(f"{unwatched} Lo que gastes con él no cuenta.")

    def _tell_endings(self, answers: Sequence[Answer], presenter: ComparisonPresenter) -> None:
        first_goes_on = answers[0].outcome.turn.is_sent or not any(
            each.outcome.turn.is_sent for each in answers
        )
        for number, answer in enumerate(answers, 1):
            aside = bool(answer.number) or not first_goes_on
            if note := outcome_note(answer.outcome.reply, in_chat=self._in_chat, aside=aside):
                if aside and self._in_chat and can_continue(answer.outcome.turn):
                    note += f" Para seguirla: «/elegir {number}» y «/continuar»."
                presenter.notice(f"{number} · {answer.contender.name}: {note}")
        if near := self._services.spending.warning(in_chat=self._in_chat):
            presenter.notice(near)


def _cost(contender: Contender, stats: ReplyStats) -> Decimal | None:
    """The cost of an answer that is complete, at the prices that are known."""
    if not stats.complete or contender.settings.connection.practice:
        return None
    found = cost(contender.settings.model, stats.usage, contender.settings.priced)
    return found.total if found is not None else None
