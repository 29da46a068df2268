"""One chat session: its settings, conversation and figures, and what asking a question does."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from stream_core.conversation import Conversation
from stream_core.deltas import Text
from stream_core.errors import AuthFailed, StoreError, StreamCoreError
from stream_core.pump import RetryPolicy
from stream_core.sanitize import sanitize
from stream_core.settings import Settings
from stream_core.stats import FrameStats, SessionStats
from stream_core.store.protocol import Hit, Store
from stream_core.stream import stream_reply
from stream_core.texts import explain, outcome_note
from stream_core.values import yes_or_no

from .archive import Archive
from .backend import Backend
from .interrupts import Interrupts
from .reopening import Reopened
from .suspension import Suspension

if TYPE_CHECKING:
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
        jobs: Suspension | None = None,
    ) -> None:
        self.settings = settings
        self.screen = screen
        self.conversation = Conversation()
        self.archive = archive or Archive(None)
        self.stats = SessionStats(time.monotonic())
        self.frames = FrameStats()
        self.leaving = False
        self.watch_keys: WatchKeys = lambda cancel, hurry: nullcontext()
        self.read_answer: Callable[[str], str] = _no_answer
        self._backend = backend
        self._interrupts, self._jobs = interrupts, jobs or Suspension()

    @property
    def lab(self) -> Lab | None:
        """The faults that the practice server plays; None when the API answers."""
        return self._backend.lab

    def ask(self, question: str) -> None:
        """Send a question and show the reply as it arrives; keep both, whatever becomes of it."""
        question = sanitize(question).strip()
        if not question:
            return
        try:
            with nullcontext() if self._backend.ready else self.screen.loading(self._jobs.taking_part):
                client = self._backend.client()
        except KeyboardInterrupt:
            arrow = "" if self.screen.look.plain else " (flecha arriba)"
            self.screen.warning(f"Cancelado antes de enviar nada. Tu pregunta está en el historial{arrow}.")
            return
        except StreamCoreError as error:
            name_source(error, self.settings)
            self.screen.warning(explain(error))
            return
        request = request_of(self.settings, self.conversation.messages(question, model=self.settings.model))
        view = self.screen.reply_view(practice=self.settings.practice)
        stream = stream_reply(client, retry=RetryPolicy(), **request)
        with (
            self._interrupts.cancelling(stream.cancel),
            self.watch_keys(stream.cancel, view.hurry),
            self._jobs.holding(),
            view,
        ):
            kept = self.archive.begin(question, model=self.settings.model)
            try:
                with self._jobs.taking_part(view.leave, view.come_back):
                    try:
                        with stream:
                            for delta in stream:
                                if isinstance(delta, Text):
                                    kept.text(delta.text)
                                view.feed(delta)
                    finally:  # also when a signal ends the program: what arrived is kept
                        kept.end(self.conversation.add(question, stream.reply, model=self.settings.model))
                    self._jobs.need_terminal()
            finally:  # and stays on the screen
                view.finish(stream.reply, stream.stats)
        self.stats.add(stream.stats)
        self.frames.add(view.frames)
        name_source(stream.reply.error, self.settings)
        if note := outcome_note(stream.reply):
            self.screen.warning(note)

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
        """Tell what is to be told about what is kept. Never while a reply is drawn."""
        for sentence in self.archive.news():
            self.screen.warning(sentence)


def request_of(settings: Settings, messages: list[Any]) -> dict[str, Any]:
    """The arguments of `client.messages.stream` for these settings."""
    request: dict[str, Any] = {
        "model": settings.model,
        "max_tokens": settings.max_tokens,
        "messages": messages,
    }
    if settings.system:
        request["system"] = settings.system
    return request


def name_source(error: StreamCoreError | None, settings: Settings) -> None:
    """Let a refused credential's error say where the credential came from."""
    if isinstance(error, AuthFailed):
        error.source = settings.credential or ""
