"""One chat session: its settings, conversation and statistics, and how a question is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from stream_core.chat.backend.account import Account
from stream_core.chat.backend.client import Backend
from stream_core.chat.backend.successor import Successor, succeed
from stream_core.chat.debug.log import DebugLog
from stream_core.chat.reply.permission_questions import Decisions
from stream_core.chat.reply.spending import SessionSpending, price_of
from stream_core.chat.reply.wire_taps import WireTaps
from stream_core.chat.saved.archive import Archive
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.core.conversation import Conversation, Question, Turn, text_of
from stream_core.core.errors import StoreError, StreamCoreError
from stream_core.core.instructions import Instructions
from stream_core.core.sanitize import sanitize_message

from .role_in_force import RoleInForce

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.chat.attached.tray import Tray
    from stream_core.chat.reply.answer_cache import AnswerCache
    from stream_core.chat.reply.contenders import Contender
    from stream_core.chat.reply.exchange import Services
    from stream_core.chat.reply.live_comparison import WatchKeys as WatchSeveral
    from stream_core.chat.reply.live_presenter import LivePresenter, WatchKeys
    from stream_core.chat.reply.runner import TurnRunner
    from stream_core.chat.reply.toolset import Toolset
    from stream_core.chat.saved.reopening import Reopened
    from stream_core.config.roles import Role
    from stream_core.config.settings import Settings
    from stream_core.core.stats import FrameStats, ReplyStats, SessionStats
    from stream_core.practice.lab import Lab
    from stream_core.store.protocol import Hit, Store
    from stream_core.terminal.screen import Screen

    from .alternatives import Compared

T = TypeVar("T")


class Session:
    """The state of a chat, on which the commands act.

    Attributes:
        settings: the settings in force.
        screen: where everything is shown.
        conversation: the turns so far.
        archive: saves the conversation and gives access to earlier ones.
        account: the server's list of models.
        debug: the debug log.
        wire: what listens to the wire: the trace of the last reply, the recording.
        spending: its cost, and the budget.
        decisions: asks the user for permissions and confirmations.
        leaving: whether the user has asked to leave.
        watch_keys: watches the keyboard while a reply streams; receives the function that cancels the
            reply, and its view.
        watch_several: the same while several replies stream.
        watch_waiting: the same while the program gets ready, where Esc is Ctrl+C.
        contenders: who answers the next question together; empty for the model in force alone.
        compared: the answers of the last comparison.
        borrowed: number of turns at the beginning that stand in another conversation, of which this one is an
            alternative.
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
        self.settings = settings
        self.screen = screen
        self.conversation = Conversation()
        self.archive = archive or Archive(None)
        self.debug = debug or DebugLog()
        self.wire = WireTaps(settings.invocation.redact)
        self._began = time.monotonic()
        self.spending = SessionSpending(settings.budget, self.archive.spend)
        self.leaving = False
        self.watch_keys: WatchKeys = lambda cancel, view: nullcontext()
        self.watch_several: WatchSeveral = lambda cancel, count, view: nullcontext()
        self.watch_waiting: Callable[[], AbstractContextManager[None]] = nullcontext
        self.contenders: Sequence[Contender] = ()
        self.compared: Compared | None = None
        self.borrowed = 0
        self.write_text: Callable[[str], str] = lambda draft: draft
        self._backend = backend
        self.interrupts, self.suspension = interrupts, suspension or Suspension()
        self.decisions = Decisions(interrupts, self.suspension)
        self._successor = Successor()
        self._role = RoleInForce(settings)
        self._own = settings  # its instructions are those of new conversations
        self.account = Account(backend, screen, interrupts, self.suspension)
        self.decisions.is_marked = self._asks_first

    def _asks_first(self, name: str) -> bool:
        return any(entry.asks for entry in self.tools.entries if entry.name == name)

    @cached_property
    def answers(self) -> AnswerCache:
        """The cache of answers."""
        from stream_core.chat.reply.answer_cache import AnswerCache

        return AnswerCache(self._own)

    def close(self) -> None:
        """End what the session itself has begun."""
        if "answers" in self.__dict__:
            self.answers.close()

    @cached_property
    def stats(self) -> SessionStats:
        """The statistics of the session."""
        from stream_core.core.stats import SessionStats

        return SessionStats(self._began)

    @cached_property
    def frames(self) -> FrameStats:
        """Statistics of drawing."""
        from stream_core.core.stats import FrameStats

        return FrameStats()

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
        )

    @property
    def last_figures(self) -> tuple[ReplyStats, FrameStats] | None:
        """The figures of the last reply and of its drawing, or None."""
        return self._presenter.last_figures

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
        from stream_core.chat.reply.comparison import ComparisonRunner
        from stream_core.chat.reply.live_comparison import LiveComparison

        from .alternatives import compared_now, say_who_goes_on

        def may_spend(objection: str) -> bool:
            return self._presenter.may_spend(objection, begun=False)

        presenter = LiveComparison(
            self.screen, self.interrupts, self.suspension, self.watch_several, may_spend
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
        say_who_goes_on(self, self.compared)
        return True

    def resume(self) -> None:
        """Continue the last reply from where it was cut; the two become one turn."""
        from stream_core.core.continuation import can_continue

        turns = self.conversation.turns
        if len(turns) > self.borrowed and can_continue(turns[-1]) and self._settle_model():
            self._runner.resume(self.settings, self._presenter)

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
        self.screen.asked(self.conversation.turns[-1].question)
        return self.settings

    @cached_property
    def tray(self) -> Tray:
        """The files that go with the next message."""
        from stream_core.chat.attached.tray import Tray

        return Tray()

    @cached_property
    def tools(self) -> Toolset:
        """The tools, loaded on first use so that the prompt does not wait for them.

        Raises:
            ConfigError: a folder or file named in the settings is unusable.
        """
        from stream_core.chat.reply.toolset import Toolset

        return Toolset(self.settings)

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
        )

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
            from stream_core.chat.reply.request import add_context
            from stream_core.texts.errors_es import explain

            add_context(error, self.settings)
            self.screen.fault(explain(error, in_chat=True))
        return None

    def _tell_cancelled(self) -> None:
        arrow = "" if self.screen.look.plain else " (flecha arriba)"
        self.screen.note(f"Cancelaste antes de que se enviara. Tu pregunta está en el historial{arrow}.")

    def undo(self) -> Turn | None:
        """Remove the last turn here and from the store and return it; None if there is none of this one."""
        turns = self.conversation.turns
        if len(turns) <= self.borrowed:
            return None
        conversation, last = self.archive.conversation, turns[-1]
        if conversation is not None:
            undone = self.from_archive(lambda store: _undo(store, conversation, last))
            if undone is False:
                self.screen.warning(
                    "La conversación guardada no acaba en ese turno (quizá siguió en otra terminal): "
                    "lo quito de aquí, y allí queda."
                )
        turns.pop()
        if last.asked:
            self.archive.undone(turns)
        if not turns:
            self.archive.go_on(None)
        return last

    def go_on(self, reopened: Reopened, hit: Hit | None = None) -> None:
        """Continue a saved conversation and its instructions, showing its last turn and that of a hit."""
        from .alternatives import before_told

        self.conversation.turns[:] = reopened.turns
        self.borrowed = reopened.before
        self.archive.go_on(reopened.summary.id)
        self.screen.opened(reopened.summary, reopened.turns, reopened.turn_of(hit) if hit else None)
        if told := before_told(reopened):
            self.screen.note(told)
        self._use(self._own.resuming(reopened.instructions))

    def begin_anew(self) -> None:
        """Start a new conversation; the previous one stays saved."""
        self.conversation.clear()
        self.borrowed = 0
        self.archive.go_on(None)
        self._use(self._own)

    def instruct(self, instructions: Instructions) -> None:
        """Use other instructions from the next question on, in new conversations, too."""
        self.settings = self.settings.with_instructions(instructions)
        self._own = self.settings

    def take_role(self, role: Role, params: Mapping[str, str]) -> None:
        """Use a role from the next question on: its instructions, and what its head says.

        Raises:
            ConfigError: a variable is missing, or its model or a tool cannot be had; nothing changes then.
        """
        instructions = role.instructions(params, "{}=…")
        self.settings = self._role.take(role, self.settings, lambda: self.tools)
        self.instruct(instructions)

    def drop_role(self) -> None:
        """Use no role; model, effort and tools are again what they were before it."""
        self.settings = self._role.drop(self.settings, lambda: self.tools)
        self.instruct(Instructions())

    def running_choices(self) -> dict[str, Any]:
        """Return what `/ajustes guardar` writes, by the keys of `config.toml`."""
        from stream_core.config.saved_choices import choices

        tools = self.__dict__.get("tools")
        return choices(self.settings, tuple(tools.names) if tools is not None and tools.changed else None)

    def _use(self, source: Settings) -> None:
        """Take over the instructions of other settings, and say so if they differ."""
        before = self.settings.instructions
        origin = self.settings.origin.as_in(source.origin, "system")
        self.settings = replace(self.settings, instructions=source.instructions, origin=origin)
        if source.instructions != before:
            from stream_core.texts.instructions_es import in_force

            self.screen.note(f"Indicaciones: {in_force(source.instructions)} ({origin.source('system')}).")

    def from_archive(self, work: Callable[[Store], T]) -> T | None:
        """Run a function on the archive; None, after a message to the user, if that failed."""
        if not self.archive.keeps:
            self.screen.warning("Ahora no se guarda nada, así que no hay conversaciones guardadas que ver.")
            return None
        try:
            return self.archive.call(work)
        except StoreError as error:
            from stream_core.texts.errors_es import explain

            self.screen.fault(explain(error, in_chat=True))
            return None

    def delete(self, conversation: str) -> bool:
        """Delete a saved conversation and its files; False, after a message to the user, if that failed."""
        try:
            self.archive.delete(conversation)
        except StoreError as error:
            from stream_core.texts.errors_es import explain

            self.screen.fault(explain(error, in_chat=True))
            return False
        return True

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


def _undo(store: Store, conversation: str, last: Turn) -> bool:
    """Delete the turn from the store if it is still the last one there; another chat may have continued."""
    stored: Turn | None = None
    for stored in store.turns(conversation):  # noqa: B007 -- only the last one is wanted
        pass
    if stored is None or (stored.question, stored.text) != (last.question, last.text):
        return False
    store.undo(conversation)
    return True
