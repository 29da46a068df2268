"""What a store of conversations can do. The texts it keeps are as they came: sanitising is for the display.

All times are seconds since the epoch, UTC. A conversation has an id that a person can type; a turn has a
number in it, from 1, which is not used again after `undo`. A turn is begun before its question is sent, grows
while the reply streams, and ends with its outcome; one that was begun and never ended is found by `recover`,
once its program is gone. The last turn of a conversation can be taken up again after its end: it then grows
and ends once more.

What requests took is kept apart from the conversations: it was spent, whatever is forgotten of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_core.core.conversation import Turn
from stream_core.models.cost import Spent

TITLE = 200
"""How many characters of a first question a title takes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn is.

    Attributes:
        conversation: the id of its conversation.
        number: its number in it, from 1.
    """

    conversation: str
    number: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation, for a list.

    Attributes:
        id: its id.
        title: the beginning of its first question, as it came, at most `TITLE` characters.
        created: when its first question was asked.
        updated: the latest time at which one of its turns was begun or ended.
        turns: how many turns it has, also such as have not ended.
        input_tokens: tokens sent, cached ones included, as far as the API counted them.
        output_tokens: tokens of its replies, likewise.
    """

    id: str
    title: str
    created: float
    updated: float
    turns: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn in which something was found, and its line that shows it best.

    Attributes:
        place: the turn.
        title: the title of its conversation.
        at: when the turn was begun.
        line: the line, shortened around what was found.
        found: where in `line` it stands: pairs of first and one past the last character.
    """

    place: Place
    title: str
    at: float
    line: str
    found: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of everything that is kept.

    Attributes:
        conversations: how many there are.
        turns: how many turns.
        characters: characters of text in all replies that have ended.
        input_tokens: tokens sent, cached ones included.
        output_tokens: tokens of the replies.
        first: when the first of them was asked, or None when there is none.
    """

    conversations: int = 0
    turns: int = 0
    characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    first: float | None = None


class Store(Protocol):
    """A store. Its methods are called from the thread that opened it.

    Every method may raise a `StoreError`. What a method that writes has done when it comes back is safe, also
    from a loss of power (as far as the store can promise it at all). An id that is not known is no error.

    Attributes:
        notes: Spanish sentences about what was found when the store was opened, for the person.
    """

    notes: Sequence[str]

    def begin_turn(self, conversation: str | None, question: str, *, model: str, at: float) -> Place:
        """Keep a question that is about to be sent.

        None begins a conversation; so does an id that is not known, and the conversation gets that id: it may
        have been deleted elsewhere meanwhile.
        """

    def take_up(self, conversation: str, turn: Turn, *, at: float) -> Place:
        """Let a turn that has ended go on, and keep its text as the beginning of what is to come.

        If the last turn of the conversation has this question and this text and has ended, it becomes one
        that has not: what is appended comes after the text it had, and its figures are none until `end_turn`
        brings those of the whole. In any other case (another turn came after it, it has not ended, the
        conversation is gone) a turn is begun as `begin_turn` does, with this question and this text.
        """

    def append(self, place: Place, text: str, *, at: float) -> None:
        """Keep more of the text of a reply that is arriving; nothing happens when the turn is gone."""

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        """Keep the whole turn with its outcome, in place of what was appended; nothing when it is gone."""

    def recover(self) -> list[Place]:
        """End as `interrupted` the turns that a program which is gone did not end, and give them.

        They count as ended when their last text came, so that nothing seems used that was not. What they took
        is not known: a request of each is `uncounted`.
        """

    def turns(self, conversation: str) -> Iterator[Turn]:
        """Give the turns of a conversation in order; one that has not ended is given as `interrupted`."""

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        """Give conversations, the one last used first; `before` is the last of the page before.

        What is used while somebody turns the pages may be missed; none is given twice unless it is used.
        """

    def find(self, beginning: str) -> list[str]:
        """Give the ids that begin so, in order, at most ten; the beginning "" finds none."""

    def latest(self) -> str | None:
        """Give the id of the conversation last used, or None."""

    def search(self, words: str, *, limit: int) -> list[Hit]:
        """Give the turns with all these words (or what begins so), the best first.

        Case and accents do not count. Turns that have not ended are not found; without a word, nothing is.
        """

    def delete(self, conversation: str) -> None:
        """Forget a conversation; nothing happens when there is none."""

    def undo(self, conversation: str) -> Turn | None:
        """Forget the last turn of a conversation and give it; a conversation with none left is forgotten."""

    def totals(self) -> Totals:
        """Give the figures of everything."""

    def spend(self, model: str, spent: Spent) -> None:
        """Add what requests to a model took; neither `delete` nor `undo` takes it back."""

    def spent(self) -> list[tuple[str, Spent]]:
        """Give what everything took for each model, in order of their names."""

    def close(self) -> None:
        """Let go of what is open. Turns that have not ended stay so."""
