"""Tools that are more than functions of text, citations as they come, and replies in a format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from support.chats import answering
from support.tool_calls import calling, sent
from support.wire import body, playing

from stream_core import (
    Citation,
    Conversation,
    SchemaTool,
    UsageError,
    close_client,
    document,
    image,
    open_client,
    stream_reply,
    stream_turn,
    tool_schema,
)
from stream_core.core.errors import ProtocolError
from stream_core.practice.events import (
    block_delta,
    block_start,
    block_stop,
    message_delta,
    message_start,
    message_stop,
)
from stream_core.practice.server import PracticeServer

GIF = b"GIF89a\x40\x01\xf0\x00"
ASKED: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "¿?"}],
}


@contextmanager
def asking(server: PracticeServer) -> Iterator[Any]:
    client = open_client(base_url=server.base_url, api_key="k")
    yield client
    close_client(client)


def add(one: int, other: int, *, scale: int = 1) -> str:
    """Add numbers.

    Args:
        one: a number.
        other: another one.
    """
    return str((one + other) * scale)


async def later(one: int, other: int) -> str:
    """Add numbers."""
    return str(one + other)


def test_tools_of_every_form(tmp_path: Path) -> None:
    """A partial, an async one, and a schema with a handler, which gives an image back."""
    (tmp_path / "a.gif").write_bytes(GIF)
    seen: list[Mapping[str, Any]] = []

    def draw(arguments: Mapping[str, Any]) -> list[Any]:
        seen.append(arguments)
        return ["Aquí está:", image(tmp_path / "a.gif")]

    tools: list[Any] = [
        partial(add, 1, scale=10),
        partial(later, other=5),
        SchemaTool("draw", "Draw.", {"properties": {"what": {"type": "string"}}}, draw),
    ]
    calls = calling(("add", '{"other": 2}'), ("later", '{"one": 1}'), ("draw", '{"what": "a"}'))
    with playing(calls, answering("Ya.")) as server, asking(server) as client:
        with stream_turn(client, tools=tools, **ASKED) as turn:
            for _ in turn:
                pass
        schemas = [tool["input_schema"]["properties"].keys() for tool in sent(server, 0)["tools"]]
        results = sent(server, 1)["messages"][-1]["content"]
    assert [list(keys) for keys in schemas] == [["other"], ["one"], ["what"]]
    assert [result["content"] for result in results[:2]] == ["30", "6"]
    assert [block["type"] for block in results[2]["content"]] == ["text", "image"]
    assert seen == [{"what": "a"}]
    assert turn.result.rounds[0].results["toolu_3"].content == "Aquí está:\n[image]"


def test_a_schema_needs_no_type() -> None:
    tool = SchemaTool("a", "", {"properties": {}}, str)
    assert tool_schema(tool) == {"name": "a", "input_schema": {"type": "object", "properties": {}}}


class City(BaseModel):
    name: str
    people: int


@pytest.mark.parametrize("text", ['{"name": "Lima", "people": 10}', '{"name": "Lima"}'])
def test_a_reply_in_a_format(text: str) -> None:
    with playing(answering(text)) as server, asking(server) as client:
        with stream_reply(client, output_format=City, **ASKED) as stream:
            assert stream.reply.parsed is None
            for _ in stream:
                pass
    if "people" in text:
        assert stream.reply.parsed == City(name="Lima", people=10)
    else:
        with pytest.raises(ProtocolError, match="people"):
            _ = stream.reply.parsed


def test_citations_come_as_deltas() -> None:
    cited = {"type": "page_location", "cited_text": "Hola", "document_index": 0, "start_page_number": 1}
    data = message_start("m", 1) + block_start()
    data += block_delta({"type": "citations_delta", "citation": cited}) + block_stop()
    data += message_delta("end_turn", {"output_tokens": 1}) + message_stop()
    with playing(body(data)) as server, asking(server) as client:
        with stream_reply(client, **ASKED) as stream:
            found = [each.citation for each in stream if isinstance(each, Citation)]
    assert found == [cited] == stream.reply.blocks[0]["citations"]


def test_blocks_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(GIF)
    (tmp_path / "b.gif").write_bytes("Año".encode("utf-16"))
    (tmp_path / "c.pdf").write_bytes(b" \n")
    question: list[Any] = [image(tmp_path / "a.txt"), document(tmp_path / "b.gif", citations=True), "¿Qué?"]
    (message,) = Conversation().messages(question, model="m")
    picture, text, asked = message["content"]
    assert picture["source"]["media_type"] == "image/gif"
    assert (text["source"]["data"], text["title"], text["citations"]) == ("Año", "b.gif", {"enabled": True})
    assert asked == {"type": "text", "text": "¿Qué?"}
    assert json.dumps(message)
    for wrong in (image, document):
        for name in ("c.pdf", "."):
            with pytest.raises(UsageError):
                wrong(tmp_path / name)
    with pytest.raises(UsageError):
        image(tmp_path / "b.gif")
    with pytest.raises(UsageError):
        document(tmp_path / "a.txt")
