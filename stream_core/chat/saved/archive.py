"""Saving the conversation while it takes place; each problem is reported once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError, StoreError, UsageError
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line
from stream_core.store.alternatives import delete_whole
from stream_core.store.ids import new_id
from stream_core.store.journal import Journal
from stream_core.store.locks import hold_back, release
from stream_core.store.protocol import FOLDER
from stream_core.store.writer import Writer

from .place import is_of_team, store_folder, store_opener

if TYPE_CHECKING:
    from stream_core.core.conversation import Turn
    from stream_core.core.deltas import Block, TurnDelta
    from stream_core.files.blobs import Blobs
    from stream_core.models.cost import Spent
    from stream_core.store.protocol import Hit, Store, Summary
    from stream_core.store.saving import Saving

    from .reopening import Reopened

T = TypeVar("T")

ATTACHED = "attachments"
"""The folder of attached files, in that of the store."""

_SUSPEND_SECONDS = 1.0  # how long Ctrl+Z waits for a transaction


class ResultRow(NamedTuple):
    """A row of a list shown to the user.

    Attributes:
        conversation: the id of its conversation.
        hit: its search hit, or None in a list of conversations.
    """

    conversation: str
    hit: Hit | None = None


@dataclass(slots=True)
class ResultList:
    """The list shown last, to which a number typed by the user refers.

    Attributes:
        rows: the rows of all its pages; number 1 is the first.
        last: the last conversation of its last page, or None without pages.
    """

    rows: list[ResultRow] = field(default_factory=list)
    last: Summary | None = None


class TurnSaver:
    """Saves a turn while it arrives; where nothing is saved, nothing happens."""

    def __init__(
        self,
        saving: Saving | None = None,
        saved_blocks: Callable[[Sequence[Block]], tuple[Block, ...]] = tuple,
    ) -> None:
        from stream_core.core.block_text import TextJoiner

        self._saving, self._saved_blocks = saving, saved_blocks
        self._joiner = TextJoiner()

    def feed(self, delta: TurnDelta) -> None:
        """Save what a delta adds to the text; returns at once."""
        if (text := self._joiner.feed(delta)) and self._saving is not None:
            self._saving.text(text)

    def end(self, turn: Turn) -> None:
        """Save the whole turn with its outcome; returns at once."""
        if self._saving is not None:
            self._saving.end(replace(turn, asked=self._saved_blocks(turn.asked)))


class Archive:
    """Saves the current conversation and gives access to earlier ones.

    Args:
        open_store: opens the store; None to save nothing.
        in_chat: whether the conversation goes on, so that failed saves are retried later.
        journal: stores what the store could not save; None to keep that in memory only.
        files_folder: where attached files are kept; None to keep them in memory only.
        inline_files: whether the store holds them itself.

    Attributes:
        results: the list shown last.
    """

    def __init__(
        self,
        open_store: Callable[[], Store] | None,
        *,
        in_chat: bool = True,
        journal: Journal | None = None,
        files_folder: Path | None = None,
        inline_files: bool = False,
    ) -> None:
        self._in_chat, self._inline = in_chat, inline_files
        self._files_folder = files_folder
        self.results = ResultList()
        self._notices: deque[str] = deque()
        self._begun: Saving | None = None
        self._conversation: str | None = None
        self._looked: type[StoreError] | None = None  # the error that the recovery failed with
        # The writer's thread opens it, so that nothing waits for that.
        self._writer = Writer(open_store, on_failure=self._failed, journal=journal) if open_store else None
        self._journal = journal
        self._held_back = False

    @classmethod
    def of(cls, settings: Settings, *, in_chat: bool = True) -> Archive:
        """Make the archive that the settings call for. Practice is saved apart: no AI has said any of it."""
        folder = store_folder(settings)
        if not settings.invocation.save or folder is None:
            archive = cls(None)
            if settings.invocation.save:
                archive._notices.append("Esta conversación no se guarda: no encuentro tu carpeta de datos.")
            return archive

        of_team = is_of_team(settings)
        return cls(
            store_opener(settings, folder),
            in_chat=in_chat,
            journal=Journal(folder / FOLDER),
            files_folder=None if of_team else folder / FOLDER / ATTACHED,
            inline_files=of_team,
        )

    @cached_property
    def files(self) -> Blobs:
        """The attached files."""
        from stream_core.files.blobs import Blobs

        return Blobs(self._files_folder)

    @property
    def keeps(self) -> bool:
        """Whether conversations are saved."""
        return self._writer is not None

    @property
    def conversation(self) -> str | None:
        """The id of the current conversation, or None before its first question."""
        return (self._begun and self._begun.conversation) or self._conversation

    @property
    def safe(self) -> bool:
        """Whether the current conversation is saved completely."""
        return self.conversation is not None and self._writer is not None and self._writer.failed is None

    def go_on(self, conversation: str | None) -> None:
        """Continue a conversation; None starts a new one with the next question."""
        self._conversation, self._begun = conversation, None

    def begin(
        self,
        question: str,
        *,
        model: str,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> TurnSaver:
        """Save a question that is about to be sent, and the instructions that are sent with it.

        `asked` are its content blocks, where it is more than text. Never raises: a failure is reported later.
        """
        if self._writer is None:
            return TurnSaver()
        asked = self._saved_blocks(asked)
        self._begun = self._writer.begin_turn(
            self.conversation, question, model=model, instructions=instructions, asked=asked
        )
        self._keep_files(asked)
        return TurnSaver(self._begun, self._saved_blocks)

    def reserve(self) -> str:
        """Return the id of the current conversation; one that is not begun yet gets it now."""
        self._conversation = self.conversation or new_id()
        return self._conversation

    def begin_apart(
        self,
        conversation: str,
        question: str,
        *,
        model: str,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> TurnSaver:
        """Save a question as `begin` does, in another conversation than the current one."""
        if self._writer is None:
            return TurnSaver()
        asked = self._saved_blocks(asked)
        saving = self._writer.begin_turn(
            conversation, question, model=model, instructions=instructions, asked=asked
        )
        self.keep_files(asked, conversation)
        return TurnSaver(saving, self._saved_blocks)

    def begin_again(self, turn: Turn) -> TurnSaver:
        """Reopen the last saved turn to continue its reply: `text` appends, `end` stores the combined turn.

        Never raises. If the conversation no longer ends with this turn, the whole becomes a new turn.
        """
        if self._writer is None:
            return TurnSaver()
        turn = replace(turn, asked=self._saved_blocks(turn.asked))
        self._begun = self._writer.resume_turn(self.conversation, turn)
        self._keep_files(turn.asked)
        return TurnSaver(self._begun, self._saved_blocks)

    def delete(self, conversation: str) -> None:
        """Delete a saved conversation with its alternatives, and the files to which no other one refers.

        Raises:
            StoreError: it failed.
        """
        for deleted in self.call(lambda store: delete_whole(store, conversation)):
            self.files.forget(deleted)

    def undone(self, left: Sequence[Turn]) -> None:
        """Delete the files of a turn that was removed, unless one of those that are left refers to them."""
        if (conversation := self.conversation) is not None:
            from stream_core.core.attachments import attachments_of

            asked = [block for turn in left for block in turn.asked]
            self.files.forget(conversation, {each.sha256 for each in attachments_of(asked)})

    def _keep_files(self, asked: Sequence[Block]) -> None:
        if (conversation := self.conversation) is not None:
            self.keep_files(asked, conversation)

    def keep_files(self, asked: Sequence[Block], conversation: str) -> None:
        """Keep the files of a question until the conversation is deleted."""
        if asked:
            from stream_core.core.attachments import attachments_of

            self.files.keep((each.sha256 for each in attachments_of(asked)), conversation)

    def _saved_blocks(self, asked: Sequence[Block]) -> tuple[Block, ...]:
        """The blocks of a question as they are saved: a store of several machines holds the files itself."""
        if not (asked and self._inline):
            return tuple(asked)
        from stream_core.core.attachments import inline

        return inline(asked, self.files.read)

    def spend(self, model: str, spent: Spent) -> None:
        """Save the spending of requests to a model, before the end of their turn. Never raises."""
        if self._writer is not None:
            self._writer.spend(model, spent)

    def call(self, work: Callable[[Store], T]) -> T:
        """Run a function on the store after all pending saves.

        Raises:
            StoreError: it failed.
        """
        assert self._writer is not None, "look at `keeps` first"
        return self._writer.call(work)

    def asked_for(self, settings: Settings) -> Reopened | None:
        """Return the conversation that the command line asks to continue, or None if it asks for none.

        Raises:
            ConfigError: there is no such conversation, or the store cannot be read.
        """
        beginning = settings.invocation.resume
        if beginning is None and not settings.invocation.resume_last:
            return None
        if self._writer is None:
            raise ConfigError("No hay conversaciones guardadas que seguir: no encuentro tu carpeta de datos.")
        from .reopening import reopen_by, reopen_last

        try:
            reopened = self.call(
                lambda store: reopen_last(store) if beginning is None else reopen_by(store, beginning)
            )
        except StoreError as error:
            raise ConfigError(_explained(error, in_chat=False)) from None
        self.go_on(reopened.summary.id)
        return reopened

    def recover_unfinished(self, then: Callable[[], None]) -> None:
        """Recover the unfinished turns of exited programs on another thread, which then calls `then`."""
        if self._writer is None:
            return

        def recover() -> None:
            from .reopening import left_behind

            try:
                if notice := self.call(lambda store: left_behind(store, self.conversation)):
                    self._notices.append(notice)
            except StoreError as error:
                self._looked = type(error)
                self._notices.append(_explained(error, in_chat=self._in_chat))
            except UsageError:
                return  # the program ends already
            then()

        threading.Thread(target=recover, name="recovery", daemon=True).start()

    def pending_notices(self) -> list[str]:
        """Return the pending notices in Spanish; each is returned once."""
        notices = [] if self._writer is None else self._writer.notes()
        while self._notices:
            notices.append(self._notices.popleft())
        return notices

    def close(self) -> None:
        """Save what is still to be saved and close the store; what could not be saved becomes a notice."""
        self.resume()  # it may end before it has gone on
        if "files" in vars(self):
            self.files.close()
        if self._writer is None:
            return
        closed = self._writer.close()
        journaled, lost = self._writer.left()
        if journaled:
            self._notices.append(_kept_aside(journaled, self._journal.file if self._journal else None))
        if lost and (self._in_chat or not self._writer.failed):  # without a chat it was reported a moment ago
            self._notices.append(_not_saved(lost))
        elif not (closed or journaled or self._writer.failed):
            self._notices.append("No se pudo guardar lo último que se dijo.")

    def suspend(self) -> None:
        """Release the file before the program stops (Ctrl+Z), so that no other chat has to wait for it."""
        if self._writer is not None and not self._held_back:
            self._held_back = hold_back(_SUSPEND_SECONDS)

    def resume(self) -> None:
        """Take the file back when the program continues; harmless without a previous `suspend`."""
        if self._held_back:
            self._held_back = False
            release()

    def _failed(self, error: StoreError) -> None:
        looked, self._looked = self._looked, None
        if looked is not type(error):  # else it was reported a moment ago
            self._notices.append(_explained(error, in_chat=self._in_chat))


def _explained(error: StoreError, *, in_chat: bool) -> str:
    from stream_core.texts.errors_es import explain  # rarely needed, and the prompt does not wait for it

    return explain(error, in_chat=in_chat)


def _kept_aside(count: int, file: Path | None) -> str:
    what = (
        "La última respuesta está"
        if count == 1
        else f"Las últimas {counted(count, 'respuesta', 'respuestas')} están"
    )
    where = f" («{one_line(str(file), 120)}»)" if file is not None else ""
    return (
        f"{what} a salvo, pero fuera del archivo de conversaciones, que no se dejó escribir{where}. "
        "El próximo chat que abras lo recoge."
    )


def _not_saved(count: int) -> str:
    if count == 1:
        return "No se pudo guardar una respuesta de esta sesión: si la quieres, cópiala de la pantalla."
    replies = counted(count, "respuesta", "respuestas")
    return f"{replies} de esta sesión no se pudieron guardar: si las quieres, cópialas de la pantalla."
