"""The conversation: turns, and the messages the next request sends.

One policy for all that is not a complete reply: it contributes its text only (no unsigned thinking, no
unfinished tool call). A turn whose reply has no text contributes nothing at all, its question included, so
that two user messages never follow each other. A refused turn contributes nothing either: sent again, it
would be refused again (https://platform.claude.com/docs, "Handle streaming refusals").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .deltas import Block, Usage
from .reply import Outcome, Reply

Message: TypeAlias = Mapping[str, Any]
"""A message in the API's form: `{"role": ..., "content": ...}`."""

# Blocks that may go back to the API as they came. Tool calls need their results beside them: not from here.
_GOES_BACK = ("text", "thinking", "redacted_thinking")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it.

    Attributes:
        question: what was sent.
        text: the text of the reply that arrived, as it came (not sanitised).
        outcome: how the reply ended.
        model: the model that was asked.
        usage: tokens of the reply.
        blocks: the complete content blocks, as plain JSON.
    """

    question: str
    text: str
    outcome: Outcome
    model: str
    usage: Usage = field(default_factory=Usage)
    blocks: tuple[Block, ...] = ()

    @classmethod
    def of(cls, question: str, reply: Reply, *, model: str) -> Turn:
        """Take a turn from a reply that has ended; one that has not counts as cancelled."""
        return cls(
            question=question,
            text=reply.text,
            outcome=reply.outcome or "cancelled",
            model=model,
            usage=reply.usage,
            blocks=tuple(reply.blocks),
        )

    @property
    def contributes(self) -> bool:
        """Whether the next request sends this turn."""
        return bool(self.text.strip()) and self.outcome != "refused"

    def messages(self, model: str) -> list[Message]:
        """Give the turn in the API's form, for a request to `model`; empty when it contributes nothing.

        Thinking is bound to the model that thought it: for another model only the text goes back.
        """
        if not self.contributes:
            return []
        content: str | list[Block] = self.text
        if self.outcome == "complete" and self.model == model:
            content = [block for block in self.blocks if _goes_back(block)] or self.text
        return [{"role": "user", "content": self.question}, {"role": "assistant", "content": content}]


class Conversation:
    """The turns of one conversation, in order.

    Attributes:
        turns: all of them, also those that the next request does not send.
    """

    __slots__ = ("turns",)

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    def add(self, question: str, reply: Reply, *, model: str) -> Turn:
        """Keep a question to `model` with its reply, whatever its outcome."""
        turn = Turn.of(question, reply, model=model)
        self.turns.append(turn)
        return turn

    def clear(self) -> None:
        """Begin a new conversation."""
        self.turns.clear()

    def messages(self, question: str, *, model: str) -> list[Message]:
        """Give the messages of a request that asks `question` next."""
        sent = [message for turn in self.turns for message in turn.messages(model)]
        return [*sent, {"role": "user", "content": question}]


def _goes_back(block: Block) -> bool:
    """Whether a block of a complete reply is sent again by itself: a tool call needs its result beside it."""
    return block.get("type") in _GOES_BACK and has_content(block)


def has_content(block: Block) -> bool:
    """Whether a block can be sent at all: the API refuses empty text."""
    return block.get("type") != "text" or bool(str(block.get("text", "")).strip())
