"""The conversation: turns, and the messages the next request sends.

One policy for all that is not a complete reply: it is_sent its text only (no unsigned thinking, no
unfinished tool call). A turn whose reply has no text contributes nothing at all, its question included, so
that two user messages never follow each other. A refused turn contributes nothing either: sent again, it
would be refused again (https://platform.claude.com/docs, "Handle streaming refusals").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

from .deltas import Block, Usage
from .reply import Outcome, ReplyLike

Message: TypeAlias = Mapping[str, Any]
"""A message in the API's form: `{"role": ..., "content": ...}`."""

# Blocks that may go back to the API as they came; thinking only where it was thought.
_THINKING = ("thinking", "redacted_thinking")
_GOES_BACK = ("text", *_THINKING, "tool_use", "tool_result", "server_tool_use")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it.

    Attributes:
        question: what was sent.
        text: the text of the reply that arrived, as it came (not sanitised).
        outcome: how the reply ended.
        model: the model that was asked.
        usage: tokens of the reply.
        blocks: the complete content blocks, as plain JSON; those of tools with their results after them.
        context_key: identifies the system prompt and tools of the request. Not stored, and not compared.
    """

    question: str
    text: str
    outcome: Outcome
    model: str
    usage: Usage = field(default_factory=Usage)
    blocks: tuple[Block, ...] = ()
    context_key: str = field(default="", compare=False)

    @classmethod
    def of(cls, question: str, reply: ReplyLike, *, model: str, context_key: str = "") -> Turn:
        """Take a turn from what has ended; what has not counts as cancelled."""
        return cls(
            question=question,
            text=reply.text,
            outcome=reply.outcome or "cancelled",
            model=model,
            usage=reply.usage,
            blocks=tuple(reply.blocks),
            context_key=context_key,
        )

    @property
    def is_sent(self) -> bool:
        """Whether the next request sends this turn."""
        return bool(self.text.strip()) and self.outcome != "refused"

    def messages(self, model: str, context_key: str = "") -> list[Message]:
        """Give the turn in the API's form, for a request to `model`; empty when it contributes nothing.

        Thinking is bound to the model and the context (system prompt, tools) that produced it: where one
        differs, it is left out. To another model go the text, and tools with their results.
        """
        if not self.is_sent:
            return []
        asked: Message = {"role": "user", "content": self.question}
        own = self.model == model
        said = to_messages(self._blocks_for(model, context_key), whole=self.outcome == "complete")
        # What is left of a reply that was cut is its text, unless tools had a part in it: then it is whole.
        whole = (self.outcome == "complete" and own) or any(message["role"] == "user" for message in said)
        if not whole or not said:
            return [asked, {"role": "assistant", "content": self.text}]
        return [asked, *said]

    def unanswered(self, model: str, context_key: str = "") -> list[Message]:
        """Give the turn up to what its tools answered last, if nothing was said to that yet; else nothing.

        Arguments as `messages`. It ends with the person's side, so that the model goes on by answering it.
        """
        blocks = _answered(self._blocks_for(model, context_key))
        while blocks and is_thinking(blocks[-1]):  # it had begun to, and said nothing
            blocks.pop()
        said = _by_side(blocks)
        if self.outcome == "refused" or not said or said[-1]["role"] == "assistant":
            return []
        return [{"role": "user", "content": self.question}, *drop_unpaired(said)]

    def _blocks_for(self, model: str, context_key: str) -> list[Block]:
        """The blocks that may be sent to a model in a context."""
        thinks = self.model == model and self.context_key == context_key
        return [block for block in self.blocks if _goes_back(block) and (thinks or not is_thinking(block))]


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

    def add(self, question: str, reply: ReplyLike, *, model: str, context_key: str = "") -> Turn:
        """Keep a question to `model` with its reply, whatever its outcome."""
        turn = Turn.of(question, reply, model=model, context_key=context_key)
        self.turns.append(turn)
        return turn

    def clear(self) -> None:
        """Begin a new conversation."""
        self.turns.clear()

    def messages(self, question: str, *, model: str, context_key: str = "") -> list[Message]:
        """Give the messages of a request that asks `question` next.

        Args:
            question: what is asked.
            model: the model that is asked.
            context_key: identifies the system prompt and tools of the request; thinking produced with others
                is left out.
        """
        sent = [message for turn in self.turns for message in turn.messages(model, context_key)]
        return [*sent, {"role": "user", "content": question}]


def _goes_back(block: Block) -> bool:
    kind = str(block.get("type"))
    return (kind in _GOES_BACK or kind.endswith("_tool_result")) and has_content(block)


def is_thinking(block: Block) -> bool:
    """Whether a block holds what the model thought, shown or not."""
    return block.get("type") in _THINKING


def to_messages(blocks: Iterable[Block], *, whole: bool) -> list[Message]:
    """Give what of a turn's blocks the API takes back after its question, up to the model's last words.

    Calls without results are left out, and results without calls. Empty when the model said nothing.

    Args:
        blocks: all of the turn.
        whole: whether its last reply is complete; of one that was cut, the text alone goes back.
    """
    return drop_unpaired(_to_the_answer(_by_side(_answered(blocks)), whole))


def _answered(blocks: Iterable[Block]) -> list[Block]:
    """The blocks without calls that have no result after them, and without results that have no call."""
    kept: list[Block] = []
    called: set[str] = set()
    answers: set[str] = set()
    for block in blocks:
        if _is_call(block):
            if str(block.get("id")) in called:
                continue  # one id stands for one call: the API takes no second one
            called.add(str(block.get("id")))
        elif "tool_use_id" in block:
            if str(block["tool_use_id"]) not in called - answers:
                continue
            answers.add(str(block["tool_use_id"]))
        kept.append(block)
    return [block for block in kept if not _is_call(block) or str(block.get("id")) in answers]


def _is_call(block: Block) -> bool:
    return block.get("type") in ("tool_use", "server_tool_use")


def _by_side(blocks: Iterable[Block]) -> list[Message]:
    """The blocks as messages: the results of our tools are the person's side, all else the model's."""
    sides = groupby(blocks, key=lambda block: block.get("type") == "tool_result")
    return [{"role": "user" if ours else "assistant", "content": list(group)} for ours, group in sides]


def _to_the_answer(messages: Sequence[Message], whole: bool) -> list[Message]:
    """The messages up to the model's last words: what it called or thought after them is left out."""
    for number, message in reversed(list(enumerate(messages))):
        content = message["content"]
        words = [block for block in content if block.get("type") == "text"]
        if message["role"] == "assistant" and words:
            called = number + 1 < len(messages)  # and no word came after the results
            said = words if called or not whole else content[: _last_said(content) + 1]
            return [*messages[:number], {"role": "assistant", "content": said}]
    return []


