"""One chat session: its settings, conversation and figures, and what asking a question does."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from stream_core.continuation import Continued, can_go_on, joined, lead_in
from stream_core.continuation import messages as continuing
from stream_core.conversation import Conversation, Message, Turn
from stream_core.deltas import Text
from stream_core.errors import StoreError, StreamCoreError
from stream_core.reply import Reply
from stream_core.sanitize import sanitize
from stream_core.settings import Settings
from stream_core.stats import FrameStats, SessionStats
from stream_core.store.protocol import Hit, Store
from stream_core.stream import stream_reply
from stream_core.texts import explain, outcome_note
from stream_core.values import yes_or_no

from .account import Account
from .archive import Archive, Kept
from .backend import Backend
from .debuglog import DebugLog
from .interrupts import Interrupts
from .reopening import Reopened
from .request import GOING_ON, goes_on_by_itself, name_source, patience, request_of
from .suspension import Suspension

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

    from stream_core.practice.lab import Lab
    from stream_core.terminal.screen import Screen

T = TypeVar("T")


def _no_answer(question: str) -> str:
    raise EOFError


WatchKeys: TypeAlias = Callable[[Callable[[], None], Callable[[], None]], AbstractContextManager[object]]


class Session:
    """What the commands act on.

    Attributes:
        settings: the settings in force.
        screen: where everything is shown.
        conversation: the turns so far.
        archive: what is kept of it, and what was kept before.
        account: the models that can be asked.
        debug: the log of its requests.
        stats: the figures of the session.
        frames: how its deltas came onto the screen.
        leaving: whether the person has asked to leave.
        watch_keys: watches the keyboard while a reply streams; is given what cancels the reply, and what
            ends slow drawing.
        read_answer: asks the person something and reads a line.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        backend: Backend,
        interrupts: Interrupts,
        archive: Archive | None = None,
        debug: DebugLog | None = None,
        jobs: Suspension | None = None,
    ) -> None:
        self.settings = settings
        self.screen = screen
        self.conversation = Conversation()
        self.archive = archive or Archive(None)
        self.debug = debug or DebugLog()
        self.stats = SessionStats(time.monotonic())
        self.frames = FrameStats()
        self.leaving = False
        self.watch_keys: WatchKeys = lambda cancel, hurry: nullcontext()
        self.read_answer: Callable[[str], str] = _no_answer
        self._backend = backend
        self._interrupts, self._jobs = interrupts, jobs or Suspension()
        self.account = Account(backend, screen, interrupts, self._jobs)

    @property
    def lab(self) -> Lab | None:
        """The faults that the practice server plays; None when the API answers."""
        return self._backend.lab

    def ask(self, question: str) -> None:
        """Send a question and show the reply as it arrives; keep both, whatever becomes of it."""
        question, model = sanitize(question).strip(), self.settings.model
        if not question:
            return
        reply = self._reply_to(
            self.conversation.messages(question, model=model),
            begin=lambda: self.archive.begin(question, model=model),
            settle=lambda reply: self.conversation.add(question, reply, model=model),
        )
        if reply is not None and goes_on_by_itself(reply, self.settings):
            self.screen.note(GOING_ON)
            self.resume()

    def resume(self) -> None:
        """Go on with the last reply from where it was cut; the two become one turn."""
        turns, model = self.conversation.turns, self.settings.model
        if not turns or not can_go_on(turns[-1]):
            return
        *before, last = turns

        def settle(reply: Reply) -> Turn:
            turns[-1] = joined(last, reply, model=model)
            return turns[-1]

        sent = [message for turn in before for message in turn.messages(model)]
        self._reply_to(
            continuing(sent, last, model=model),
            begin=lambda: self.archive.begin_again(last),
            settle=settle,
            goes_on=last,
        )

    def _reply_to(
        self,
        messages: list[Message],
        *,
        begin: Callable[[], Kept],
        settle: Callable[[Reply], Turn],
        goes_on: Turn | None = None,
    ) -> Reply | None:
        """Send a request and show the reply as it arrives, whatever becomes of it.

        Args:
            messages: what is sent.
            begin: begins to keep the turn.
            settle: makes a turn of the reply, once that has ended.
            goes_on: the turn that it goes on with, if it does.

        Returns:
            The reply, which has ended; None when nothing was sent.
        """
        client = self._client()
        if client is None:
            return None
        settings = self.settings
        lead = lead_in(goes_on.text) if goes_on else ""
        view = self.screen.reply_view(practice=settings.practice, lead=lead)
        request, waits = request_of(settings, messages), patience(settings)
        log = self.debug.reply(request, waits["retry"])
        stream = stream_reply(client, record=log.record, **waits, **request)
        continued = Continued(goes_on, model=settings.model) if goes_on else None
        reply = continued.reply if continued else stream.reply
        with (
            self._interrupts.cancelling(stream.cancel),
            self.watch_keys(stream.cancel, view.hurry),
            self._jobs.holding(),
            view,
        ):
            kept = begin()
            try:
                with self._jobs.taking_part(view.leave, view.come_back):
                    try:
                        with stream:
                            for arrived in stream:
                                log.feed(arrived)
                                for delta in continued.feed(arrived) if continued else (arrived,):
                                    if isinstance(delta, Text):
                                        kept.text(delta.text)
                                    view.feed(delta)
                    finally:  # also when a signal ends the program: what arrived is kept
                        if continued:
                            continued.finish(stream.reply)
                        kept.end(settle(reply))
                        log.end(stream)
                    self._jobs.need_terminal()
            finally:  # and stays on the screen
                view.finish(reply, stream.stats)
        self.stats.add(stream.stats)
        self.frames.add(view.frames)
        name_source(reply.error, settings)
        if note := outcome_note(reply):
            self.screen.warning(note)
        return reply

    def _client(self) -> AsyncAnthropic | None:
        """The client, waited for if need be; None when it is not to be had, and then it has been told why."""
        try:
            loading = self.screen.loading(self._jobs.taking_part)
            with nullcontext() if self._backend.ready else loading, self.debug.opening():
                return self._backend.client()
        except KeyboardInterrupt:
            arrow = "" if self.screen.look.plain else " (flecha arriba)"
            self.screen.warning(f"Cancelado antes de enviar nada. Tu pregunta está en el historial{arrow}.")
        except StreamCoreError as error:
            name_source(error, self.settings)
            self.screen.warning(explain(error, in_chat=True))
        return None

    def undo(self) -> Turn | None:
        """Forget the last turn, here and where it is kept; None when there is none."""
        turns = self.conversation.turns
        if not turns:
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
        if not turns:
            self.archive.go_on(None)
        return last

    def go_on(self, reopened: Reopened, hit: Hit | None = None) -> None:
        """Go on with a conversation that was kept, and show where it stood and what was found in it."""
        self.conversation.turns[:] = reopened.turns
        self.archive.go_on(reopened.summary.id)
        self.screen.opened(reopened.summary, reopened.turns, reopened.turn_of(hit) if hit else None)

    def begin_anew(self) -> None:
        """Begin a new conversation; what was kept of the one before stays."""
        self.conversation.clear()
        self.archive.go_on(None)

    def from_archive(self, work: Callable[[Store], T]) -> T | None:
        """Do something with what is kept; None when that is not possible, and then it has been told why."""
        if not self.archive.keeps:
            self.screen.warning("Ahora no se guarda nada, así que no hay conversaciones guardadas que ver.")
            return None
        try:
            return self.archive.call(work)
        except StoreError as error:
            self.screen.warning(explain(error))
            return None

    def confirm(self, question: str) -> bool:
        """Ask whether to do something; what is not a yes is a no, and so are Ctrl+C and Ctrl+D."""
        try:
            return yes_or_no(self.read_answer(f"{question} (sí/no) ").strip()) is True
        except (EOFError, KeyboardInterrupt):
            return False

    def tell_news(self) -> None:
        """Tell what is to be told about what is kept and logged. Never while a reply is drawn."""
        for sentence in (*self.archive.news(), *self.debug.news()):
            self.screen.warning(sentence)


def _undo(store: Store, conversation: str, last: Turn) -> bool:
    """Forget the turn in the store, if it is the last there too: another terminal may have gone on."""
    stored: Turn | None = None
    for stored in store.turns(conversation):  # noqa: B007 -- only the last one is wanted
        pass
    if stored is None or (stored.question, stored.text) != (last.question, last.text):
        return False
    store.undo(conversation)
    return True
