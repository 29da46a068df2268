"""The answers of a comparison afterwards: which goes on, and where the others are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream_core.core.sanitize import one_line
from stream_core.store.alternatives import Alternative

if TYPE_CHECKING:
    from stream_core.chat.reply.comparison import Answer
    from stream_core.core.conversation import Turn
    from stream_core.core.instructions import Instructions
    from stream_core.store.protocol import Store

    from .session import Session


@dataclass(slots=True)
class Compared:
    """The answers of a comparison.

    Attributes:
        answers: all of them, in their order.
        chosen: the place of the one that goes on with the conversation, from 0.
    """

    answers: Sequence[Answer]
    chosen: int = field(default=0)

    @property
    def turn(self) -> Turn:
        """The turn that goes on with the conversation."""
        return self.answers[self.chosen].outcome.turn


def say_who_goes_on(session: Session, answers: Sequence[Answer]) -> None:
    """Say that the first answer goes on, and how to choose another."""
    with_text = [number for number, each in enumerate(answers, 1) if each.outcome.turn.is_sent]
    if not with_text:
        return  # what became of each was told
    if with_text[0] != 1:
        session.screen.note(
            f"La respuesta 1 no trajo texto, así que no cuenta. «/elegir {with_text[0]}» sigue con la de "
            f"{named(answers[with_text[0] - 1])}."
        )
        return
    others = "la otra queda guardada" if len(answers) == 2 else "las otras quedan guardadas"
    kept = f"; {others} como alternativa y «/buscar» la encuentra" if len(answers) == 2 else ""
    kept = kept or f"; {others} como alternativas y «/buscar» las encuentra"
    session.screen.note(
        f"La conversación sigue con la respuesta 1, de {answers[0].contender.name}. «/elegir 2» sigue con la "
        f"segunda{kept if session.archive.keeps else ''}."
    )


def choose(session: Session, compared: Compared, place: int) -> bool:
    """Go on with another answer; False, after a message to the user, if the store failed."""
    answer, before = compared.answers[place], compared.answers[compared.chosen]
    conversation, turns = session.archive.conversation, session.conversation.turns
    if conversation is not None and session.archive.keeps:
        apart = Alternative(conversation, len(turns), compared.chosen + 1).id
        instructions = answer.contender.settings.instructions
        asked = before.outcome.turn.asked

        def swap(store: Store) -> bool:
            _swap(store, conversation, before.outcome.turn, answer.outcome.turn, apart, instructions)
            store.delete(Alternative(conversation, len(turns), place + 1).id)
            return True

        if session.from_archive(swap) is None:
            return False
        session.archive.keep_files(asked, apart)
    turns[-1] = answer.outcome.turn
    compared.chosen = place
    return True


def _swap(
    store: Store, conversation: str, old: Turn, new: Turn, apart: str, instructions: Instructions
) -> None:
    """Replace the last turn of a conversation; the old one is kept apart before it is taken away."""
    _keep(store, apart, old, instructions)
    last = None
    for last in store.turns(conversation):  # noqa: B007 -- only the last one is wanted
        pass
    if last is not None and (last.question, last.text) == (old.question, old.text):
        store.undo(conversation)
    _keep(store, conversation, new, instructions)


def _keep(store: Store, conversation: str, turn: Turn, instructions: Instructions) -> None:
    now = time.time()
    place = store.begin_turn(
        conversation, turn.question, model=turn.model, at=now, instructions=instructions, asked=turn.asked
    )
    store.end_turn(place, turn, at=now)


def named(answer: Answer) -> str:
    """Who gave an answer, safe."""
    return one_line(answer.contender.name, 60)
