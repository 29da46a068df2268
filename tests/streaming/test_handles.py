"""Both handles beside the iteration: text alone, failures raised, a line about themselves."""

from __future__ import annotations

import ast
import asyncio
import inspect
from pathlib import Path
from typing import Any

import pytest
from anthropic.resources.messages import AsyncMessages
from support.wire import REQUEST, body, playing, recorded

import stream_core
from stream_core import (
    Conversation,
    Overloaded,
    Reply,
    ReplyStats,
    TurnResult,
    astream_reply,
    close_client,
    open_client,
    stream_reply,
    stream_turn,
)
from stream_core.practice.script import error_reply
from stream_core.sdk import param_types as params

TEXT = "¡Hola desde el año ñandú 👋🏽!"


def test_the_text_alone_in_sync_code() -> None:
    with playing(body(recorded("text"))) as server:
        client = open_client(base_url=server.base_url)
        with stream_reply(client, **REQUEST) as stream:
            assert repr(stream).startswith("<ReplyStream <Reply streaming")
            assert "".join(stream.text_stream) == TEXT
            stream.raise_for_failure()
        assert stream.reply.outcome == "complete"
        assert repr(stream).startswith("<ReplyStream <Reply complete, 28 characters")
        close_client(client)


def test_the_text_alone_in_async_code() -> None:
    async def main(url: str) -> str:
        async with open_client(base_url=url) as client, astream_reply(client, **REQUEST) as stream:
            pieces = [piece async for piece in stream.text_stream]
            stream.raise_for_failure()
        return "".join(pieces)

    with playing(body(recorded("text"))) as server:
        assert asyncio.run(main(server.base_url)) == TEXT


def test_a_failure_as_an_exception() -> None:
    with playing([*error_reply(529, "overloaded_error", "no")]) as server:
        client = open_client(base_url=server.base_url)
        with stream_reply(client, **REQUEST) as stream:
            assert not list(stream.text_stream)
            with pytest.raises(Overloaded):
                stream.raise_for_failure()
        with stream_turn(client, tools=[], **REQUEST) as turn:
            assert not list(turn.text_stream)
            with pytest.raises(Overloaded):
                turn.raise_for_failure()
        close_client(client)


def test_a_line_about_each() -> None:
    for thing in (Reply(), ReplyStats(0.0), TurnResult(0.0), Conversation()):
        assert repr(thing).startswith(f"<{type(thing).__name__} ") and "\n" not in repr(thing)
    client: Any = open_client(base_url="http://127.0.0.1:9")
    assert repr(stream_reply(client, **REQUEST)) == "<ReplyStream not started>"
    close_client(client)


def test_a_key_or_a_text_is_not_in_the_line() -> None:
    with playing(body(recorded("text"))) as server:
        client = open_client(base_url=server.base_url, api_key="sk-ant-secreto")
        with stream_reply(client, **REQUEST) as stream:
            list(stream)
        assert "secreto" not in repr(stream) and "Hola" not in repr(stream)
        close_client(client)


def test_the_keywords_are_those_of_the_sdk() -> None:
    tree = ast.parse(Path(inspect.getfile(params)).read_text("utf-8"))
    ours = {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert ours == set(inspect.signature(AsyncMessages.stream).parameters) - {"self"}


def test_dir_shows_the_public_names() -> None:
    assert set(dir(stream_core)) == {*stream_core.__all__, "__version__"}
