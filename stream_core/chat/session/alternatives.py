"""Choosing another answer of a comparison afterwards, also once the conversation was reopened."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from stream_core.core.sanitize import one_line
from stream_core.store.alternatives import Alternative, alternative_of, alternatives_of

from .compared import Candidate, Compared

if TYPE_CHECKING:
    from stream_core.store.protocol import Store

    from .session import Session

BORROWED = "Lo que queda pertenece a la conversación original: ábrela con «/abrir» para cambiarlo."
"""About an own turn where there is none left of an alternative."""


def compared_before(session: Session) -> Compared | None:
    """Return the answers to the last question of a conversation that was compared before it was reopened.

    None if nothing of that is saved. An answer to another question, which was undone, is none of them.
    """
    conversation, turns = session.archive.conversation, session.conversation.turns
    if conversation is None or not turns or not session.archive.keeps:
        return None
    last, number = turns[-1], len(turns)

    def read(store: Store) -> list[Candidate]:
        found = list[Candidate]()
        for each in alternatives_of(store, conversation, number):
            turn = next(store.turns(each.id), None)
            if turn is not None and turn.question == last.question:
                name = one_line(turn.model, 60)
                found.append(Candidate(name, turn, each.id, store.instructions(each.id)))
        return found

    others = session.from_archive(read)
    if not others:
        return None
    numbers = {found.answer for each in others if (found := alternative_of(each.apart)) is not None}
    own = next(each for each in range(1, len(numbers) + 2) if each not in numbers)
    apart, instructions = Alternative(conversation, number, own).id, session.settings.instructions
    others.insert(own - 1, Candidate(one_line(last.model, 60), last, apart, instructions))
    return Compared(others, own - 1)


def choose(session: Session, compared: Compared, place: int) -> bool:
    """Go on with another answer; False, after a message to the user, if the store failed."""
    answer, before = compared.answers[place], compared.answers[compared.chosen]
    conversation, turns = session.archive.conversation, session.conversation.turns
    if conversation is not None and session.archive.keeps:
        old, new = (
            replace(each, turn=replace(each.turn, asked=session.archive.saved_blocks(each.turn.asked)))
            for each in (before, answer)
        )
        session.archive.keep_files(before.turn.asked, before.apart)  # before the store names them there
        deleted = session.from_archive(lambda store: _swap(store, conversation, old, new))
        if deleted is None:
            return False
        if deleted:
            session.archive.files.forget(answer.apart)
    turns[-1] = answer.turn
    compared.chosen = place
    return True


def _swap(store: Store, conversation: str, old: Candidate, new: Candidate) -> bool:
    """Replace the last turn of a conversation; the old one is kept apart before it is taken away.

    If the new turn's own conversation was continued, the turn is copied from it and that conversation stays.

    Returns:
        Whether the conversation was deleted that the new one was saved in.
    """
    _keep(store, old.apart, old)
    last = None
    for last in store.turns(conversation):  # noqa: B007 -- only the last one is wanted
        pass
    if last is not None and (last.question, last.text) == (old.turn.question, old.turn.text):
        store.undo(conversation)
    _keep(store, conversation, new)
    if sum(1 for _ in store.turns(new.apart)) != 1:
        return False
    store.delete(new.apart)
    return True


def _keep(store: Store, conversation: str, answer: Candidate) -> None:
    now, turn = time.time(), answer.turn
    if conversation == answer.apart:
        first = next(store.turns(conversation), None)
        if first is not None and (first.question, first.text) == (turn.question, turn.text):
            return  # it stands there, with what followed it
    place = store.begin_turn(
        conversation,
        turn.question,
        model=turn.model,
        at=now,
        instructions=answer.instructions,
        asked=turn.asked,
    )
    store.end_turn(place, turn, at=now)
