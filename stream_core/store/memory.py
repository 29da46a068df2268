"""A store in memory, lost at exit: the plainest implementation of `Store`, and the reference for tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions
from stream_core.core.token_usage import Usage
from stream_core.models.cost import Spent

from .adoption import StoredTurn, find_part
from .alternatives import alternative_of
from .ids import new_id
from .protocol import TITLE, Hit, PendingTurn, Place, Receipt, Summary, Totals
from .text_index import occurrences, shown_line, with_titles, words_of

if TYPE_CHECKING:
    from stream_core.core.deltas import Block


@dataclass(slots=True)
class _Kept:
    question: str
    model: str
    begun: float
    pieces: list[str] = field(default_factory=list)
    turn: Turn | None = None
    asked: tuple[Block, ...] = ()

    def as_turn(self) -> Turn:
        return self.turn or Turn(
            self.question, "".join(self.pieces), "interrupted", self.model, asked=self.asked
        )


@dataclass(slots=True)
class _Conversation:
    id: str
    title: str
    created: float
    updated: float
    used: int = 0
    last: int = 0
    turns: dict[int, _Kept] = field(default_factory=dict)
    instructions: Instructions = NO_INSTRUCTIONS

    def summary(self) -> Summary:
        usages = [kept.turn.usage for kept in self.turns.values() if kept.turn]
        return Summary(
            id=self.id,
            title=self.title,
            created=self.created,
            updated=self.updated,
            turns=len(self.turns),
            input_tokens=sum(map(sent_tokens, usages)),
            output_tokens=sum(usage.output_tokens for usage in usages),
            used=self.used,
        )


class MemoryStore:
    """A store in memory; see `Store` for its methods."""

    notes: Sequence[str] = ()

    def __init__(self) -> None:
        self._conversations: dict[str, _Conversation] = {}
        self._spent: dict[str, Spent] = {}
        self._receipts: dict[str, int] = {}  # the last number of each program
        self._used = 0

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
        """Save a question."""
        place = self._begin(conversation, _Kept(question, model, at, asked=tuple(asked)))
        self._conversations[place.conversation].instructions = instructions
        return place

    def continue_turn(self, conversation: str, turn: Turn, *, at: float) -> Place:
        """Reopen a turn."""
        known = self._conversations.get(conversation)
        number, last = next(reversed(known.turns.items())) if known else (0, None)
        ended = last and last.turn
        if known and last and ended and (ended.question, ended.text) == (turn.question, turn.text):
            self._touch(known, at)
            known.turns[number] = _Kept(turn.question, turn.model, last.begun, [turn.text], asked=turn.asked)
            return Place(conversation, number)
        return self._begin(conversation, _Kept(turn.question, turn.model, at, [turn.text], asked=turn.asked))

    def append(self, place: Place, text: str, *, at: float) -> None:
        """Save more text."""
        if kept := self._kept(place):
            kept.pieces.append(text)

    def end_turn(self, place: Place, turn: Turn, *, at: float) -> None:
        """Save the whole turn."""
        if kept := self._kept(place):
            kept.turn, kept.pieces = turn, []
            self._touch(self._conversations[place.conversation], at)

    def adopt(self, pending: PendingTurn) -> bool:
        """Save a turn of a program that has exited."""
        known = self._conversations.get(pending.conversation)
        stored = reversed(list(known.turns.items())) if known else ()
        found, missing = find_part(pending, ((number, _stored(number, kept)) for number, kept in stored))
        kept = known.turns[found] if known and found is not None else None
        if missing and pending.ended is None and (kept is None or kept.turn is None):
            self.spend(pending.turn.model, Spent(uncounted=1))
        if missing and found is None:
            turn = pending.turn
            found = self._begin(pending.conversation, _Kept(turn.question, turn.model, pending.begun)).number
            self._conversations[pending.conversation].instructions = pending.instructions
        if missing and found is not None:
            self.end_turn(Place(pending.conversation, found), pending.turn, at=pending.last)
        return missing

    def recover(self) -> list[Place]:
        """Return nothing: no turn in memory outlives its program."""
        return []

    def turns(self, conversation: str) -> Iterator[Turn]:
        """Yield the turns of a conversation."""
        kept = self._conversations.get(conversation)
        yield from [turn.as_turn() for turn in kept.turns.values()] if kept else []

    def instructions(self, conversation: str) -> Instructions:
        """Return the instructions of a conversation."""
        kept = self._conversations.get(conversation)
        return kept.instructions if kept else NO_INSTRUCTIONS

    def conversations(self, *, limit: int, before: Summary | None = None) -> list[Summary]:
        """Return a page of conversations."""
        ordered = sorted(self._conversations.values(), key=_last_used, reverse=True)
        if before is not None:
            ordered = [kept for kept in ordered if _last_used(kept) < (before.used, before.id)]
        return [kept.summary() for kept in ordered[:limit]]

    def find(self, beginning: str) -> list[str]:
        """Return the ids with a prefix."""
        return sorted(name for name in self._conversations if beginning and name.startswith(beginning))[:10]

    def latest(self) -> str | None:
        """Return the id of the conversation last used."""
        return max(self._conversations.values(), key=_last_used).id if self._conversations else None

    def search(self, words: str, *, limit: int) -> list[Hit]:
        """Search for words. The best match is the turn of which they are the largest part."""
        wanted = words_of(words)
        found: list[tuple[float, Hit]] = []
        for place, kept, title in self._ended():
            texts = (kept.as_turn().question, kept.as_turn().text)
            counts = occurrences("\n".join(texts), wanted)
            if wanted and all(counts):
                share = sum(counts) / len(words_of("\n".join(texts)))
                line, spans = shown_line(texts, wanted)
                found.append((share, Hit(place, title, kept.begun, line, spans)))
        found.reverse()  # of two that match equally, the later one
        found.sort(key=lambda hit: hit[0], reverse=True)
        hits = [hit for _, hit in found]
        titled = (
            (
                Place(kept.id, max(kept.turns, default=1)),
                kept.title,
                kept.created,
                partial(_first_question, kept),
            )
            for kept in sorted(self._conversations.values(), key=_last_used, reverse=True)
        )
        return with_titles(hits, titled, wanted, limit)

    def rename(self, conversation: str, title: str) -> bool:
        """Rename a conversation."""
        kept = self._conversations.get(conversation)
        if kept is None:
            return False
        kept.title = title[:TITLE]
        return True

    def delete(self, conversation: str) -> None:
        """Delete a conversation."""
        self._conversations.pop(conversation, None)

    def undo(self, conversation: str) -> Turn | None:
        """Delete the last turn of a conversation."""
        kept = self._conversations.get(conversation)
        if kept is None:
            return None
        _, last = kept.turns.popitem()
        if not kept.turns:
            self.delete(conversation)
        return last.as_turn()

    def totals(self) -> Totals:
        """Return figures over all conversations."""
        summaries = self.conversations(limit=len(self._conversations))
        return Totals(
            conversations=sum(alternative_of(summary.id) is None for summary in summaries),
            turns=sum(summary.turns - (alternative_of(summary.id) is not None) for summary in summaries),
            characters=sum(len(kept.as_turn().text) for _, kept, _ in self._ended()),
            input_tokens=sum(summary.input_tokens for summary in summaries),
            output_tokens=sum(summary.output_tokens for summary in summaries),
            first=min((summary.created for summary in summaries), default=None),
        )

    def spend(self, model: str, spent: Spent, *, receipt: Receipt | None = None) -> None:
        """Add what requests to a model cost."""
        if receipt is not None:
            if receipt.number <= self._receipts.get(receipt.program, 0):
                return
            self._receipts[receipt.program] = receipt.number
        self._spent[model] = self._spent.get(model, Spent()) + spent

    def spent(self) -> list[tuple[str, Spent]]:
        """Return what was spent for each model."""
        return sorted(self._spent.items())

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _begin(self, conversation: str | None, turn: _Kept) -> Place:
        name, at = conversation or new_id(), turn.begun
        kept = self._conversations.setdefault(name, _Conversation(name, turn.question[:TITLE], at, at))
        kept.last += 1
        self._touch(kept, at)
        kept.turns[kept.last] = turn
        return Place(name, kept.last)

    def _touch(self, conversation: _Conversation, at: float) -> None:
        self._used += 1
        conversation.updated, conversation.used = at, self._used

    def _kept(self, place: Place) -> _Kept | None:
        kept = self._conversations.get(place.conversation)
        return kept.turns.get(place.number) if kept else None

    def _ended(self) -> Iterator[tuple[Place, _Kept, str]]:
        for conversation in self._conversations.values():
            for number, kept in conversation.turns.items():
                if kept.turn:
                    yield Place(conversation.id, number), kept, conversation.title


def _stored(number: int, kept: _Kept) -> StoredTurn:
    turn = kept.as_turn()
    return StoredTurn(number, kept.begun, turn.outcome if kept.turn else None, turn.question, turn.text)


def _last_used(conversation: _Conversation) -> tuple[int, str]:
    return conversation.used, conversation.id


def sent_tokens(usage: Usage) -> int:
    """Return the tokens sent in a request, cached ones included."""
    return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens


def _first_question(kept: _Conversation) -> str:
    return next((turn.question for turn in kept.turns.values()), "")
