"""Turns with servers that deviate: tools are run, and what goes back is what the API takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from support.wire import REQUEST, body, playing, read_sync

from stream_core import Finished, RoundDone, ToolDone, astream_turn, close_client, open_client, stream_turn
from stream_core.core.tool_call import INVALID_JSON
from stream_core.practice.events import block_start, block_stop, message_delta, message_start, message_stop
from stream_core.practice.script import Head, Send

Event = dict[str, Any]


def sumar(a: int, b: int = 0) -> str:
    """Sum two numbers.

    Args:
        a: one.
        b: the other.
    """
    return str(a + b)


def called(*calls: Any, reason: str | None = "tool_use", text: str = "", **message: Any) -> bytes:
    """A reply that says a text and calls `sumar`: ids, or ids with their input as it comes."""
    start = {"type": "message_start", "message": {"id": "m", "role": "assistant", "model": "m", **message}}
    events: list[Event] = [start]
    blocks: list[Event] = [{"type": "text", "text": text}] if text else []
    for entry in calls:
        tool_id, given = entry if isinstance(entry, tuple) else (entry, '{"a": 1, "b": 2}')
        blocks.append({"type": "tool_use", "id": tool_id, "name": "sumar", "input": {}, "given": given})
    for index, block in enumerate(blocks):
        given = block.pop("given", "")
        delta = {"type": "input_json_delta", "partial_json": given}
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        if given:
            events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    usage = {"output_tokens": 5}
    events.append({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage})
    events.append({"type": "message_stop"})
    return b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)


ANSWER = called(reason="end_turn", text="Son 3.")


class Turn:
    """What came of a turn, and the messages of its last request."""

    def __init__(self, deltas: list[Any], result: Any, requests: list[Any]) -> None:
        self.deltas, self.result, self.requests = deltas, result, requests
        self.done = [delta for delta in deltas if isinstance(delta, ToolDone)]

    @property
    def sent(self) -> tuple[list[Event], list[Event]]:
        """The calls and the results of the last request."""
        blocks = [
            block
            for message in self.requests[-1]["messages"]
            if isinstance(message["content"], list)
            for block in message["content"]
        ]
        kinds = ("tool_use", "tool_result")
        return tuple([block for block in blocks if block["type"] == kind] for kind in kinds)  # type: ignore[return-value]


def run_sync(url: str) -> tuple[list[Any], Any]:
    client = open_client(base_url=url)
    with stream_turn(client, tools=[sumar], **REQUEST) as stream:
        deltas = list(stream)
    close_client(client)
    return deltas, stream.result


def run_async(url: str) -> tuple[list[Any], Any]:
    async def run() -> tuple[list[Any], Any]:
        async with open_client(base_url=url) as client:
            async with astream_turn(client, tools=[sumar], **REQUEST) as stream:
                deltas = [delta async for delta in stream]
            return deltas, stream.result

    return asyncio.run(run())


Run = Callable[..., Turn]


@pytest.fixture(params=[run_sync, run_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    """A turn through either shell, against replies in their order."""

    def play(*replies: bytes) -> Turn:
        scripts: Iterable[Any] = [body(reply) for reply in replies]
        with playing(*scripts) as server:
            deltas, result = request.param(server.base_url)
            return Turn(deltas, result, [request.json() for request in server.requests])

    return play


@pytest.mark.parametrize("reason", ["tool_use", "end_turn", "stop_sequence", "novelty", None])
def test_a_tool_is_run_whatever_the_stop_reason_of_a_whole_reply(run: Run, reason: str | None) -> None:
    turn = run(called("t1", reason=reason), ANSWER)
    assert [done.content for done in turn.done] == ["3"]
    assert turn.result.text == "Son 3." and turn.result.outcome == "complete"
    noted = {"tool_use": set(), None: {"no_stop_reason"}}.get(reason, {"tool_stop"})
    (rounds,) = (delta for delta in turn.deltas if isinstance(delta, RoundDone))
    assert set(rounds.deviations) == {"event_name", *noted}
    assert set(turn.result.deviations) >= {"event_name", *noted}


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded", "refusal"])
def test_no_tool_is_run_when_the_reply_is_not_whole(run: Run, reason: str) -> None:
    turn = run(called("t1", reason=reason), ANSWER)
    assert turn.done == [] and len(turn.requests) == 1
    assert isinstance(turn.deltas[-1], Finished) and turn.deltas[-1].stop_reason == reason


@pytest.mark.parametrize("wire_id", [None, "", "functions.sumar:0", "ñ", 7, {"x": 1}])
def test_an_id_that_cannot_be_sent_back_is_one_of_ours(run: Run, wire_id: Any) -> None:
    turn = run(called(wire_id), ANSWER)
    calls, results = turn.sent
    assert calls[0]["id"] == results[0]["tool_use_id"] == turn.done[0].tool_id == "toolu_local_0"
    assert [block["id"] for block in turn.result.blocks if block["type"] == "tool_use"] == ["toolu_local_0"]


def test_ids_that_repeat_name_one_call_each(run: Run) -> None:
    """In one reply, and in the replies of a turn: there are servers that count from nought in each."""
    turn = run(called("call_0", "call_0"), called("call_0", ""), ANSWER)
    calls, results = turn.sent
    ids = [call["id"] for call in calls]
    assert ids == [result["tool_use_id"] for result in results] and len(set(ids)) == 4
    assert [done.content for done in turn.done] == ["3"] * 4
    assert len(turn.result.messages()) == 5


@pytest.mark.parametrize("order", ["ccrr", "crcr", "cccrrr", "ccrcrr", "crr"])
@pytest.mark.parametrize("wire_id", ["srvtoolu_1", "", "a:b"])
def test_results_of_the_server_go_to_the_oldest_call_without_one(order: str, wire_id: str) -> None:
    sent = b""
    for number, what in enumerate(order):
        block = {"type": "server_tool_use", "id": wire_id, "name": "web_search", "input": {"query": "x"}}
        if what == "r":
            block = {"type": "web_search_tool_result", "tool_use_id": wire_id, "content": []}
        sent += block_start(number, block) + block_stop(number)
    start = message_start("m", 5)
    end = message_delta("end_turn", {"output_tokens": 2}) + message_stop()
    with playing([Head(), Send(start + sent + end)]) as server:
        result = read_sync(server.base_url)
    ids = [block["id"] for block in result.reply.blocks if block["type"] == "server_tool_use"]
    answered = [block["tool_use_id"] for block in result.reply.blocks if "tool_use_id" in block]
    assert len(set(ids)) == len(ids)
    assert answered == (ids if order != "crr" else ids * 2)


def test_an_id_of_the_conversation_is_not_used_again() -> None:
    past = [
        {"role": "user", "content": "¿?"},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t1", "name": "sumar", "input": {"a": 1}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "1"}]},
        {"role": "assistant", "content": "Es 1."},
        {"role": "user", "content": "¿Y ahora?"},
    ]
    with playing(body(called("t1")), body(ANSWER)) as server:
        client = open_client(base_url=server.base_url)
        with stream_turn(client, tools=[sumar], **{**REQUEST, "messages": past}) as stream:
            done = [delta for delta in stream if isinstance(delta, ToolDone)]
        close_client(client)
    assert [one.tool_id for one in done] == ["toolu_local_0"]


@pytest.mark.parametrize("given", ['{"a": 1', "{'a': 1}", "a=1", '{"a": NaN}'])
def test_input_that_is_not_json_is_an_error_for_the_model_and_the_turn_goes_on(run: Run, given: str) -> None:
    turn = run(called(("t1", given)), called("t2"), ANSWER)
    assert [done.is_error for done in turn.done] == [True, False]
    assert "JSON" in turn.done[0].content
    calls, results = turn.sent
    assert calls[0]["input"] == {INVALID_JSON: given} and results[0]["is_error"]
    assert turn.result.text == "Son 3." and "tool_input" in turn.result.deviations


def test_code_that_calls_a_tool_goes_on_in_its_container(run: Run) -> None:
    content = [
        {
            "type": "tool_use",
            "id": "t1",
            "name": "sumar",
            "input": {"a": 1},
            "caller": {"type": "code", "tool_id": "s"},
        }
    ]
    whole: dict[str, Any] = {"content": content, "container": {"id": "c_1"}, "stop_reason": "tool_use"}
    turn = run(called(reason="tool_use", **whole), ANSWER)
    assert turn.requests[-1]["container"] == "c_1" and "container" not in turn.requests[0]
    assert turn.sent[0][0]["caller"] == {"type": "code", "tool_id": "s"}
