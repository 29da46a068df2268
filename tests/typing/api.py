"""The public API as a type checker sees it. Type-checked with the project, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

from anthropic import AsyncAnthropic
from typing_extensions import assert_never, assert_type

import stream_core
from stream_core import (
    AsyncReplyStream,
    BlockDone,
    Cancelled,
    Citation,
    Comparison,
    Conversation,
    Delta,
    Failed,
    Finished,
    Opened,
    Outcome,
    Reply,
    ReplyStats,
    ReplyStream,
    RetryPolicy,
    SchemaTool,
    StreamCoreError,
    Text,
    Thinking,
    Timeouts,
    ToolBox,
    ToolInput,
    TurnDelta,
    TurnResult,
    TurnStream,
    Unknown,
    Usage,
    Waiting,
    astream_reply,
    compare,
    document,
    fetch_reply,
    image,
    open_client,
    practice_server,
    stream_reply,
    stream_turn,
)

assert_type(stream_core.__version__, str)


def a_client() -> AsyncAnthropic:
    with practice_server() as url:
        assert_type(url, str)
        return open_client(base_url=url, api_key="k", send_credential=False)


def every_delta_is_told_apart(delta: Delta) -> str:
    match delta:
        case Text(text=text) | Thinking(text=text):
            return assert_type(text, str)
        case Opened() | ToolInput() | Citation() | BlockDone() | Unknown() | Waiting():
            return ""
        case Finished(stop_reason=reason):
            return assert_type(reason, str)
        case Failed(error=error):
            return str(assert_type(error, StreamCoreError))
        case Cancelled():
            return ""
        case _:
            assert_never(delta)


def a_sync_stream(client: AsyncAnthropic) -> None:
    with stream_reply(
        client,
        model="claude-sonnet-5-5",
        max_tokens=100,
        messages=[{"role": "user", "content": "Hola"}],
        system="Sé breve.",
        retry=RetryPolicy(attempts=2),
        timeouts=Timeouts(idle=30.0),
    ) as stream:
        assert_type(stream, ReplyStream)
        for delta in stream:
            assert_type(delta, Delta)
        assert_type(stream.text_stream, Iterator[str])
        stream.raise_for_failure()
    assert_type(stream.reply, Reply)
    assert_type(stream.reply.outcome, Outcome | None)
    assert_type(stream.reply.usage, Usage)
    assert_type(stream.stats, ReplyStats)


async def an_async_stream(client: AsyncAnthropic) -> None:
    messages = Conversation().messages("Hola", model="claude-sonnet-5-5")
    async with astream_reply(client, model="m", max_tokens=1, messages=messages) as stream:
        assert_type(stream, AsyncReplyStream)
        assert_type(stream.text_stream, AsyncIterator[str])
        async for piece in stream.text_stream:
            assert_type(piece, str)


def double(number: int) -> int:
    """Double a number."""
    return 2 * number


def a_turn(client: AsyncAnthropic) -> None:
    question: list[dict[str, Any]] = [{"role": "user", "content": "¿2 por 3?"}]
    with stream_turn(client, tools=ToolBox([double]), model="m", max_tokens=1, messages=question) as turn:
        assert_type(turn, TurnStream)
        for delta in turn:
            assert_type(delta, TurnDelta)
        assert_type(turn.result, TurnResult)


def mistakes_that_a_type_checker_finds(client: AsyncAnthropic) -> None:
    fetch_reply(client, model="m", messages=[])  # type: ignore[call-arg]  # max_tokens is missing
    fetch_reply(client, model="m", max_tokens="1", messages=[])  # type: ignore[arg-type]
    fetch_reply(client, model="m", max_tokens=1, messages=[], temperature=1.0)  # type: ignore[call-arg]
    open_client("http://localhost:1")  # type: ignore[call-arg]


def several_at_once(client: AsyncAnthropic, request: dict[str, Any]) -> None:
    with compare(
        {"a": stream_reply(client, **request), "b": stream_turn(client, tools=[], **request)}
    ) as two:
        assert_type(two, Comparison)
        for name, delta in two:
            assert_type(name, str)
            assert_type(delta, TurnDelta)
        two.cancel("a")
        two.cancel()
        assert_type(two.replies["a"], Reply | TurnResult)


def a_question_of_blocks(client: AsyncAnthropic, conversation: Conversation) -> None:
    question: list[Any] = [image("a.png"), document("b.pdf", citations=True), "¿Coinciden?"]
    messages = conversation.messages(question, model="m")
    tool = SchemaTool("suma", "Suma.", {"properties": {}}, lambda arguments: image("c.png"))
    with stream_turn(
        client, tools=[tool, partial(int, "3")], model="m", max_tokens=9, messages=messages
    ) as turn:
        conversation.add(question, turn.result, model="m")
