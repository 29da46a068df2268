"""What the chat keeps: the conversation is written while it is held, and what goes wrong is told once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from stream_core.config.settings import Settings
from stream_core.core.conversation import Turn
from stream_core.core.deltas import TurnDelta
from stream_core.core.errors import ConfigError, StoreError, UsageError
from stream_core.core.sanitize import one_line
from stream_core.core.text_join import TextJoiner
from stream_core.models.cost import Spent
from stream_core.store.journal import Journal
from stream_core.store.locks import hold_back, release
from stream_core.store.protocol import FOLDER, Hit, Store, Summary
from stream_core.store.writer import Saving, Writer
from stream_core.texts.errors_es import explain

from .reopening import Reopened, left_behind, reopen_by, reopen_last

T = TypeVar("T")

_SUSPEND_SECONDS = 1.0  # how long Ctrl+Z waits for a transaction


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of a list that was shown.

    Attributes:
        conversation: the id of its conversation.
        hit: what was found in it, or None in a list of conversations.
    """

    conversation: str
    hit: Hit | None = None


@dataclass(slots=True)
class ResultList:
    """The list that was shown last: what a number means.

    Attributes:
        rows: its rows, from number 1 on; of all its pages.
        last: the last conversation of its last page, or None when it has no pages.
    """

    rows: list[ResultRow] = field(default_factory=list)
    last: Summary | None = None


class TurnSaver:
    """Saves a turn while it arrives; where nothing is saved, nothing happens."""

    def __init__(self, saving: Saving | None = None) -> None:
        self._saving = saving
        self._joiner = TextJoiner()

    def feed(self, delta: TurnDelta) -> None:
        """Save what a delta adds to the text; returns at once."""
        if (text := self._joiner.feed(delta)) and self._saving is not None:
            self._saving.text(text)

    def end(self, turn: Turn) -> None:
        """Save the whole turn with its outcome; returns at once."""
        if self._saving is not None:
            self._saving.end(turn)


