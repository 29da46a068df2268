"""The conversation: its turns, and the messages that the next request sends of them.

A turn whose reply has no text is not sent at all, question included, so that two user messages never follow
each other. A refused turn is not sent either: it would be refused again
(https://platform.claude.com/docs, "Handle streaming refusals"). Which blocks are sent: `api_messages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from .api_messages import (
    Message,
    has_content,
    may_be_sent,
    to_messages,
    to_unanswered_results,
    without_blanks,
)
from .token_usage import Usage

if TYPE_CHECKING:
    from .deltas import Block
    from .reply import Outcome, ReplyLike
    from .story import Episode

Question: TypeAlias = "str | Sequence[str | Block]"
"""A question: a text, or content blocks and texts in their order."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it.

    Attributes:
        question: the text of what was sent.
        text: the text of the reply that arrived, as it came (not sanitised).
        outcome: how the reply ended.
        model: the model that was asked.
        usage: tokens of the reply.
        blocks: the complete content blocks, as plain JSON; those of tools with their results after them.
        context_key: identifies the system prompt and tools of the request. Not stored, and not compared.
        deviations: what was not as the protocol says, as in `Finished`. Not stored, and not compared.
        story: its attempts, silences and continuations. Not compared, and only the last are stored.
        asked: the content blocks of the question, its text among them; empty for one that is only text.
    """

    question: str
    text: str
    outcome: Outcome
    model: str
    usage: Usage = field(default_factory=Usage)
    blocks: tuple[Block, ...] = ()
    context_key: str = field(default="", compare=False)
    deviations: tuple[str, ...] = field(default=(), compare=False)
    story: tuple[Episode, ...] = field(default=(), compare=False)
    asked: tuple[Block, ...] = ()

    @classmethod
    def of(cls, question: Question, reply: ReplyLike, *, model: str, context_key: str = "") -> Turn:
        """Make a turn of a reply; one without an ending counts as cancelled."""
        return cls(
            question=text_of(question),
            text=reply.text,
            outcome=reply.outcome or "cancelled",
            model=model,
            usage=reply.usage,
            blocks=tuple(reply.blocks),
            context_key=context_key,
            deviations=reply.deviations,
            asked=blocks_of(question),
        )

    @property
    def content(self) -> Question:
        """The content of the question as it is sent."""
        return self.asked or self.question

    @property
    def is_sent(self) -> bool:
        """Whether the next request sends this turn."""
        return bool(self.text.strip()) and self.outcome != "refused"

    def messages(self, model: str, context_key: str = "") -> list[Message]:
        """Return the turn as API messages for a request to `model`; empty if it is not sent.

        Thinking is bound to the model and the context (system prompt, tools) that produced it: where one
        differs, it is left out. To another model go the text, and tools with their results.
        """
        if not self.is_sent:
            return []
        asked = asked_message(self.content)
        own = self.model == model
        answer = to_messages(self._blocks_for(model, context_key), whole=self.outcome == "complete")
        # What is left of a reply that was cut is its text, unless tools had a part in it: then it is whole.
        whole = (self.outcome == "complete" and own) or any(message["role"] == "user" for message in answer)
        if not whole or not answer:
            return [asked, {"role": "assistant", "content": self.text}]
        return [asked, *answer]

    def unanswered(self, model: str, context_key: str = "") -> list[Message]:
        """Return the turn up to its last tool results, if they are unanswered; else nothing.

        Arguments as `messages`. It ends with the person's side, so that the model goes on by answering it.
        """
        answer = to_unanswered_results(self._blocks_for(model, context_key))
        if self.outcome == "refused" or not answer:
            return []
        return [asked_message(self.content), *answer]

    def _blocks_for(self, model: str, context_key: str) -> list[Block]:
        """The blocks that may be sent to a model in a context."""
        own_model = self.model == model
        same_context = own_model and self.context_key == context_key
        return [
            block
            for block in without_blanks(self.blocks)
            if may_be_sent(block, same_context=same_context, same_model=own_model)
        ]


class Conversation:
    """The turns of one conversation, in order.

    Args:
        turns: those that there are already.

    Attributes:
        turns: all of them, also those that the next request does not send.
    """

    __slots__ = ("turns",)

    def __init__(self, turns: Iterable[Turn] = ()) -> None:
        self.turns: list[Turn] = list(turns)

    def __repr__(self) -> str:
        return f"<Conversation of {len(self.turns)} turns>"

    def add(self, question: Question, reply: ReplyLike, *, model: str, context_key: str = "") -> Turn:
        """Keep a question to `model` with its reply, whatever its outcome."""
        turn = Turn.of(question, reply, model=model, context_key=context_key)
        self.turns.append(turn)
        return turn

    def clear(self) -> None:
        """Begin a new conversation."""
        self.turns.clear()

    def messages(self, question: Question, *, model: str, context_key: str = "") -> list[Message]:
        """Return the messages of a request that asks `question` next.

        Args:
            question: what is asked: a text, or content blocks (`image`, `document`) and texts.
            model: the model that is asked.
            context_key: identifies the system prompt and tools of the request; thinking produced with others
                is left out.
        """
        sent = [message for turn in self.turns for message in turn.messages(model, context_key)]
        return [*sent, asked_message(question)]


def text_of(question: Question) -> str:
    """Return the text of a question."""
    if isinstance(question, str):
        return question
    texts = (part if isinstance(part, str) else _text_in(part) for part in question)
    return "\n\n".join(text for text in texts if text.strip())


def blocks_of(question: Question) -> tuple[Block, ...]:
    """Return the content blocks of a question; empty for one that is only text."""
    if isinstance(question, str):
        return ()
    blocks = [{"type": "text", "text": part} if isinstance(part, str) else part for part in question]
    return () if all(block.get("type") == "text" for block in blocks) else tuple(blocks)


def asked_message(question: Question) -> Message:
    """Return the message that asks a question."""
    blocks: list[Any] = [block for block in blocks_of(question) if has_content(block)]
    return {"role": "user", "content": blocks or text_of(question)}


def _text_in(block: Block) -> str:
    return str(block.get("text") or "") if block.get("type") == "text" else ""
