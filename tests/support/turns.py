"""Turns with tools through either handle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from stream_core import (
    AsyncTurnStream,
    Cancelled,
    Failed,
    Finished,
    Text,
    ToolBox,
    ToolDone,
    TurnDelta,
    TurnResult,
    TurnStream,
    astream_turn,
    open_client,
    stream_turn,
)
from stream_core.practice.events import (
    block_delta,
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.scenarios import Scenario
from stream_core.practice.script import Head, Send, Step
from stream_core.practice.server import PracticeServer
from stream_core.streaming import event_loop
from support.turn_results import NEXT, blocks_of, check_conversation
from support.wire import PATIENT, REQUEST, read_sync

PATIENCE = 20.0


"""Seconds after which a test that waits gives up; none of them is meant to pass."""


Tools = ToolBox | Sequence[Callable[..., Any]]


Watch = Callable[[Any, TurnDelta], None]


Call = tuple[str, str, Any]


def events(*blocks: str | Call, stop: str | None = None) -> list[bytes]:
    """A reply of texts and tool calls `(id, name, input)`, event by event."""
    parts = [message_start("claude-sonnet-5-5", 10)]
    for index, block in enumerate(blocks):
        if isinstance(block, str):
            half = len(block) // 2
            parts += [
                block_start(index),
                text_delta(block[:half], index),
                text_delta(block[half:], index),
            ]
        else:
            call = {"type": "tool_use", "id": block[0], "name": block[1], "input": {}}
            parts.append(block_start(index, call))
            written = json.dumps(block[2])
            for piece in (written[:3], written[3:]):
                parts.append(block_delta({"type": "input_json_delta", "partial_json": piece}, index))
        parts.append(block_stop(index))
    calls = any(not isinstance(block, str) for block in blocks)
    reason = stop or ("tool_use" if calls else "end_turn")
    return [*parts, message_delta(reason, {"output_tokens": 5}), message_stop()]


def said(*blocks: str | Call, stop: str | None = None) -> list[Step]:
    return [Head(), *map(Send, events(*blocks, stop=stop))]


@contextmanager
def serving(*rounds: Iterable[Step]) -> Iterator[PracticeServer]:
    """A server that answers by what it is sent: the n-th round, or the question that comes after the turn.

    Each request is held to the API's rules for conversations.
    """

    def checked(body: Mapping[str, Any]) -> bool:
        check_conversation(body["messages"])
        return bool(body["messages"][-1] == NEXT)

    def answer(body: Mapping[str, Any]) -> Iterable[Step]:
        number = sum(message["role"] == "assistant" for message in body["messages"])
        script: Iterable[Step] = rounds[min(number, len(rounds) - 1)]
        return script

    after = Scenario("after", "", checked, lambda _: said("Otra cosa."))
    turn = Scenario("turn", "", lambda _: True, answer)
    with PracticeServer(remember=True, scenarios=[after, turn], pace=1.0) as server:
        yield server


def bodies(server: PracticeServer) -> list[Any]:
    return [request.json() for request in server.requests]


def results_sent(server: PracticeServer, request: int = 1) -> list[Any]:
    """The tool results in the last message of a request."""
    return list(bodies(server)[request]["messages"][-1]["content"])


def nothing(*_: Any) -> None:
    pass


class Turned:
    """Deltas and result of a turn."""

    def __init__(self, stream: TurnStream | AsyncTurnStream, deltas: list[TurnDelta]) -> None:
        self.result: TurnResult = stream.result
        self.deltas = deltas

    def of(self, *kinds: type[Any]) -> list[Any]:
        return [delta for delta in self.deltas if isinstance(delta, kinds)]

    @property
    def done(self) -> ToolDone:
        """The one tool that ran."""
        (done,) = self.of(ToolDone)
        assert isinstance(done, ToolDone)
        return done

    def check(self, server: PracticeServer, *, cancelled: bool = False) -> None:
        """One ending; the conversation can be sent, and the server answers it."""
        assert len(self.of(Finished, Cancelled, Failed)) == 1
        assert self.result.ending is self.deltas[-1]
        check_sendable(self.result, server)
        given, kept = squeezed("".join(d.text for d in self.of(Text))), squeezed(self.result.text)
        # What still was in the mailbox at a cancel need not be handed over, but the result has it.
        assert kept.startswith(given) if cancelled else kept == given


def check_sendable(result: TurnResult, server: PracticeServer) -> None:
    added = result.messages()
    messages = [*REQUEST["messages"], *added, NEXT] if added else [NEXT]
    assert read_sync(server.base_url, messages=messages).reply.text == "Otra cosa."
    texts = [block["text"] for m in added for block in blocks_of(m) if block["type"] == "text"]
    if result.outcome != "refused":
        assert squeezed("".join(texts)) == squeezed(result.text)


def squeezed(text: str) -> str:
    return "".join(text.split())


def turn_sync(
    url: str, tools: Tools, watch: Watch = nothing, made: Callable[[Any], None] = nothing, **options: Any
) -> Turned:
    """Take a turn through the sync shell; `made` gets the stream first, `watch` sees it with each delta."""
    client = open_client(base_url=url)
    deltas: list[TurnDelta] = []
    try:
        stream = stream_turn(client, tools=tools, **{**REQUEST, "timeouts": PATIENT, **options})
        made(stream)
        with stream:
            for delta in stream:
                deltas.append(delta)
                watch(stream, delta)
        return Turned(stream, deltas)
    finally:
        event_loop.submit(client.close()).result()


def turn_async(
    url: str, tools: Tools, watch: Watch = nothing, made: Callable[[Any], None] = nothing, **options: Any
) -> Turned:
    """The same through the async shell, in an event loop of its own."""

    async def run() -> Turned:
        async with open_client(base_url=url) as client:
            deltas: list[TurnDelta] = []
            stream = astream_turn(client, tools=tools, **{**REQUEST, "timeouts": PATIENT, **options})
            made(stream)
            async with stream:
                async for delta in stream:
                    deltas.append(delta)
                    watch(stream, delta)
            return Turned(stream, deltas)

    return asyncio.run(run())


Take = Callable[..., Turned]
