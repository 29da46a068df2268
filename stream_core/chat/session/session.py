"""One chat session: how a question is asked, and which model answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from stream_core.chat.backend.account import Account
from stream_core.chat.backend.client import Backend
from stream_core.chat.backend.successor import Successor, succeed
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.reply.session_spending import price_of
from stream_core.chat.saved.archive import Archive
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.core.conversation import Question, text_of
from stream_core.core.errors import StreamCoreError
from stream_core.core.sanitize import sanitize_message, tags_in
from stream_core.texts.unseen_es import tags_sent

from .state import ChatState

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.chat.attached.uploading import SessionUploads
    from stream_core.chat.reply.contenders import Contender
    from stream_core.chat.reply.exchange import Services
    from stream_core.chat.reply.live_comparison_presenter import WatchKeys as WatchSeveral
    from stream_core.chat.reply.live_presenter import LivePresenter, WatchKeys
    from stream_core.chat.reply.runner import TurnRunner
    from stream_core.config.settings import Settings
    from stream_core.core.frame_stats import FrameStats
    from stream_core.core.stats import ReplyStats
    from stream_core.practice.lab import Lab
    from stream_core.terminal.screen import Screen

    from .compared import Compared


class Session(ChatState):
    """The state of a chat, on which the commands act, with the backend that answers its questions.

    Attributes:
        account: the server's list of models.
        watch_keys: watches the keyboard while a reply streams; receives the function that cancels the
            reply, and its view.
        watch_several: the same while several replies stream.
        watch_waiting: the same while the program gets ready, where Esc is Ctrl+C.
        contenders: who answers the next question together; empty for the model in force alone.
        compared: the answers of the last comparison.
        write_text: lets the user edit a text of several lines, and returns it.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        backend: Backend,
        interrupts: Interrupts,
        archive: Archive | None = None,
        debug: DebugLog | None = None,
        suspension: Suspension | None = None,
    ) -> None:
        super().__init__(settings, screen, interrupts, archive, debug, suspension)
        self.watch_keys: WatchKeys = lambda cancel, view: nullcontext()
        self.watch_several: WatchSeveral = lambda cancel, count, view: nullcontext()
        self.watch_waiting: Callable[[], AbstractContextManager[None]] = nullcontext
        self.contenders: Sequence[Contender] = ()
        self.compared: Compared | None = None
        self.write_text: Callable[[str], str] = lambda draft: draft
        self._backend = backend
        self._successor = Successor()
        self.account = Account(backend, screen, interrupts, self.suspension)

    @cached_property
    def _presenter(self) -> LivePresenter:
        from stream_core.chat.reply.live_presenter import LivePresenter

        return LivePresenter(
            self.screen,
            self.decisions,
            self.interrupts,
            self.suspension,
            lambda cancel, hurry: self.watch_keys(cancel, hurry),
            self.stats,
            self.frames,
            self.wire,
            lambda usage: price_of(usage, self.settings),
            practice=self.settings.connection.practice,
            recorded=bool(self.settings.wire.replay),
        )

    @property
    def last_figures(self) -> tuple[ReplyStats, FrameStats] | None:
        """The figures of the last reply and of its drawing, or None."""
        return self._presenter.last_figures

    def _forget_last_reply(self) -> None:
        super()._forget_last_reply()
        if "_presenter" in self.__dict__:
            self._presenter.last_figures = None
        self.compared = None

    @property
    def lab(self) -> Lab | None:
        """The faults that the practice server plays; None outside practice mode."""
        return self._backend.lab

    def ask(self, question: Question, *, again: bool = False) -> bool:
        """Send a question and show the reply as it arrives; both are saved, whatever becomes of it.

        Args:
            question: a text, or content blocks whose text is safe.
            again: whether it replaces the last turn, once it is certain that it is sent.

        Returns:
            Whether it was sent.
        """
        if isinstance(question, str):
            question = sanitize_message(question)
        text, asked_at = text_of(question), time.monotonic()
        if not text.strip() or not self._settle_model():
            return False

        if unseen := tags_in(text):
            self.screen.note(tags_sent(unseen))

        def replace_last() -> None:
            self.undo()
            self.screen.asked(text)

        if self.contenders and not again:
            return self._compare(question)
        runner, presenter = self._runner, self._presenter  # loads what is not loaded yet
        waited = time.monotonic() - asked_at
        done = replace_last if again else None
        return runner.ask(question, self.settings, presenter, done, waited=waited) is not None

    def _compare(self, question: Question) -> bool:
        """Ask the contenders, once; returns whether it was sent."""
        from stream_core.chat.reply.comparison_runner import ComparisonRunner
        from stream_core.chat.reply.live_comparison_presenter import LiveComparisonPresenter

        from .compared import compared_now, words_on_who_goes_on

        if self.screen.look.xray:
            self.screen.note(
                "Mientras llegan varias no se ve la radiografía; después, «/x 2» muestra la de la segunda."
            )

        def may_spend(objection: str) -> bool:
            return self._presenter.may_spend(objection, begun=False)

        presenter = LiveComparisonPresenter(
            self.screen,
            self.interrupts,
            self.suspension,
            self.watch_several,
            may_spend,
            decisions=self.decisions,
        )
        runner = ComparisonRunner(self._services, client=self.client)
        answers = runner.ask(question, self.contenders, presenter)
        if answers is None:
            return False
        self.contenders, self.compared = (), compared_now(answers)
        for answer in answers:
            self.stats.add(
                answer.outcome.stats, asked=not answer.number, characters=len(answer.outcome.turn.text)
            )
        if words := words_on_who_goes_on(self.compared):
            self.screen.note(words)
        return True

    def continue_reply(self) -> None:
        """Continue the last reply from where it was cut; the two become one turn."""
        if self.can_continue and self._settle_model():
            self._runner.continue_reply(self.settings, self._presenter)

    @cached_property
    def _services(self) -> Services:
        from stream_core.chat.reply.exchange import Services  # loaded behind the prompt, with the SDK

        return Services(
            self.conversation,
            self.archive,
            self.spending,
            self.debug,
            self.wire,
            self.answers,
            tools=lambda: self.tools,
            uploads=self.uploads,
        )

    @cached_property
    def uploads(self) -> SessionUploads:
        """The large files that the server has."""
        from stream_core.chat.attached.uploading import SessionUploads

        return SessionUploads.of(self.settings, lambda: self.archive.files)

    @cached_property
    def _runner(self) -> TurnRunner:
        from stream_core.chat.reply.runner import TurnRunner

        return TurnRunner(self._services, client=self.client, replace_model=self._replace_model)

    def client(self) -> AsyncAnthropic | None:
        """The client, once it is loaded; None, after a message to the user, if it could not be opened."""
        try:
            with ExitStack() as waiting:
                if not self._backend.ready:
                    waiting.enter_context(self.screen.loading(self.suspension.taking_part))
                    waiting.enter_context(self.watch_waiting())
                waiting.enter_context(self.debug.opening())
                return self._backend.client()
        except KeyboardInterrupt:
            self._tell_cancelled()
        except StreamCoreError as error:
            from stream_core.chat.reply.error_context import add_context
            from stream_core.texts.errors_es import explain

            add_context(error, self.settings)
            self.screen.fault(explain(error, in_chat=True))
        return None

    def _tell_cancelled(self) -> None:
        arrow = "" if self.screen.look.plain else " (flecha arriba)"
        self.screen.note(f"Cancelaste antes de que se enviara. Tu pregunta está en el historial{arrow}.")

    def look_for_successor(self, then: Callable[[], None]) -> None:
        """Start looking for a newer model if the current one is outdated; `tell_news` switches to it."""
        self._successor.look_for(self.settings, self._backend, then)

    def _settle_model(self) -> bool:
        """Wait for the result of `look_for_successor`; False if the user cancelled the wait."""
        coming = self._successor.coming
        if coming is not None:
            try:
                with suppress(StreamCoreError):
                    self.account.wait_for(coming)
                self._take_successor()
            except KeyboardInterrupt:
                self._successor.drop()
                self._tell_cancelled()
                return False
        return True

    def _take_successor(self) -> None:
        self.settings, notice = self._successor.take(self.settings)
        if notice:
            self.screen.warning(notice)

    def _replace_model(self, settings: Settings) -> Settings | None:
        """Replace a model that the server does not have by the newest of its line."""
        try:
            listed = self.account.models(anew=True)
        except (StreamCoreError, KeyboardInterrupt):
            return None  # the outcome of the reply says how to choose another
        self.settings, notice = succeed(settings, listed, in_chat=True)
        if self.settings.model == settings.model:
            return None
        self.screen.warning(notice)
        last = self.conversation.turns[-1]
        if last.outcome == "error":  # else a reply is continued, and no question asked
            self.screen.asked(last.question)
        return self.settings

    def tell_news(self) -> None:
        """Show pending notices about the model, the store and the debug log. Never while a reply is drawn."""
        if (coming := self._successor.coming) is not None and coming.done() and not coming.cancelled():
            self._take_successor()
        for sentence in (
            *self.archive.pending_notices(),
            *self.debug.pending_notices(),
            *self.wire.pending_notices(),
        ):
            self.screen.warning(sentence)
