"""What a store of conversations can do. The texts it keeps are as they came: sanitising is for the display.

All times are seconds since the epoch, UTC. A conversation has an id that a person can type; a turn has a
number in it, from 1. A turn is begun before its question is sent, grows while the reply streams, and ends
with its outcome; one that was begun and never ended is found by `recover`, once its program is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_core.conversation import Turn


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
        title: the beginning of its first question, as it came.
        created: when its first question was asked.
        updated: when something was last saved in it.
        turns: how many turns it has.
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
    """A line in which something was found.

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
        characters: characters of text in all replies.
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
    """A store. Its methods are called from one thread at a time.

    Every method may raise a `StoreError`. What a method that writes has done when it comes back is safe, also
    from a loss of power (as far as the store can promise it at all).
    """

    def begin_turn(self, conversation: str | None, question: str, *, model: str, at: float) -> Place:
        """Keep a question that is about to be sent; None begins a conversation."""

    def append(self, place: Place, text: str, *, at: float) -> None:
        """Keep more of the text of a reply that is arriving."""

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        """Keep the whole turn with its outcome, in place of what was appended."""

    def recover(self) -> list[Place]:
        """End as `interrupted` the turns that a program which is gone did not end, and give them."""

    def turns(self, conversation: str) -> Iterator[Turn]:
        """Give the turns of a conversation in order; one that is still arriving elsewhere as far as it is."""

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        """Give conversations, the one last used first; `before` is the last of the page before."""

    def find(self, beginning: str) -> list[str]:
        """Give the ids that begin so, at most ten; the beginning "" finds none."""

    def latest(self) -> str | None:
        """Give the id of the conversation last used, or None."""

    def search(self, words: str, *, limit: int) -> list[Hit]:
        """Give the lines with all these words (or what begins so), the best first; accents do not count."""

    def delete(self, conversation: str) -> None:
        """Forget a conversation; nothing happens when there is none."""

    def undo(self, conversation: str) -> Turn | None:
        """Forget the last turn of a conversation and give it; a conversation with none left is forgotten."""

    def totals(self) -> Totals:
        """Give the figures of everything."""

    def close(self) -> None:
        """Let go of what is open. Turns that have not ended stay so."""
