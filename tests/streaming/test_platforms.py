"""The SDK's clients of other platforms: Bedrock, Vertex, Foundry, against a loopback server."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from support.fixed_answer import always
from support.wire import REQUEST, recorded

from stream_core import Failed, Finished, Text, UsageError, astream_reply, close_client, stream_reply
from stream_core.core import errors
from stream_core.core.aws_events import AwsDecoder
from stream_core.core.body_decoder import AWS_EVENT_STREAM


def header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()


def frame(payload: bytes, **headers: str) -> bytes:
    """A frame of an AWS event stream."""
    packed = b"".join(header(":" + name.replace("_", "-"), value) for name, value in headers.items())
    prelude = struct.pack(">II", 16 + len(packed) + len(payload), len(packed))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    whole = prelude + packed + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def chunk(event: dict[str, Any]) -> bytes:
    payload = json.dumps(
        {"bytes": base64.b64encode(json.dumps(event).encode()).decode(), "p": "abc"}
    ).encode()
    return frame(payload, event_type="chunk", content_type="application/json", message_type="event")


def frames(name: str) -> list[bytes]:
    """A recorded stream as Bedrock sends it."""
    lines = recorded(name).decode().splitlines()
    return [chunk(json.loads(line.removeprefix("data: "))) for line in lines if line.startswith("data: ")]


THROTTLED = frame(
    b'{"message": "Too many requests"}', exception_type="throttlingException", message_type="exception"
)


def bedrock(url: str) -> Any:
    from anthropic import AsyncAnthropicBedrock

    return AsyncAnthropicBedrock(base_url=url, api_key="x", aws_region="eu-west-1")


def vertex(url: str) -> Any:
    from anthropic import AsyncAnthropicVertex

    return AsyncAnthropicVertex(base_url=url, access_token="x", region="eu", project_id="p")


def foundry(url: str) -> Any:
    from anthropic import AsyncAnthropicFoundry

    return AsyncAnthropicFoundry(base_url=url, api_key="x")


def read_sync(client: Any) -> tuple[list[Any], Any]:
    with stream_reply(client, **REQUEST) as stream:
        deltas = list(stream)
    close_client(client)
    return deltas, stream.reply


def read_async(client: Any) -> tuple[list[Any], Any]:
    async def read() -> tuple[list[Any], Any]:
        async with client, astream_reply(client, **REQUEST) as stream:
            return [delta async for delta in stream], stream.reply

    return asyncio.run(read())


Read = Callable[[Any], tuple[list[Any], Any]]
both = pytest.mark.parametrize("read", [read_sync, read_async])


@both
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (bedrock, "/model/claude-sonnet-5-5/invoke-with-response-stream"),
        (vertex, "/projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict"),
        (foundry, "/v1/messages"),
    ],
)
def test_a_reply_of_each_platform(read: Read, make: Callable[[str], Any], path: str) -> None:
    aws = make is bedrock
    data = b"".join(frames("thinking_and_tools")) if aws else recorded("thinking_and_tools")
    seen: list[str] = []
    with always(data, AWS_EVENT_STREAM if aws else "text/event-stream; charset=utf-8", seen) as url:
        deltas, reply = read(make(url))
    assert isinstance(deltas[-1], Finished) and reply.deviations == ()
    assert [block["type"] for block in reply.blocks][:1] == ["thinking"] and len(seen) == 1
    assert seen[0].partition("?")[0].endswith(path)


@both
def test_what_a_server_of_bedrock_says_went_wrong(read: Read) -> None:
    data = b"".join(frames("text")[:4]) + THROTTLED
    with always(data, AWS_EVENT_STREAM, []) as url:
        deltas, reply = read(bedrock(url))
    assert isinstance(deltas[-1], Failed) and type(reply.error) is errors.RateLimited
    assert reply.error.detail == "Too many requests"
    assert reply.text == "".join(delta.text for delta in deltas if isinstance(delta, Text)) != ""


@both
@pytest.mark.parametrize("kept", [0, 1, 3])
def test_frames_that_end_early_or_are_damaged(read: Read, kept: int) -> None:
    whole = frames("text")
    with always(b"".join(whole[:kept]) + whole[kept][:20], AWS_EVENT_STREAM, []) as url:
        assert type(read(bedrock(url))[1].error) is errors.Truncated
    broken = bytearray(whole[kept])
    broken[-10] ^= 1
    with always(b"".join(whole[:kept]) + bytes(broken), AWS_EVENT_STREAM, []) as url:
        assert type(read(bedrock(url))[1].error) is errors.ProtocolError


@both
def test_credentials_that_need_more_than_is_there_are_told_before_anything_is_sent(read: Read) -> None:
    from anthropic import AsyncAnthropicBedrock

    if _installed("boto3"):
        pytest.skip("boto3 is installed: the credential can be signed with")
    seen: list[str] = []
    with always(b"", AWS_EVENT_STREAM, seen) as url:
        client = AsyncAnthropicBedrock(
            base_url=url, aws_access_key="a", aws_secret_key="b", aws_region="eu-west-1"
        )
        with pytest.raises(UsageError, match=r"anthropic\[bedrock\]"):
            read(client)
    assert seen == []


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


# -- the frames --------------------------------------------------------------------------------


def test_frames_may_be_cut_anywhere() -> None:
    body = b"".join(frames("text")) + THROTTLED
    whole = list(AwsDecoder().feed(body))
    decoder = AwsDecoder()
    assert [event for at in range(len(body)) for event in decoder.feed(body[at : at + 1])] == whole
    assert whole[-1].name == "error"


def test_frames_that_are_no_part_of_a_reply_are_passed_over() -> None:
    others = [
        frame(b"", event_type="initial-response", message_type="event"),
        frame(b'{"x": 1}', event_type="chunk", message_type="event"),
    ]
    assert list(AwsDecoder().feed(b"".join(others))) == []


def test_headers_of_every_type_can_be_there() -> None:
    sized = {0: b"", 1: b"", 2: b"1", 3: b"12", 4: b"1234", 5: b"12345678", 8: b"12345678", 9: b"1" * 16}
    packed = b"".join(b"\x01h" + bytes([kind]) + value for kind, value in sized.items())
    packed += b"\x01h\x06\x00\x02ab" + header(":message-type", "exception")
    payload = b'{"message": "no"}'
    prelude = struct.pack(">II", 16 + len(packed) + len(payload), len(packed))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    whole = prelude + packed + payload
    (event,) = AwsDecoder().feed(whole + struct.pack(">I", zlib.crc32(whole)))
    assert event.name == "error" and json.loads(event.data)["error"]["message"] == "no"


@pytest.mark.parametrize("data", [b"<html>hola, mundo</html>", b"event: x\ndata: {}\n\n", bytes(16)])
def test_what_is_no_frame(data: bytes) -> None:
    with pytest.raises(errors.ProtocolError):
        list(AwsDecoder().feed(data))
