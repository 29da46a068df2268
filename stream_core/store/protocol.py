"""The interface of a store of conversations. Texts are stored as received: sanitising is for the display.

All times are seconds since the epoch, UTC, and only shown: what is first or last is counted, because a clock
can be wrong. A conversation has an id that a person can type; a turn has a
number in it, from 1, which is not reused after `undo`. A turn is begun before its question is sent, grows
while the reply streams, and ends with its outcome; one that was begun and never ended is found by `recover`
once its program has exited. The last turn of a conversation can be continued after its end: it then grows and
ends again.

What requests cost is stored apart from the conversations: deleting those does not undo the spending.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from stream_core.core.conversation import Turn
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.models.cost import Spent

if TYPE_CHECKING:
    from stream_core.core.deltas import Block

FOLDER = "conversations"
"""The folder of a store of files in the data directory."""
INDEXED = 1_000_000
"""Characters of a question, and of a reply, whose words can be searched for: twice the longest of a model."""
TITLE = 200
"""Maximum characters of a title."""


class Place(NamedTuple):
    """The position of a turn.

    Attributes:
        conversation: the id of its conversation.
        number: its number in it, from 1.
    """

    conversation: str
    number: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation as it appears in a list.

    Attributes:
        id: its id.
        title: the one it was given, else the beginning of its first question; at most `TITLE` characters.
        created: when its first question was asked.
        updated: the time at which one of its turns was last begun or ended, by the clock of that moment.
        turns: number of its turns, including unfinished ones.
        input_tokens: tokens sent, cached ones included, as reported by the API.
        output_tokens: tokens of its replies, as reported by the API.
        used: position in the order of use; a larger number was used later, whatever the clock said.
        owner: who shares it, or None for one of this person.
        shared: whether others can read it.
    """

    id: str
    title: str
    created: float
    updated: float
    turns: int
    input_tokens: int
    output_tokens: int
    used: int = field(default=0, compare=False)
    owner: str | None = None
    shared: bool = False


class Hit(NamedTuple):
    """A turn that matches a search, and the line that shows the match best.

    Attributes:
        place: the turn.
        title: the title of its conversation.
        at: when the turn was begun.
        line: the line, shortened around the match.
        found: the matches in `line`, as (start, end) offsets.
    """

    place: Place
    title: str
    at: float
    line: str
    found: Sequence[tuple[int, int]]


class Totals(NamedTuple):
    """Figures over all saved conversations, with the other answers of comparisons (`alternatives`).

    Attributes:
        conversations: number of conversations, without those that hold another answer.
        turns: number of turns: a question to several models is one.
        characters: characters of text in all finished replies.
        input_tokens: tokens sent, cached ones included.
        output_tokens: tokens of the replies.
        first: the earliest time at which a conversation was created, or None when there is none.
    """

    conversations: int = 0
    turns: int = 0
    characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    first: float | None = None


@dataclass(frozen=True, slots=True)
class PendingTurn:
    """A turn that a program could not save, for a later program to save.

    Attributes:
        conversation: the id of its conversation.
        turn: the turn; `interrupted` if the program ended before it.
        begun: when its question was asked, or when it was continued.
        ended: when it ended, or None if its program exited before that.
        number: its number in the conversation, if it was begun in the store, else None.
        continues: the turn that it continues, of which it holds the whole; None for a new one.
        instructions: those that were sent with it.
    """

    conversation: str
    turn: Turn
    begun: float
    ended: float | None
    number: int | None = None
    continues: Turn | None = None
    instructions: Instructions = NO_INSTRUCTIONS

    @property
    def last(self) -> float:
        """The last time that is known of it."""
        return self.begun if self.ended is None else self.ended


class Receipt(NamedTuple):
    """The identity of one entry of spending, so that it is added once however often it is tried.

    Attributes:
        program: the id of the program that spent it.
        number: its number among those of the program, from 1; they are saved in this order.
    """

    program: str
    number: int


@dataclass(frozen=True, slots=True)
class Spending:
    """The cost of requests to a model, on its way to the store."""

    receipt: Receipt
    model: str
    spent: Spent