class Archive:
    """Keeps the conversation that goes on, and gives what was kept before.

    Args:
        open_store: opens the store; None to keep nothing.
        in_chat: whether a conversation goes on, so that what could not be saved may be later.
        journal: takes what the store does not take; None to keep that in memory only.

    Attributes:
        results: the list that was shown last.
    """

    def __init__(
        self,
        open_store: Callable[[], Store] | None,
        *,
        in_chat: bool = True,
        journal: Journal | None = None,
    ) -> None:
        self._in_chat = in_chat
        self.results = ResultList()
        self._news: deque[str] = deque()
        self._begun: Saving | None = None
        self._conversation: str | None = None
        self._looked: type[StoreError] | None = None  # what looking back failed with
        # It is opened on the writer's thread: nobody waits for that.
        self._writer = Writer(open_store, on_failure=self._failed, journal=journal) if open_store else None
        self._journal = journal
        self._held_back = False

    @classmethod
    def of(cls, settings: Settings, *, in_chat: bool = True) -> Archive:
        """Keep as the settings say. What is practised is kept apart: no AI has said any of it."""
        folder = store_folder(settings)
        if not settings.invocation.save or folder is None:
            archive = cls(None)
            if settings.invocation.save:
                archive._news.append("Esta conversación no se guarda: no encuentro tu carpeta de datos.")
            return archive

        def open_store() -> Store:
            from stream_core.store.sqlite import SqliteStore

            return SqliteStore(folder)

        return cls(open_store, in_chat=in_chat, journal=Journal(folder / FOLDER))

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._writer is not None

    @property
    def conversation(self) -> str | None:
        """The id of the conversation that goes on, or None for one that has not begun."""
        return (self._begun and self._begun.conversation) or self._conversation

    @property
    def safe(self) -> bool:
        """Whether the conversation that goes on is kept so far."""
        return self.conversation is not None and self._writer is not None and self._writer.failed is None

    def go_on(self, conversation: str | None) -> None:
        """Go on with a conversation; None begins a new one with the next question."""
        self._conversation, self._begun = conversation, None

    def begin(self, question: str, *, model: str) -> TurnSaver:
        """Keep a question that is about to be sent. Never fails: what goes wrong is told later."""
        if self._writer is None:
            return TurnSaver()
        self._begun = self._writer.begin_turn(self.conversation, question, model=model)
        return TurnSaver(self._begun)

    def begin_again(self, turn: Turn) -> TurnSaver:
        """Reopen the last saved turn to continue its reply: `text` appends, `end` stores the combined turn.

        Never fails, as `begin`. Where the conversation does not end with this turn any more, the whole is
        kept as a turn of its own.
        """
        if self._writer is None:
            return TurnSaver()
        self._begun = self._writer.resume_turn(self.conversation, turn)
        return TurnSaver(self._begun)

    def spend(self, model: str, spent: Spent) -> None:
        """Keep what requests to a model took, before the end of their turn is. Never fails, as `begin`."""
        if self._writer is not None:
            self._writer.spend(model, spent)

    def call(self, work: Callable[[Store], T]) -> T:
        """Do something with the store, once what was to be kept so far has been.

        Raises:
            StoreError: it could not be done.
        """
        assert self._writer is not None, "look at `keeps` first"
        return self._writer.call(work)

    def asked_for(self, settings: Settings) -> Reopened | None:
        """Give the conversation that the command line asks to go on with, or None when it asks for none.

        Raises:
            ConfigError: there is none such, or nothing that is kept can be read.
        """
        beginning = settings.invocation.resume
        if beginning is None and not settings.invocation.resume_last:
            return None
        if self._writer is None:
            raise ConfigError("No hay conversaciones guardadas que seguir: no encuentro tu carpeta de datos.")
        try:
            reopened = self.call(
                lambda store: reopen_last(store) if beginning is None else reopen_by(store, beginning)
            )
        except StoreError as error:
            raise ConfigError(explain(error)) from None
        self.go_on(reopened.summary.id)
        return reopened

    def recover_unfinished(self, then: Callable[[], None]) -> None:
        """Find what a program that is gone left unfinished, on another thread; `then` is called on it."""
        if self._writer is None:
            return

        def look() -> None:
            try:
                if told := self.call(lambda store: left_behind(store, self.conversation)):
                    self._news.append(told)
            except StoreError as error:
                self._looked = type(error)
                self._news.append(explain(error, in_chat=self._in_chat))
            except UsageError:
                return  # the program ends already
            then()

        threading.Thread(target=look, name="look back", daemon=True).start()

    def pending_notices(self) -> list[str]:
        """Give the sentences there are to tell; each is given once."""
        told = [] if self._writer is None else self._writer.notes()
        while self._news:
            told.append(self._news.popleft())
        return told

    def close(self) -> None:
        """Save what is still to be saved and close the store; what could not be saved becomes a notice."""
        if self._writer is None:
            return
        closed = self._writer.close()
        journaled, lost = self._writer.left()
        if journaled:
            self._news.append(_kept_aside(journaled, self._journal.file if self._journal else None))
        if lost and (self._in_chat or not self._writer.failed):  # without a chat it was told a moment ago
            self._news.append(_not_saved(lost))
        elif not (closed or journaled or self._writer.failed):
            self._news.append("Lo último que se dijo no se ha podido guardar.")

    def suspend(self) -> None:
        """Let go of the file before the program stops (Ctrl+Z), so that no other chat has to wait for it."""
        if self._writer is not None and not self._held_back:
            self._held_back = hold_back(_SUSPEND_SECONDS)

    def resume(self) -> None:
        """Take the file again when the program continues; harmless without a `suspend` before."""
        if self._held_back:
            self._held_back = False
            release()

    def _failed(self, error: StoreError) -> None:
        looked, self._looked = self._looked, None
        if looked is not type(error):  # else it was told a moment ago
            self._news.append(explain(error, in_chat=self._in_chat))


def _kept_aside(count: int, file: Path | None) -> str:
    what = "La última respuesta está" if count == 1 else f"Las últimas {count} respuestas están"
    where = f" («{one_line(str(file), 120)}»)" if file is not None else ""
    return (
        f"{what} a salvo, pero fuera del archivo de conversaciones, que no se dejó escribir{where}. "
        "El próximo chat que abras lo recoge."
    )


def _not_saved(count: int) -> str:
    if count == 1:
        return "No se ha podido guardar una respuesta de esta sesión: si la quieres, cópiala de la pantalla."
    return (
        f"{count} respuestas de esta sesión no se han podido guardar: cópialas de la pantalla si las quieres."
    )


def store_folder(settings: Settings) -> Path | None:
    """The folder in which the store has its own, or None for nowhere. What is practised has another."""
    if settings.paths.data_dir is None:
        return None
    return settings.paths.data_dir / "practice" if settings.connection.practice else settings.paths.data_dir
