"""A turn on its way to the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stream_core.core.conversation import Turn
from stream_core.core.instructions import NO_INSTRUCTIONS, Instructions

from .ids import new_id
from .journal import Journal
from .protocol import PendingTurn, Place, Store

if TYPE_CHECKING:
    from stream_core.core.deltas import Block


class Unsaved:
    """A turn, and how much of it has been saved.

    Attributes:
        conversation: the id of its conversation.
        question: what was asked.
        asked: its content blocks, where it is more than text.
        model: the model it was asked of.
        instructions: those that were sent with it.
        begun: when it was asked or continued, in seconds since the epoch.
        continues: the turn that is continued, or None for a new one; `turn` is then the combination of both.
        turn: the whole turn, once it has ended.
        ended: when it ended, in seconds since the epoch.
        place: where it is in the store, once it was begun there.
        opening: number of the opening of the store to which `place` belongs.
        queued: whether its end was handled: saved, or waiting in `SaveQueue.unsaved`.
        saved: whether the whole turn is in the store.
        key: its key in the journal.
        pieces: the text that has come so far, after that of the turn it continues.
        journaled: whether the journal has it with all its text so far.
        whole_journaled: whether the journal has the whole turn.
    """

    __slots__ = (
        "asked",
        "begun",
        "continues",
        "conversation",
        "ended",
        "instructions",
        "journaled",
        "key",
        "model",
        "opening",
        "pieces",
        "place",
        "question",
        "queued",
        "saved",
        "turn",
        "whole_journaled",
    )

    def __init__(
        self,
        conversation: str,
        question: str,
        model: str,
        begun: float,
        *,
        continues: Turn | None = None,
        instructions: Instructions = NO_INSTRUCTIONS,
        asked: Sequence[Block] = (),
    ) -> None:
        self.conversation, self.question, self.model, self.begun = conversation, question, model, begun
        self.continues, self.instructions = continues, instructions
        self.asked = continues.asked if continues is not None else tuple(asked)
        self.turn: Turn | None = None
        self.ended = 0.0
        self.place: Place | None = None
        self.opening = 0
        self.queued = self.saved = self.journaled = self.whole_journaled = False
        self.key = new_id()
        self.pieces: list[str] = []

    def begin(self, store: Store) -> Place:
        """Begin it in a store, or continue there the turn it continues.

        Raises:
            StoreError: it could not be done.
        """
        if self.continues is not None:
            return store.continue_turn(self.conversation, self.continues, at=self.begun)
        return store.begin_turn(
            self.conversation,
            self.question,
            model=self.model,
            at=self.begun,
            instructions=self.instructions,
            asked=self.asked,
        )

    @property
    def in_store(self) -> bool:
        """Whether the store has it: the whole, or its beginning if it has not ended."""
        return self.saved or (self.turn is None and self.place is not None and not self.journaled)

    @property
    def in_journal(self) -> bool:
        """Whether the journal has it: the whole, or its text so far if it has not ended."""
        return self.whole_journaled or (self.turn is None and self.journaled)

    def write_to(self, journal: Journal) -> None:
        """Record it in a journal, as far as that does not have it.

        Raises:
            StoreError: it could not be written.
        """
        if not self.journaled:
            text = (self.continues.text if self.continues else "") + "".join(self.pieces)
            turn = Turn(self.question, text, "interrupted", self.model, asked=self.asked)
            number = self.place.number if self.place else None
            journal.begin(
                self.key,
                PendingTurn(
                    self.conversation, turn, self.begun, None, number, self.continues, self.instructions
                ),
            )
            self.journaled = True
        if self.turn is not None and not self.whole_journaled:
            journal.end(self.key, self.turn, self.ended)
            self.whole_journaled = True
