"""The order of the messages: first and last role, and a result for every tool call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, takewhile
from typing import Any

from stream_core.practice.catalogue import Model
from stream_core.practice.refusal import invalid
from stream_core.practice.request import Body, blocks_in, is_paused, text_of, unanswered

_Place = tuple[int, int, Mapping[str, Any]]  # message, index in its content, block


def check(body: Body, model: Model) -> None:
    messages = body["messages"]
    _check_system_turns(messages, model)
    if messages[0]["role"] != "user":
        raise invalid('messages: first message must use the "user" role')
    turns = list(_turns(messages))
    _check_ids(turns)
    for number, (role, blocks) in enumerate(turns):
        before = turns[number - 1][1] if number and role == "user" else []
        _check_results(blocks, _of(before, "tool_use"))
        if role == "assistant":
            _check_calls(blocks, turns[number + 1][1] if number + 1 < len(turns) else None)
    _check_end(messages[-1], model)


def _turns(messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[_Place]]]:
    """Merge consecutive messages of one role."""
    numbered = [(number, each) for number, each in enumerate(messages) if each["role"] != "system"]
    for role, group in groupby(numbered, key=lambda item: item[1]["role"]):
        yield (
            str(role),
            [(number, index, block) for number, each in group for index, block in enumerate(blocks_in(each))],
        )


def _of(blocks: Sequence[_Place], kind: str) -> list[_Place]:
    return [place for place in blocks if place[2]["type"] == kind]


def _check_system_turns(messages: Sequence[Mapping[str, Any]], model: Model) -> None:
    for number, message in enumerate(messages):
        if message["role"] != "system":
            continue
        if not model.takes_system_turns:
            raise invalid(f"messages.{number}.role: 'system' messages are not supported for this model")
        if number and messages[number - 1]["role"] == "system":
            raise invalid(f"messages.{number}: two `system` messages cannot follow each other")


def _check_ids(turns: Sequence[tuple[str, list[_Place]]]) -> None:
    ids = [place[2]["id"] for _, blocks in turns for place in _of(blocks, "tool_use")]
    if len(ids) != len(set(ids)):
        raise invalid("messages: `tool_use` ids must be unique")


def _check_results(blocks: Sequence[_Place], calls: Sequence[_Place]) -> None:
    """Refuse results without a call in the turn before."""
    called, seen = {place[2]["id"] for place in calls}, set()
    for number, index, result in _of(blocks, "tool_result"):
        name = result["tool_use_id"]
        if name not in called:
            raise invalid(
                f"messages.{number}.content.{index}: unexpected `tool_use_id` found in `tool_result` "
                f"blocks: {name}. Each `tool_result` block must have a corresponding `tool_use` block in the "
                "previous message."
            )
        if name in seen:
            raise invalid(
                f"messages.{number}.content.{index}: each tool_use must have a single result. Found multiple "
                f"`tool_result` blocks with id: {name}"
            )
        seen.add(name)


def _check_calls(blocks: Sequence[_Place], answer: Sequence[_Place] | None) -> None:
    """Refuse calls whose results do not begin the next turn, and searches without results."""
    calls = _of(blocks, "tool_use")
    first = takewhile(lambda place: place[2]["type"] == "tool_result", answer or ())
    results = [block["tool_use_id"] for _, _, block in first]
    missing = [block["id"] for _, _, block in calls if block["id"] not in results]
    if missing:
        raise invalid(
            f"messages.{calls[0][0]}: `tool_use` ids were found without `tool_result` blocks immediately "
            f"after: {', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` "
            "block in the next message."
        )
    _check_server_calls(blocks, ended=answer is not None and not calls)


def _check_server_calls(blocks: Sequence[_Place], *, ended: bool) -> None:
    begun: set[str] = set()
    for number, index, block in blocks:
        if block["type"] == "server_tool_use":
            begun.add(block["id"])
        elif block["type"] == "web_search_tool_result" and block["tool_use_id"] not in begun:
            raise invalid(
                f"messages.{number}.content.{index}: unexpected `tool_use_id` found in "
                f"`web_search_tool_result` blocks: {block['tool_use_id']}. Each `web_search_tool_result` "
                "block must have a corresponding `server_tool_use` block before it."
            )
    for call in unanswered([block for _, _, block in blocks]) if ended else ():
        number = next(place[0] for place in blocks if place[2] is call)
        raise invalid(
            f"messages.{number}: `{call['name']}` tool use with id `{call['id']}` was found without a "
            f"corresponding `{call['name']}_tool_result` block"
        )


def _check_end(last: Mapping[str, Any], model: Model) -> None:
    if last["role"] != "assistant" or is_paused(last):
        return
    if not model.takes_prefill:
        raise invalid(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    if text_of(last) != text_of(last).rstrip():
        raise invalid("messages: final assistant content cannot end with trailing whitespace")
