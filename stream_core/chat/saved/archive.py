"""Saving the conversation while it takes place; each problem is reported once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stream_core.config.settings import Settings
from stream_core.core.errors import UsageError
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.store_errors import StoreError
from stream_core.store.alternatives import delete_whole
from stream_core.store.ids import new_id
from stream_core.store.journal import Journal
from stream_core.store.locks import hold_back, release
from stream_core.store.protocol import FOLDER
from stream_core.store.writer import Writer

from .place import ATTACHED, is_of_team, store_folder, store_opener

if TYPE_CHECKING:
    from stream_core.core.conversation import Turn
    from stream_core.core.deltas import Block
    from stream_core.files.blobs import Blobs
    from stream_core.models.cost import Spent
    from stream_core.store.protocol import Store
    from stream_core.store.saving import Saving

    from .results import ResultList
    from .turn_saver import TurnSaver

T = TypeVar("T")

_SUSPEND_SECONDS = 1.0  # how long Ctrl+Z waits for a transaction


class Archive:
    """Saves the current conversation and gives access to earlier ones.

    Args:
        open_store: opens the store; None to save nothing.
        in_chat: whether the conversation goes on, so that failed saves are retried later.
        journal: stores what the store could not save; None to keep that in memory only.
        files_folder: where attached files are kept; None to keep them in memory only.
        inline_files: whether the store holds them itself.
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
        self._in_chat, self._inline, self._files_folder = in_chat, inline_files, files_folder
        self._notices: deque[str] = deque()
        self._begun: Saving | None = None
        self._conversation: str | None = None
        # The writer's thread opens it, so that nothing waits for that.
        self._writer = Writer(open_store, on_failure=self._report, journal=journal) if open_store else None
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
    def results(self) -> ResultList:
        """The list shown last."""
        from .results import ResultList

        return ResultList()

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

    def switch_to(self, conversation: str | None) -> None:
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
        saving = self._begin(self.conversation, question, model, instructions, asked)
        self._begun = saving or self._begun
        return self._saver(saving)

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
        return self._saver(self._begin(conversation, question, model, instructions, asked))

    def continue_turn(self, turn: Turn) -> TurnSaver:
        """Reopen the last saved turn to continue its reply: `text` appends, `end` stores the combined turn.

        Never raises. If the conversation no longer ends with this turn, the whole becomes a new turn.
        """
        if self._writer is None:
            return self._saver(None)
        turn = replace(turn, asked=self.saved_blocks(turn.asked))
        self._begun = self._writer.continue_turn(self.conversation, turn)
        self.keep_files(turn.asked, self._begun.conversation)
        return self._saver(self._begun)

    def _begin(
        self,
        conversation: str | None,
        question: str,
        model: str,
        instructions: Instructions,
        asked: Sequence[Block],
    ) -> Saving | None:
        """Save a question and keep its files; None if nothing is saved."""
        if self._writer is None:
            return None
        asked = self.saved_blocks(asked)
        saving = self._writer.begin_turn(
            conversation, question, model=model, instructions=instructions, asked=asked
        )
        self.keep_files(asked, saving.conversation)
        return saving

    def _saver(self, saving: Saving | None) -> TurnSaver:
        from .turn_saver import TurnSaver  # the prompt does not wait for it

        return TurnSaver(saving, self.saved_blocks)

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

    def keep_files(self, asked: Sequence[Block], conversation: str) -> None:
        """Keep the files of a question until the conversation is deleted."""
        if asked:
            from stream_core.core.attachments import attachments_of

            self.files.keep((each.sha256 for each in attachments_of(asked)), conversation)

    def saved_blocks(self, asked: Sequence[Block]) -> tuple[Block, ...]:
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

    def recover_unfinished(self, then: Callable[[], None]) -> None:
        """Recover the unfinished turns of exited programs on another thread, which then calls `then`."""
        if (writer := self._writer) is None:
            return

        def recover() -> None:
            from .recovery import left_behind

            try:
                # A question may be asked meanwhile, and not be saved for the same reason.
                found = writer.call(lambda store: left_behind(store, self.conversation), reports=True)
                self._notices.extend([found] if found else [])
            except StoreError:
                pass  # it is among the notices
            except UsageError:
                return  # the program ends already
            then()

        threading.Thread(target=recover, name="recovery", daemon=True).start()

    def pending_notices(self) -> list[str]:
        """Return the pending notices in Spanish; each is returned once."""
        notices = [] if self._writer is None else self._writer.notes()
        while self._notices:
            notices.append(self._notices.popleft())
        return list(dict.fromkeys(notices))  # a disk may be full, take a little, and be full again

    def close(self) -> None:
        """Save what is still to be saved and close the store; what could not be saved becomes a notice."""
        self.resume()  # it may end before it has gone on
        if "files" in vars(self):
            self.files.close()
        if self._writer is None:
            return
        closed = self._writer.close()
        journaled, lost = self._writer.left()
        if journaled or lost:
            from stream_core.texts.saving_es import kept_aside, not_saved
        if journaled:
            self._notices.append(kept_aside(journaled, self._journal.file if self._journal else None))
        if lost and (self._in_chat or not self._writer.failed):  # without a chat it was reported a moment ago
            self._notices.append(not_saved(lost))
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

    def _report(self, error: StoreError) -> None:
        from stream_core.texts.errors_es import explain  # rarely needed, and the prompt does not wait for it

        self._notices.append(explain(error, in_chat=self._in_chat))
