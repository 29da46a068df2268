"""The state of a chat: its settings, conversation and statistics, and what is lazily loaded for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from stream_core.chat.debug.log import DebugLog
from stream_core.chat.reply.permission_questions import Decisions
from stream_core.chat.reply.session_spending import SessionSpending
from stream_core.chat.reply.wire_taps import WireTaps
from stream_core.chat.saved.archive import Archive
from stream_core.chat.signals.interrupts import Interrupts
from stream_core.chat.signals.suspension import Suspension
from stream_core.core.conversation import Conversation, Turn
from stream_core.core.instructions import Instructions
from stream_core.core.sanitize import one_line
from stream_core.core.store_errors import StoreError

from .role_in_force import RoleInForce

if TYPE_CHECKING:
    from stream_core.chat.attached.tray import Tray
    from stream_core.chat.reply.answer_cache import AnswerCache
    from stream_core.chat.reply.toolset import Toolset
    from stream_core.chat.saved.reopening import Reopened
    from stream_core.config.roles import Role
    from stream_core.config.settings import Settings
    from stream_core.core.frame_stats import FrameStats
    from stream_core.core.stats import SessionStats
    from stream_core.store.protocol import Hit, Store
    from stream_core.terminal.screen import Screen

T = TypeVar("T")


class ChatState:
    """State of a chat, without its connection: conversation, settings, archive, spending.

    Attributes:
        settings: the settings in force.
        screen: where everything is shown.
        conversation: the turns so far.
        archive: saves the conversation and gives access to earlier ones.
        debug: the debug log.
        wire: what listens to the wire: the trace of the last reply, the recording.
        spending: its cost, and the budget.
        decisions: asks the user for permissions and confirmations.
        leaving: whether the user has asked to leave.
        borrowed: number of turns at the beginning that stand in another conversation, of which this one is an
            alternative.
    """

    def __init__(
        self,
        settings: Settings,
        screen: Screen,
        interrupts: Interrupts,
        archive: Archive | None,
        debug: DebugLog | None,
        suspension: Suspension | None,
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
        self.borrowed = 0
        self.interrupts, self.suspension = interrupts, suspension or Suspension()
        self.decisions = Decisions(interrupts, self.suspension)
        self.decisions.is_marked = self._asks_first
        self._role = RoleInForce(settings)
        self._own = settings  # its instructions are those of new conversations

    def _asks_first(self, name: str) -> bool:
        return any(entry.asks for entry in self.tools.entries if entry.name == name)

    @property
    def can_continue(self) -> bool:
        """Whether the last reply was cut, and is one of this conversation itself."""
        from stream_core.core.continuation import can_continue  # loaded behind the prompt

        turns = self.conversation.turns
        return len(turns) > self.borrowed and can_continue(turns[-1])

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
        from stream_core.core.frame_stats import FrameStats

        return FrameStats()

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
                    "lo quito de aquí; allí sigue."
                )
        turns.pop()
        if last.asked:
            self.archive.undone(turns)
        if not turns:
            self.archive.switch_to(None)
        return last

    def reopen(self, reopened: Reopened, hit: Hit | None = None) -> None:
        """Continue a saved conversation and its instructions, showing its last turn and that of a hit."""
        from .compared import words_on_earlier_turns

        self._forget_last_reply()
        self.conversation.turns[:] = reopened.turns
        self.borrowed = reopened.before
        self.archive.switch_to(reopened.summary.id)
        self.screen.opened(reopened.summary, reopened.turns, reopened.turn_of(hit) if hit else None)
        if words := words_on_earlier_turns(reopened):
            self.screen.note(words)
        if self.can_continue:
            self.screen.note("La última respuesta quedó a medias: «/continuar» la sigue.")
        self._use(self._own.with_saved_instructions(reopened.instructions))
        before, now = reopened.turns[-1].model if reopened.turns else "", self.settings.model
        if before and now not in before:  # a line that is not settled yet, or an id without its date, is
            who, other = one_line(now, 60), one_line(before, 60)
            self.screen.note(f"Ahora responde «{who}»; hasta aquí, «{other}». «/modelo» lo cambia.")

    def begin_anew(self) -> None:
        """Start a new conversation; the previous one stays saved."""
        self._forget_last_reply()
        self.conversation.clear()
        self.borrowed = 0
        self.archive.switch_to(None)
        self._use(self._own)

    def _forget_last_reply(self) -> None:
        """Forget wire and figures of the last reply, which belongs to the conversation that is left."""
        self.wire.forget()

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


def _undo(store: Store, conversation: str, last: Turn) -> bool:
    """Delete the turn from the store if it is still the last one there; another chat may have continued."""
    stored: Turn | None = None
    for stored in store.turns(conversation):  # noqa: B007 -- only the last one is wanted
        pass
    if stored is None or (stored.question, stored.text) != (last.question, last.text):
        return False
    store.undo(conversation)
    return True
