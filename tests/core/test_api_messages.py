"""Turns with tools, cut anywhere and gone on with: what is sent of them is what the API takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.generated import up_to
from support.turn_results import NEXT, QUESTION, blocks_of, check_conversation, fed

from stream_core.core.api_messages import Message, without_blanks
from stream_core.core.continuation import ContinuationStream, answers_tools, can_continue, joined, messages
from stream_core.core.conversation import Turn
from stream_core.core.deltas import (
    BlockDone,
    Cancelled,
    Failed,
    Finished,
    Opened,
    RoundDone,
    Text,
    ToolDone,
    TurnDelta,
    Usage,
)
from stream_core.core.errors import ConnectionLost
from stream_core.models.catalogue import BUILT_IN, tries_prefill

NEW, OLD = "claude-sonnet-5-5", "claude-sonnet-4-5-20250929"
MODELS = st.sampled_from([NEW, OLD])
OWN_CONTEXT = "this system prompt, these tools"
PIECES = st.sampled_from(["", "\n", "Sí", "Veamos. ", "¿Qué?\n\n"])
ENDINGS: list[TurnDelta] = [
    Cancelled(9.0),
    Failed(ConnectionLost(), 9.0),
    Finished("end_turn", Usage(), 9.0),
    Finished("max_tokens", Usage(), 9.0),
]


class _Turns:
    """Writes the deltas of a turn, as a model would say them: what it calls comes last."""

    def __init__(self, draw: st.DrawFn, part: str) -> None:
        self.draw, self.part = draw, part
        self.number = 0
        self.searching: list[str] = []  # calls of the server's tool without their results

    def maybe(self) -> bool:
        return self.draw(st.booleans())

    def block(self, kind: str) -> dict[str, Any]:
        self.number += 1
        name = f"{self.part}{self.number}"
        match kind:
            case "thinking":
                return {"type": "thinking", "thinking": self.part, "signature": name}
            case "server_tool_use":
                self.searching.append(name)
                return {"type": "server_tool_use", "id": name, "name": "web_search", "input": {}}
            case "web_search_tool_result":
                return {"type": kind, "tool_use_id": self.searching.pop(0), "content": []}
            case _:
                return {"type": "tool_use", "id": name, "name": "calculate", "input": {}}

    def reply(self, calls: Sequence[str]) -> Iterator[TurnDelta]:
        yield Opened("msg", NEW, Usage(), None, 1.0)
        if self.maybe():
            yield BlockDone(self.block("thinking"), 0, 1.0)
        while self.searching and self.maybe():
            yield BlockDone(self.block("web_search_tool_result"), 1, 1.0)
        piece = self.draw(PIECES)
        if piece:
            yield Text(piece, 2, 1.0)
            yield BlockDone({"type": "text", "text": piece}, 2, 1.0)
        for kind in calls:
            if self.maybe():
                yield BlockDone(self.block("thinking"), 3, 1.0)
            yield BlockDone(self.block(kind), 4, 1.0)

    def rounds(self) -> Iterator[TurnDelta]:
        ends = st.sampled_from([("tool_use",), ("tool_use", "tool_use"), ("server_tool_use",)])
        for number, calls in enumerate(self.draw(st.lists(ends, max_size=3)), 1):
            more = ("server_tool_use",) if self.maybe() else ()
            said = list(self.reply((*more, *calls)))
            yield from said
            for delta in said:
                if isinstance(delta, BlockDone) and delta.block["type"] == "tool_use":
                    yield ToolDone(delta.block["id"], "calculate", "4", False, 0.1, 1.0)
            yield RoundDone(number, "tool_use" if "tool_use" in calls else "pause_turn", Usage(), 1.0)
        yield from self.reply(())


@st.composite
def deltas(draw: st.DrawFn, part: str = "first") -> list[TurnDelta]:
    """Those of a turn, which may be cut after any of them."""
    whole = list(_Turns(draw, part).rounds())
    cut = draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    return [*whole[:cut], draw(st.sampled_from(ENDINGS if cut == len(whole) else ENDINGS[:2]))]


def without_space(text: str) -> str:
    return "".join(text.split())


def said_in(sent: Sequence[Message]) -> str:
    """All that the model has said, without white space."""
    own = [block for message in sent if message["role"] == "assistant" for block in blocks_of(message)]
    return without_space("".join(block.get("text", "") for block in own))


def thinking_in(sent: Sequence[Message]) -> list[Mapping[str, Any]]:
    return [block for message in sent for block in blocks_of(message) if block["type"] == "thinking"]


def check(sent: Sequence[Message]) -> None:
    """Hold messages to what the API asks, also of thinking and of what runs on the server."""
    check_conversation(sent)
    called: set[str] = set()
    for message in sent:
        if message["role"] == "assistant":
            assert blocks_of(message)[-1]["type"] != "thinking"
        for block in blocks_of(message):
            if block["type"] == "server_tool_use":
                called.add(block["id"])
            elif block["type"] == "web_search_tool_result":
                called.remove(block["tool_use_id"])
    assert not called


def check_turn(turn: Turn, thought_by: str) -> None:
    for model in (NEW, OLD):
        for context_key in (OWN_CONTEXT, "others"):
            sent = turn.messages(model, context_key)
            if sent:
                check([*sent, NEXT])
                assert said_in(sent) == without_space(turn.text)
            if (model, context_key) != (thought_by, OWN_CONTEXT):
                assert not thinking_in(sent)


@settings(max_examples=up_to(150), deadline=None)
@given(deltas(), MODELS)
def test_a_turn_that_was_cut_anywhere_can_be_sent(arrived: list[TurnDelta], model: str) -> None:
    check_turn(Turn.of(str(QUESTION["content"]), fed(arrived), model=model, context_key=OWN_CONTEXT), model)


@settings(max_examples=up_to(150), deadline=None)
@given(deltas(), st.lists(st.tuples(deltas("more"), MODELS), min_size=1, max_size=2), MODELS)
def test_so_can_what_goes_on_with_it_and_the_turn_that_comes_of_it(
    arrived: list[TurnDelta], more: list[tuple[list[TurnDelta], str]], first: str
) -> None:
    turn = Turn.of(str(QUESTION["content"]), fed(arrived), model=first, context_key=OWN_CONTEXT)
    for number, (answer, model) in enumerate(more):
        if not can_continue(turn):
            return
        answer = [_renamed(delta, number) for delta in answer]
        prefill = tries_prefill(model, BUILT_IN, anthropic=True)
        sent = messages([], turn, model=model, context_key=OWN_CONTEXT, prefill=prefill)
        check(sent if sent[-1]["role"] == "user" else [*sent, NEXT])  # a prefill ends with the reply
        assert (sent[-1]["role"] == "user") == (model == NEW or answers_tools(turn))
        assert model == first or not thinking_in(sent)
        continued = ContinuationStream(turn, prefill=prefill)
        for delta in answer:
            continued.feed(delta)
        turn = joined(turn, continued.finish(fed(answer)), model=model)
        check_turn(turn, first)


def _renamed(delta: TurnDelta, number: int) -> TurnDelta:
    """The delta with other ids: no two calls of a conversation have the same."""
    if isinstance(delta, ToolDone):
        return ToolDone(f"{delta.tool_id}/{number}", delta.name, "4", False, 0.1, 1.0)
    if isinstance(delta, BlockDone):
        ids = {key: f"{delta.block[key]}/{number}" for key in ("id", "tool_use_id") if key in delta.block}
        return BlockDone({**delta.block, **ids}, delta.index, delta.at)
    return delta


def thinking(turn: Turn, model: str, context_key: str) -> int:
    return len(
        thinking_in(
            messages(
                [],
                turn,
                model=model,
                context_key=context_key,
                prefill=tries_prefill(model, BUILT_IN, anthropic=True),
            )
        )
    )


def test_what_goes_on_sends_thinking_only_where_it_was_had() -> None:
    blocks = (
        {"type": "thinking", "thinking": "A ver.", "signature": "c2ln"},
        {"type": "tool_use", "id": "t1", "name": "calculate", "input": {}},
        {"type": "tool_result", "tool_use_id": "t1", "content": "4"},
        {"type": "text", "text": "Son cua"},
    )
    turn = Turn("¿2+2?", "Son cua", "cancelled", NEW, Usage(), blocks, OWN_CONTEXT)
    assert thinking(turn, NEW, OWN_CONTEXT) == 1
    assert thinking(turn, NEW, "others") == thinking(turn, OLD, OWN_CONTEXT) == 0
    reopened = Turn("¿2+2?", "Son cua", "cancelled", NEW, Usage(), blocks)  # its context is unknown
    assert thinking(reopened, NEW, OWN_CONTEXT) == 0


@pytest.mark.parametrize(
    ("texts", "sent"),
    [
        (["uno", " ", "dos"], ["uno ", "dos"]),
        (["\n", "uno", "\n\n"], ["\nuno\n\n"]),
        ([" ", "\n"], []),
        (["", "uno", ""], ["uno"]),
        (["uno", "dos"], ["uno", "dos"]),
    ],
)
def test_white_space_of_its_own_joins_the_text_beside_it(texts: list[str], sent: list[str]) -> None:
    blocks = [{"type": "text", "text": text} for text in texts]
    assert [block["text"] for block in without_blanks(blocks)] == sent


def test_white_space_beside_no_text_is_dropped() -> None:
    call = {"type": "server_tool_use", "id": "s", "name": "x", "input": {}}
    blank = {"type": "text", "text": " "}
    assert without_blanks([blank, call, blank]) == [call]
    cited = {"type": "text", "text": "uno", "citations": [{"cited_text": "u"}]}
    assert without_blanks([call, cited, blank]) == [call, {**cited, "text": "uno "}]
