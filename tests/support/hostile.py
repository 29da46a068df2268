"""Replies of a server that wants to exhaust its client, and a program that reads one with a limit."""

from __future__ import annotations

import json
import resource
import sys
import zlib
from collections.abc import Callable, Iterator

from stream_core import open_client, stream_reply
from stream_core.practice.script import (
    JSON,
    SSE,
    Head,
    Script,
    Send,
    Step,
    block_start,
    input_delta,
    message_start,
    text_delta,
)
from support.wire import REQUEST

MB = 1024 * 1024
LIMIT = 8 * MB
_START = message_start("claude-sonnet-5-5", 5)
_TOOL = {"type": "tool_use", "id": "toolu_1", "name": "calculate", "input": {}}


def _flood(data: bytes, total: int) -> Iterator[Step]:
    for _ in range(total // len(data)):
        yield Send(data)


def endless_line() -> Iterator[Step]:
    """A line of 200 MB."""
    yield Head()
    yield Send(_START + block_start() + text_delta("Hola") + b"data: ")
    yield from _flood(b"x" * 65536, 200 * MB)


def gzip_bomb(plain: bytes = b"data: " + b"0" * MB) -> Iterator[Step]:
    """200 MB that come as 200 kB."""
    yield Head(headers=(*SSE, ("content-encoding", "gzip")))
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield Send(b"".join([packer.compress(plain) for _ in range(200)]) + packer.flush())


def error_body() -> Iterator[Step]:
    """An error with a body of 100 MB."""
    yield Head(500, JSON)
    yield Send(b'{"type":"error","error":{"type":"api_error","message":"')
    yield from _flood(b"x" * 65536, 100 * MB)


def json_body() -> Iterator[Step]:
    """A success of 100 MB that is no stream."""
    yield Head(200, JSON)
    yield Send(b'{"type":"message","content":[{"type":"text","text":"')
    yield from _flood(b"x" * 65536, 100 * MB)


def empty_events() -> Iterator[Step]:
    """A million events without content."""
    yield Head()
    yield Send(_START + block_start() + text_delta("Hola"))
    yield from _flood(b'event: ping\ndata: {"type":"ping"}\n\n' * 1000, 35 * MB)


def unknown_events() -> Iterator[Step]:
    """A million events of a kind that is not known."""
    yield Head()
    yield Send(_START + block_start() + text_delta("Hola"))
    yield from _flood(b'data: {"type":"q"}\n\n' * 1000, 20 * MB)


def tiny_input() -> Iterator[Step]:
    """The input of one tool call in a million pieces."""
    yield Head()
    yield Send(_START + block_start(0, _TOOL) + input_delta('{"expression":"'))
    yield from _flood(input_delta("1") * 1000, 120 * MB)


def tiny_text() -> Iterator[Step]:
    """Text in a million pieces."""
    yield Head()
    yield Send(_START + block_start())
    yield from _flood(text_delta("a") * 1000, 100 * MB)


def blank_lines() -> Iterator[Step]:
    """Line feeds and nothing else."""
    yield Head()
    yield from _flood(b"\n" * 65536, 100 * MB)


ATTACKS: dict[str, Callable[[], Script]] = {
    attack.__name__: attack
    for attack in (
        endless_line,
        gzip_bomb,
        error_body,
        json_body,
        empty_events,
        unknown_events,
        tiny_input,
        tiny_text,
        blank_lines,
    )
}


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def main(url: str) -> None:
    """Read one reply with the limit; write its ending and the memory that it took as JSON."""
    client = open_client(base_url=url, max_reply_bytes=LIMIT)
    before = peak()
    with stream_reply(client, **REQUEST) as stream:
        for _ in stream:
            pass
    error = stream.reply.error
    sys.stdout.write(json.dumps({"error": type(error).__name__, "memory": peak() - before}))


if __name__ == "__main__":
    main(sys.argv[1])