def _last_said(content: Sequence[Block]) -> int:
    """Where the last block stands that is no thinking: the API takes none at the end."""
    return max(number for number, block in enumerate(content) if not is_thinking(block))


def drop_unpaired(messages: Sequence[Message]) -> list[Message]:
    """The same messages without calls of server tools whose results were cut off, or the other way round."""
    told = [(message, message["content"]) for message in messages]
    blocks = [block for _, content in told if not isinstance(content, str) for block in content]
    called = {block["id"] for block in blocks if block.get("type") == "server_tool_use"}
    answered = {block["tool_use_id"] for block in blocks if _is_server_result(block)}

    def stays(block: Block) -> bool:
        if block.get("type") == "server_tool_use":
            return block["id"] in answered
        return not _is_server_result(block) or block["tool_use_id"] in called

    kept = [
        message if isinstance(content, str) else {**message, "content": [*filter(stays, content)]}
        for message, content in told
    ]
    return [message for message in kept if message["content"]]


def _is_server_result(block: Block) -> bool:
    kind = str(block.get("type", ""))
    return kind.endswith("_tool_result") and "tool_use_id" in block


def has_content(block: Block) -> bool:
    """Whether a block can be sent at all: the API refuses empty text."""
    return block.get("type") != "text" or bool(str(block.get("text", "")).strip())
