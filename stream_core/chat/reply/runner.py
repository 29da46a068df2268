"""The way of one reply in the chat: sent, shown and kept as it arrives, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from stream_core.chat.saved.archive import TurnSaver
from stream_core.chat.successor import not_found
from stream_core.core.api_messages import Message
from stream_core.core.continuation import ContinuationStream, answers_tools, lead_in
from stream_core.core.conversation import Turn
from stream_core.core.deltas import RoundDone, ToolAsked, TurnDelta
from stream_core.core.turn_result import TurnResult
from stream_core.models.catalogue import accepts_prefill
from stream_core.streaming.turn import TurnStream, stream_turn
from stream_core.texts.outcomes_es import outcome_note

from .permission import Permission
from .request import (
    add_context,
    auto_continue_note,
    request_of,
    should_auto_continue,
    thinking_limits_note,
    timeouts_of,
)

if TYPE_CHECKING:
    from stream_core.chat.session import Session
    from stream_core.terminal.protocol import ReplyView


def reply_to(
    session: Session,
    messages: list[Message],
    *,
    begin: Callable[[], TurnSaver],
    settle: Callable[[TurnResult], Turn],
    goes_on: Turn | None = None,
    agreed: bool = False,
) -> TurnResult | None:
    """Send a request and show the reply as it arrives.

    Args:
        session: whose reply it is.
        messages: what is sent.
        begin: begins to keep the turn.
        settle: makes a turn of the reply, once that has ended.
        goes_on: the turn that it goes on with, if it does.
        agreed: whether the person has agreed to spend more than the budget on it.

    Returns:
        The reply, which has ended; None when nothing was sent. How it ended is told, but not that the server
        does not have its model, where another may take its place (see `successor.not_found`).
    """
    client = session.client()
    if client is None:
        return None
    settings, screen, spending = session.settings, session.screen, session.spending
    _tell_what_cannot_be(session)
    if unwatched := spending.unwatched(settings):
        screen.warning(f"{unwatched} Lo que gastes con él no cuenta.")
    lead = lead_in(goes_on.text) if goes_on and not answers_tools(goes_on) else ""
    view = screen.reply_view(practice=settings.connection.practice, lead=lead)
    request, waits = request_of(settings, messages, goes_on=True), timeouts_of(settings)
    permission = Permission()
    log = session.debug.reply(request, waits["retry"])
    tools = session.tools.box(permission.approve, permission.go_on)
    stream = stream_turn(client, tools=tools, record=log.record, **waits, **request)
    continued = (
        ContinuationStream(goes_on, prefill=accepts_prefill(settings.model, settings.models))
        if goes_on
        else None
    )
    result = continued.result if continued else stream.result

    def cancel() -> None:
        view.skip_typing_delay()
        stream.cancel()

    questions = _Questions(session, stream, view, permission, cancel, agreed)
    with session.interrupts.cancelling(cancel), questions, session.suspension.holding(), view:
        questions.watch_keys()
        kept, price = begin(), ""
        try:
            with session.suspension.taking_part(view.suspend, view.resume):
                try:
                    with stream:
                        for arrived in stream:
                            log.feed(arrived)
                            for delta in continued.feed(arrived) if continued else (arrived,):
                                kept.take(delta)
                                view.feed(delta)
                            questions.ask(arrived)
                finally:  # also when a signal ends the program: what arrived is kept
                    if continued:
                        continued.finish(stream.result)
                    price = spending.add(stream.result.rounds, settings)
                    turn = settle(result)
                    kept.end(turn)
                    log.end(*stream.result.rounds)
                session.suspension.need_terminal()
        finally:  # and stays on the screen
            with session.suspension.taking_part(view.suspend, view.resume):
                view.finish(result, stream.result.stats, price)
    new = len(turn.text) - (len(goes_on.text) if goes_on else 0)
    session.stats.add(stream.result.stats, asked=goes_on is None, characters=new)
    session.frames.add(view.frames)
    add_context(result.error, settings)
    if goes_on is None and should_auto_continue(result, settings):
        screen.warning(auto_continue_note(result))
    elif not not_found(result, settings) and (
        note := outcome_note(result, before=goes_on.text if goes_on else "")
    ):
        screen.warning(note)
    if near := spending.warning():
        screen.warning(near)
    return result


class _Questions(ExitStack):
    """What the person is asked while a reply arrives; between the questions the keyboard is watched."""

    def __init__(
        self,
        session: Session,
        stream: TurnStream,
        view: ReplyView,
        permission: Permission,
        cancel: Callable[[], None],
        agreed: bool,
    ) -> None:
        super().__init__()
        self._session, self._stream, self._view = session, stream, view
        self._permission, self._cancel, self._agreed = permission, cancel, agreed

    def watch_keys(self) -> None:
        """Begin to watch the keyboard."""
        self.enter_context(self._session.watch_keys(self._cancel, self._view.skip_typing_delay))

    def ask(self, arrived: TurnDelta) -> None:
        """Ask what a delta calls for, if it does, and let the turn know."""
        session, stream, view = self._session, self._stream, self._view
        if isinstance(arrived, ToolAsked):
            self.close()
            allowed = session.decisions.may_run(arrived, view, self._cancel)
            self._permission.answer(arrived.tool_id, allowed)
            self.watch_keys()
        elif isinstance(arrived, RoundDone):
            objection = session.spending.objection_within(stream.result.rounds, session.settings)
            if objection and not self._agreed:
                self.close()
                question = f"{objection} ¿Seguir con la respuesta?"
                self._agreed = session.decisions.may_go_on(question, view, self._cancel)
                self.watch_keys()
            self._permission.let_go_on(self._agreed or not objection)


def _tell_what_cannot_be(session: Session) -> None:
    """Tell what of the chosen thinking the model does not take, once until that changes."""
    told, session.thinking_limits_note = session.thinking_limits_note, thinking_limits_note(session.settings)
    if session.thinking_limits_note and session.thinking_limits_note != told:
        session.screen.warning(session.thinking_limits_note)
