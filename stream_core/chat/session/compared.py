"""The answers of a comparison, and the sentences about them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream_core.core.numbers import counted
from stream_core.core.sanitize import one_line

if TYPE_CHECKING:
    from stream_core.chat.reply.comparison_presenter import Answer
    from stream_core.chat.saved.reopening import Reopened
    from stream_core.core.conversation import Turn
    from stream_core.core.instructions import Instructions


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer of a comparison, which may go on with the conversation.

    Attributes:
        name: who gave it, safe.
        turn: the question with this answer.
        apart: the id of the conversation that it is saved in while it is not chosen.
        instructions: those that were sent.
    """

    name: str
    turn: Turn
    apart: str
    instructions: Instructions


@dataclass(slots=True)
class Compared:
    """The answers of a comparison.

    Attributes:
        answers: all of them, in their order.
        chosen: the place of the one that goes on with the conversation, from 0.
    """

    answers: Sequence[Candidate]
    chosen: int = field(default=0)

    @property
    def turn(self) -> Turn:
        """The turn that goes on with the conversation."""
        return self.answers[self.chosen].turn


def compared_now(answers: Sequence[Answer]) -> Compared:
    """Return the answers of a comparison that has just ended; the first goes on."""
    return Compared([
        Candidate(
            one_line(answer.contender.name, 60),
            answer.outcome.turn,
            answer.apart,
            answer.contender.settings.instructions,
        )
        for answer in answers
    ])  # fmt: skip


def words_on_earlier_turns(reopened: Reopened) -> str:
    """A sentence about the turns that an alternative follows; "" for other conversations."""
    if not (reopened.before or reopened.missing):
        return ""
    turns = counted(reopened.before, "turno", "turnos")
    words = f"Incluye lo que se dijo antes de esa pregunta ({turns})." if reopened.before else ""
    if reopened.missing:
        missing = counted(reopened.missing, "turno que ya no está", "turnos que ya no están")
        words = f"{words} Antes de ella había {missing}: Claude no sabrá lo que se dijo ahí.".strip()
    return words


def words_on_who_goes_on(compared: Compared) -> str:
    """A sentence that the first answer goes on, and how to choose another; "" where none has text.

    Args:
        compared: the answers; what became of each has been shown.
    """
    answers = compared.answers
    with_text = [number for number, each in enumerate(answers, 1) if each.turn.is_sent]
    if not with_text:
        return ""
    first = with_text[0]
    if first != 1:
        name = answers[first - 1].name
        return f"La respuesta 1 no trajo texto, así que no cuenta. «/elegir {first}» sigue con la de {name}."
    goes_on = f"La conversación sigue con la respuesta 1, de {answers[0].name}."
    others = [f"«/elegir {number}» sigue con la de {answers[number - 1].name}" for number in with_text[1:]]
    return f"{goes_on} {'; '.join(others)}." if others else goes_on
