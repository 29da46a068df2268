"""The next request of a conversation, for every ending that its replies can have."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_core.core.conversation import Conversation, Turn
from stream_core.core.deltas import BlockDone, Cancelled, Ending, Failed, Finished, Opened, Text, Usage
from stream_core.core.errors import ConnectionLost
from stream_core.core.reply import Outcome, Reply

MODEL, OTHER = "claude-sonnet-5-5", "claude-opus-5-5"
THINKING = {"type": "thinking", "thinking": "Veamos", "signature": "c2ln"}
REDACTED = {"type": "redacted_thinking", "data": "b3BhY28="}
TOOL_CALL = {"type": "tool_use", "id": "toolu_1", "name": "hora", "input": {}}
SERVER_CALL = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
SERVER_RESULT = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []}
SERVER_KINDS = ("server_tool_use", "web_search_tool_result")
UNKNOWN = {"type": "hologram", "voxels": 9}
MCP_CALL = {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "eco", "server_name": "s", "input": {}}
MCP_RESULT = {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": [], "is_error": False}
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def text_block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def replied(text: str, ending: Ending | None, *more: dict[str, Any]) -> Reply:
    reply = Reply()
    reply.feed(Opened("msg_1", MODEL, Usage(9), "req_1", 1.0))
    for block in more:
        reply.feed(BlockDone(block, 0, 1.5))
    reply.feed(Text(text, 1, 2.0))
    reply.feed(BlockDone(text_block(text), 1, 2.5))
    if ending is not None:
        reply.feed(ending)
    return reply


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    texts = draw(st.lists(st.sampled_from(["", " \n", "Hola", "¿Y qué?", "  sí  "]), max_size=3))
    others: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [THINKING, REDACTED, TOOL_CALL, SERVER_CALL, SERVER_RESULT, UNKNOWN]
    )
    unordered: list[dict[str, Any]] = [text_block(text) for text in texts]
    unordered += draw(st.lists(others, max_size=3))
    blocks = draw(st.permutations(unordered))
    return Turn(
        question=draw(st.sampled_from(["¿Qué tal?", "Sigue", "x"])),
        text="".join(block["text"] for block in blocks if block["type"] == "text"),
        outcome=draw(st.sampled_from(OUTCOMES)),
        model=draw(st.sampled_from([MODEL, OTHER])),
        blocks=tuple(blocks),
    )


# -- for every conversation ---------------------------------------------------------------------


@given(st.lists(turns(), max_size=6))
def test_what_is_sent_is_a_conversation_that_the_api_takes(past: list[Turn]) -> None:
    conversation = Conversation()
    conversation.turns.extend(past)
    messages = conversation.messages("La nueva", model=MODEL)
    assert [message["role"] for message in messages] == ["user", "assistant"] * (len(messages) // 2) + [
        "user"
    ]
    assert messages[-1] == {"role": "user", "content": "La nueva"}
    for message in messages:
        content = message["content"]
        assert content
        kinds = [block["type"] for block in content if isinstance(block, dict)]
        assert kinds.count(SERVER_CALL["type"]) == kinds.count(SERVER_RESULT["type"])
        for block in content if isinstance(content, list) else [text_block(content)]:
            assert block["type"] in ("text", "thinking", "redacted_thinking", "hologram", *SERVER_KINDS)
            assert block["type"] != "text" or block["text"].strip()


@given(st.lists(turns(), max_size=6))
def test_all_that_contributes_is_sent_in_order_and_nothing_else(past: list[Turn]) -> None:
    conversation = Conversation()
    conversation.turns.extend(past)
    messages = conversation.messages("La nueva", model=MODEL)
    sent = [turn for turn in past if turn.text.strip() and turn.outcome != "refused"]
    assert [message["content"] for message in messages[:-1:2]] == [turn.question for turn in sent]
    assert [turn for turn in past if turn.is_sent] == sent
    for turn, answer in zip(sent, messages[1::2], strict=True):
        if turn.outcome != "complete" or turn.model != MODEL:
            assert answer["content"] == turn.text


@given(turns())
def test_a_turn_gives_its_messages_without_changing(turn: Turn) -> None:
    before = repr(turn)
    assert turn.messages(MODEL) == turn.messages(MODEL)
    assert repr(turn) == before


# -- one turn -----------------------------------------------------------------------------------


def answer(turn: Turn, model: str = MODEL) -> Any:
    question, reply = turn.messages(model)
    assert question == {"role": "user", "content": turn.question}
    assert reply["role"] == "assistant"
    return reply["content"]


def turn_of(outcome: Outcome, *blocks: dict[str, Any]) -> Turn:
    return Turn("¿Y?", "Sí", outcome, MODEL, blocks=(*blocks, text_block("Sí")))


def test_a_complete_reply_goes_back_to_its_model_with_its_thinking() -> None:
    turn = turn_of("complete", THINKING, REDACTED)
    assert answer(turn) == [THINKING, REDACTED, text_block("Sí")]


def test_thinking_does_not_go_beside_something_else() -> None:
    talk = Conversation()
    reply = replied("Hola", Finished("end_turn", Usage(9, 2), 3.0), THINKING, SERVER_CALL, SERVER_RESULT)
    turn = talk.add("¿Qué tal?", reply, model=MODEL, context_key="una herramienta")

    def kinds(context_key: str) -> list[str]:
        return [
            block["type"]
            for block in talk.messages("Sigue", model=MODEL, context_key=context_key)[1]["content"]
        ]

    assert kinds("una herramienta") == ["thinking", *SERVER_KINDS, "text"]
    assert kinds("otra") == [*SERVER_KINDS, "text"]
    assert turn == Turn.of("¿Qué tal?", reply, model=MODEL)  # it is no part of what is kept


def test_thinking_does_not_go_to_another_model() -> None:
    assert answer(turn_of("complete", THINKING, REDACTED), OTHER) == "Sí"


@pytest.mark.parametrize("outcome", ["cancelled", "interrupted", "max_tokens", "error"])
def test_a_partial_reply_contributes_its_text_only(outcome: Outcome) -> None:
    assert answer(turn_of(outcome, THINKING, TOOL_CALL)) == "Sí"


@pytest.mark.parametrize("block", [TOOL_CALL, SERVER_CALL, SERVER_RESULT, MCP_CALL])
def test_tool_calls_never_go_back_alone(block: dict[str, Any]) -> None:
    assert answer(turn_of("complete", block)) == [text_block("Sí")]


@pytest.mark.parametrize("blocks", [(UNKNOWN,), (MCP_CALL, MCP_RESULT), ({"type": "compaction"},)])
def test_what_is_not_known_goes_back_as_it_came_to_its_own_model(blocks: tuple[dict[str, Any], ...]) -> None:
    assert answer(turn_of("complete", *blocks)) == [*blocks, text_block("Sí")]
    assert answer(turn_of("complete", *blocks), OTHER) == "Sí"
    assert answer(turn_of("interrupted", *blocks)) == "Sí"


def test_a_complete_reply_whose_blocks_are_not_known_goes_back_as_text() -> None:
    assert answer(Turn("¿Y?", "Sí", "complete", MODEL)) == "Sí"


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_turn_without_text_contributes_nothing(outcome: Outcome, text: str) -> None:
    assert Turn("¿Y?", text, outcome, MODEL, blocks=(THINKING, text_block(text))).messages(MODEL) == []


def test_a_refused_turn_contributes_nothing() -> None:
    turn = turn_of("refused")
    assert not turn.is_sent
    assert turn.messages(MODEL) == []


# -- from replies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (Finished("end_turn", Usage(9, 4), 3.0), "complete"),
        (Finished("max_tokens", Usage(9, 4), 3.0), "max_tokens"),
        (Finished("refusal", Usage(9, 4), 3.0), "refused"),
        (Cancelled(3.0), "cancelled"),
        (Failed(ConnectionLost(), 3.0), "interrupted"),
        (None, "cancelled"),
    ],
)
def test_a_turn_keeps_what_became_of_its_reply(ending: Ending | None, outcome: Outcome) -> None:
    turn = Turn.of("¿Y?", replied("Sí", ending, THINKING), model=OTHER)
    assert (turn.question, turn.text, turn.outcome, turn.model) == ("¿Y?", "Sí", outcome, OTHER)
    assert turn.blocks == (THINKING, text_block("Sí"))
    assert turn.usage == (ending.usage if isinstance(ending, Finished) else Usage(9))


def test_a_turn_does_not_follow_its_reply() -> None:
    reply = replied("Sí", None)
    turn = Turn.of("¿Y?", reply, model=MODEL)
    reply.feed(Text(", claro", 1, 2.6))
    reply.feed(BlockDone(THINKING, 2, 2.7))
    assert (turn.text, turn.blocks) == ("Sí", (text_block("Sí"),))


def test_a_conversation_keeps_every_turn_until_it_is_cleared() -> None:
    conversation = Conversation()
    assert conversation.messages("Hola", model=MODEL) == [{"role": "user", "content": "Hola"}]
    first = conversation.add("Uno", replied("Sí", Finished("end_turn", Usage(), 3.0)), model=MODEL)
    second = conversation.add("Dos", replied("No", Finished("refusal", Usage(), 3.0)), model=MODEL)
    assert conversation.turns == [first, second]
    assert conversation.messages("Tres", model=MODEL) == [
        {"role": "user", "content": "Uno"},
        {"role": "assistant", "content": [text_block("Sí")]},
        {"role": "user", "content": "Tres"},
    ]
    conversation.clear()
    assert conversation.turns == []
    assert conversation.messages("Hola", model=MODEL) == [{"role": "user", "content": "Hola"}]