class Store(Protocol):
    """A store. Its methods are called from the thread that opened it.

    Every method may raise a `StoreError`. A method that writes returns when its change is durable, including
    against a loss of power (where the store can promise that). An unknown id is not an error.

    Attributes:
        notes: Spanish sentences for the person about what was found when the store was opened.
    """

    notes: Sequence[str]

    def begin_turn(
        self,
        conversation: str | None,
        question: str,
        *,
        model: str,
        at: float,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> Place:
        """Save a question that is about to be sent; its instructions become those of the conversation.

        `asked` are its content blocks, where it is more than text.

        None begins a conversation. So does an unknown id, which the new conversation gets: it may have been
        deleted by another program meanwhile.
        """

    def continue_turn(self, conversation: str, turn: Turn, *, at: float) -> Place:
        """Reopen a turn that has ended, to continue its reply.

        If the last turn of the conversation has this question and this text and has ended, it becomes
        unfinished: appended text comes after the text it had, and its figures are zero until `end_turn`
        stores those of the combined turn. Otherwise (another turn follows it, it has not ended, the
        conversation was deleted) a new turn is begun as by `begin_turn`, with this question and this text.
        """

    def append(self, place: Place, text: str, *, at: float) -> None:
        """Save more text of a reply that is streaming; does nothing if the turn was deleted."""

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        """Save the whole turn with its outcome, replacing appended text; does nothing if it was deleted."""

    def adopt(self, pending: PendingTurn) -> bool:
        """Save a turn of a program that has exited, completing what the store has of it.

        One that did not end, and that `recover` has not found, adds one request that is `uncounted`.

        Returns:
            False if the store has it already: adopting the same turn twice changes nothing.
        """

    def recover(self) -> list[Place]:
        """End as `interrupted` the unfinished turns of programs that have exited, and return their places.

        They get the time of their last text as their end, so that merely recovering a conversation does not
        change its last-used time. What they cost is unknown: one request of each is `uncounted`.
        """

    def turns(self, conversation: str) -> Iterator[Turn]:
        """Yield the turns of a conversation in order; an unfinished one as `interrupted`."""

    def instructions(self, conversation: str) -> Instructions:
        """Return the instructions that were sent with the last new question of a conversation."""

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        """Return a page of conversations, last used first; `before` is the last one of the previous page.

        A conversation used between two pages may be missed; none is returned twice unless it is used.
        """

    def find(self, beginning: str) -> list[str]:
        """Return the ids with this prefix, in order, at most ten; the empty prefix finds none."""

    def latest(self) -> str | None:
        """Return the id of the conversation last used, or None."""

    def search(self, words: str, *, limit: int) -> list[Hit]:
        """Return the turns that contain all these words or word beginnings, best match first.

        Case and accents are ignored. Unfinished turns are not searched; a query without a word finds nothing.
        """

    def rename(self, conversation: str, title: str) -> bool:
        """Rename a conversation; of the title `TITLE` characters are kept; False if there is none.

        Its place in the order of use stays. `search` finds it by the words of a title that it was given.
        """

    def delete(self, conversation: str) -> None:
        """Delete a conversation; does nothing if there is none."""

    def undo(self, conversation: str) -> Turn | None:
        """Delete and return the last turn of a conversation; an empty conversation is deleted too."""

    def totals(self) -> Totals:
        """Return figures over all conversations."""

    def spend(self, model: str, spent: Spent, *, receipt: Receipt | None = None) -> None:
        """Add what requests to a model cost; neither `delete` nor `undo` subtracts it.

        With a receipt nothing is added if this one, or a later one of the same program, has been used.
        """

    def spent(self) -> list[tuple[str, Spent]]:
        """Return what was spent for each model, sorted by model."""

    def close(self) -> None:
        """Release all resources. Unfinished turns stay unfinished."""


@runtime_checkable
class SharedStore(Store, Protocol):
    """A store that several people use, each with conversations of their own."""

    def share(self, conversation: str, shared: bool) -> bool:
        """Let everybody read a conversation of this person, or no longer; False if it is not theirs."""
