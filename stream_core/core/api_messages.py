"""Selection of the blocks of a turn that are sent back to the API, as messages. Pure.

One policy for what is not a complete reply: its text alone is sent, no unsigned thinking and no unfinished
tool call. Thinking is bound to the model and the context (system prompt, tools) that produced it. Calls go
with their results or not at all.
"""
# See docs/adr/0016-thinking-returns-with-its-context.md

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .tool_call import is_tool_call

if TYPE_CHECKING:
    from .deltas import Block, ToolDone

Message: TypeAlias = Mapping[str, Any]
"""A message in the API's form: `{"role": ..., "content": ...}`."""

_When: TypeAlias = Literal["always", "same context", "same model", "with its result", "with its call"]

SENT: Mapping[str, _When] = {
    "text": "always",
    "thinking": "same context",
    "redacted_thinking": "same context",
    "tool_use": "with its result",
    "server_tool_use": "with its result",
    "tool_result": "with its call",
}
"""When a block of this type is sent back. Results of server tools (`*_tool_result`) are as `tool_result`.

All other types go back as they came, to the model that they came from: those that this version does not know,
too (`compaction`, `mcp_tool_use`). A call among them goes with its result.
"""


_TYPE = re.compile(r"[a-z][a-z0-9_]{0,79}")


def may_be_sent(block: Block, *, same_context: bool, same_model: bool) -> bool:
    """Whether a block can be sent at all; whether its call or result is there, `to_messages` sees.

    Args:
        block: of a turn.
        same_context: whether model, system prompt and tools are those that produced it.
        same_model: whether the model is.
    """
    kind = str(block.get("type"))
    if not _TYPE.fullmatch(kind):
        return False  # no type of the API: a request with it would be refused
    when = SENT.get(kind, "with its call" if _is_server_result(block) else "same model")
    wanted = {"same context": same_context, "same model": same_model}
    return has_content(block) and wanted.get(when, True)


def is_thinking(block: Block) -> bool:
    """Whether a block holds what the model thought, shown or not."""
    return block.get("type") in ("thinking", "redacted_thinking")


def to_messages(blocks: Iterable[Block], *, whole: bool) -> list[Message]:
    """Return the messages that the API takes back after a turn's question, up to the model's last words.

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
    return is_tool_call(str(block.get("type", "")))


def _is_server_call(block: Block) -> bool:
    return _is_call(block) and block.get("type") != "tool_use"


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
            if not whole:
                words = _as_one(words)
            sent = words if called or not whole else content[: _last_sent(content) + 1]
            return [*messages[:number], {"role": "assistant", "content": sent}]
    return []


def _as_one(texts: Sequence[Block]) -> list[Block]:
    """The text of blocks as one, without citations: what they cite does not go back with them."""
    if not any(block.get("citations") for block in texts):
        return list(texts)
    return [{"type": "text", "text": "".join(str(block["text"]) for block in texts)}]


def _last_sent(content: Sequence[Block]) -> int:
    """Index of the last non-thinking block; the API rejects a message that ends with thinking."""
    return max(number for number, block in enumerate(content) if not is_thinking(block))


def drop_unpaired(messages: Sequence[Message]) -> list[Message]:
    """The same messages without calls of server tools whose results were cut off, or the other way round."""
    contents = [(message, message["content"]) for message in messages]
    blocks = [block for _, content in contents if not isinstance(content, str) for block in content]
    called = {block.get("id") for block in blocks if _is_server_call(block)}
    answered = {block["tool_use_id"] for block in blocks if _is_server_result(block)}

    def stays(block: Block) -> bool:
        if _is_server_call(block):
            return block.get("id") in answered
        return not _is_server_result(block) or block["tool_use_id"] in called

    kept = [
        message if isinstance(content, str) else {**message, "content": [*filter(stays, content)]}
        for message, content in contents
    ]
    return [message for message in kept if message["content"]]


def _is_server_result(block: Block) -> bool:
    kind = str(block.get("type", ""))
    return kind.endswith("_tool_result") and "tool_use_id" in block


def has_content(block: Block) -> bool:
    """Whether a block can be sent at all: the API refuses empty text."""
    return block.get("type") != "text" or bool(str(block.get("text", "")).strip())


def without_blanks(blocks: Iterable[Block]) -> list[Block]:
    """The blocks that can be sent; white space that is a block of its own joins the text beside it.

    Citations cut sentences there, and the API refuses such a block. Beside no text it is dropped.
    """
    kept: list[Block] = []
    before = ""
    for block in blocks:
        if block.get("type") != "text":
            kept.append(block)
            before = ""
        elif has_content(block):
            kept.append({**block, "text": before + block["text"]} if before else block)
            before = ""
        elif kept and kept[-1].get("type") == "text":
            kept[-1] = {**kept[-1], "text": f"{kept[-1]['text']}{block.get('text') or ''}"}
        else:
            before += str(block.get("text") or "")
    return kept


def to_unanswered_results(blocks: Iterable[Block]) -> list[Message]:
    """The messages of a turn up to the results of its last tools, if nothing was said to them yet; else none.

    They end with the user's side, so that the model goes on by answering.
    """
    answered = _answered(blocks)
    while answered and is_thinking(answered[-1]):  # it had begun to think, and said nothing
        answered.pop()
    sent = _by_side(answered)
    return [] if not sent or sent[-1]["role"] == "assistant" else drop_unpaired(sent)


def round_messages(reply_blocks: Iterable[Block], results: Mapping[str, ToolDone]) -> list[Message]:
    """A round that is done, whole: what the model said and called, and what the tools answered."""
    blocks = [as_sent(block) for block in without_blanks(reply_blocks)]
    messages: list[Message] = [{"role": "assistant", "content": blocks}]
    calls = [block for block in blocks if block.get("type") == "tool_use"]
    if calls:
        answers = [result_block(results[str(call["id"])]) for call in calls]
        messages.append({"role": "user", "content": answers})
    return messages


def as_sent(block: Block) -> Block:
    """A block as the API takes it back: it refuses a call whose input is no object."""
    if _is_call(block) and not isinstance(block.get("input"), Mapping):
        return {**block, "input": {}}
    return dict(block)


def result_block(result: ToolDone) -> dict[str, Any]:
    """The block that answers a call of a tool."""
    answer: dict[str, Any] = {
        "type": "tool_result",
        "tool_use_id": result.tool_id,
        "content": list(result.blocks) or result.content,
    }
    return {**answer, "is_error": True} if result.is_error else answer


def merge_assistant_messages(messages: list[Message]) -> list[Message]:
    """The same messages with no two of the assistant in a row (a paused turn goes on in a second one)."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1]["role"] == message["role"] == "assistant":
            message = {**message, "content": [*_content_blocks(merged.pop()), *_content_blocks(message)]}
        merged.append(message)
    return merged


def _content_blocks(message: Message) -> list[Block]:
    """The content of a message as blocks; the API takes a bare text for one."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
