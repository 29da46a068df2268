"""Replies of a server that wants to exhaust its client, and a program that reads one with a limit."""

from __future__ import annotations

import json
import resource
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from stream_core import open_client, stream_reply
from stream_core.practice.events import (
    block_start,
    block_stop,
    input_delta,
    message_delta,
    message_start,
    message_stop,
    text_delta,
)
from stream_core.practice.script import JSON, SSE, Head, Script, Send, Step
from support.wire import REQUEST

MB = 1024 * 1024
LIMIT = 8 * MB
MESSAGE_START = message_start("claude-sonnet-5-5", 5)
TOOL = {"type": "tool_use", "id": "toolu_1", "name": "calculate", "input": {}}


def _flood(data: bytes, total: int) -> Iterator[Step]:
    for _ in range(total // len(data)):
        yield Send(data)


def endless_line() -> Iterator[Step]:
    """A line of 200 MB."""
    yield Head()
    yield Send(MESSAGE_START + block_start() + text_delta("Hola") + b"data: ")
    yield from _flood(b"x" * 65536, 200 * MB)


def gzip_bomb(plain: bytes = b"data: " + b"0" * MB) -> Iterator[Step]:
    """200 MB that come as 200 kB."""
    yield Head(headers=(*SSE, ("content-encoding", "gzip")))
    yield Send(_packed(plain))


@cache
def _packed(plain: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(plain) for _ in range(200)]) + packer.flush()


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
    yield Send(MESSAGE_START + block_start() + text_delta("Hola"))
    yield from _flood(b'event: ping\ndata: {"type":"ping"}\n\n' * 1000, 35 * MB)


def unknown_events() -> Iterator[Step]:
    """A million events of a kind that is not known."""
    yield Head()
    yield Send(MESSAGE_START + block_start() + text_delta("Hola"))
    yield from _flood(b'data: {"type":"q"}\n\n' * 1000, 20 * MB)


def tiny_input() -> Iterator[Step]:
    """The input of one tool call in a million pieces."""
    yield Head()
    yield Send(MESSAGE_START + block_start(0, TOOL) + input_delta('{"expression":"'))
    yield from _flood(input_delta("1") * 1000, 120 * MB)


def tiny_text() -> Iterator[Step]:
    """Text in a million pieces."""
    yield Head()
    yield Send(MESSAGE_START + block_start())
    yield from _flood(text_delta("a") * 1000, 100 * MB)


def blank_lines() -> Iterator[Step]:
    """Line feeds and nothing else."""
    yield Head()
    yield from _flood(b"\n" * 65536, 100 * MB)


def event(kind: str, **fields: str) -> bytes:
    """An event of which the fields are JSON already."""
    inner = "".join(f',"{name}":{value}' for name, value in fields.items())
    return f'event: {kind}\ndata: {{"type":"{kind}","index":0{inner}}}\n\n'.encode()


def _values(unit: str, size: int) -> str:
    return f"[{(unit + ',') * (size // (len(unit) + 1))}0]"


def tiny_values(unit: str = "0", size: int = 7 * MB) -> Iterator[Step]:
    """A block with millions of values in one event that is within the limit."""
    yield Head()
    block = f'{{"type":"web_search_tool_result","tool_use_id":"s","content":{_values(unit, size)}}}'
    yield Send(MESSAGE_START + block_start() + text_delta("Hola"))
    yield Send(event("content_block_start", content_block=block))


def tiny_objects() -> Iterator[Step]:
    """The same with objects."""
    return tiny_values('{"a":{}}')


def tiny_values_in_an_input(unit: str = "[]") -> Iterator[Step]:
    """The input of a call with millions of values, of which none is seen before it ends."""
    yield Head()
    yield Send(MESSAGE_START + block_start(0, TOOL) + input_delta('{"a":['))
    yield from _flood(input_delta((unit + ",") * (MB // 4)), 7 * MB)
    yield Send(
        input_delta("0]}") + block_stop() + message_delta("tool_use", {"output_tokens": 2}) + message_stop()
    )


def many_blocks() -> Iterator[Step]:
    """Blocks without content."""
    yield Head()
    yield Send(MESSAGE_START + block_start() + text_delta("Hola"))
    one = event("content_block_start", content_block='{"type":"q"}') + event("content_block_stop")
    yield from _flood(one * 1000, 7 * MB)


def citations() -> Iterator[Step]:
    """One text with a great many small citations."""
    yield Head()
    yield Send(MESSAGE_START + block_start() + text_delta("Hola"))
    cited = '{"type":"citations_delta","citation":{"a":[[],[],[],[]]}}'
    yield from _flood(event("content_block_delta", delta=cited) * 1000, 7 * MB)


def growing_field() -> Iterator[Step]:
    """A block of a kind that is not known, which grows in a great many steps."""
    yield Head()
    yield Send(MESSAGE_START + event("content_block_start", content_block='{"type":"q","x":"","y":[]}'))
    delta = '{"type":"q_delta","x":"a","y":["a"]}'
    yield from _flood(event("content_block_delta", delta=delta) * 1000, 12 * MB)


def json_of_values() -> Iterator[Step]:
    """A whole message of millions of values, within the limit."""
    yield Head(200, JSON)
    yield Send(f'{{"type":"message","content":[{{"type":"q","x":{_values("[]", 7 * MB)}}}]}}'.encode())


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

FLOODS = ("empty_events", "unknown_events", "tiny_input", "tiny_text")
"""Those of tiny events: a quarter of the limit is tens of thousands of them."""

STRUCTURES: dict[str, Callable[[], Script]] = {
    attack.__name__: attack
    for attack in (
        tiny_objects,
        tiny_values_in_an_input,
        many_blocks,
        tiny_values,
        citations,
        growing_field,
        json_of_values,
    )
}
"""Bodies within the limit that make more of themselves once they are parsed."""


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with the memory of the process that started this one
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def main(url: str, limit: str) -> None:
    """Read one reply with the limit; write its ending and the memory that it took as JSON."""
    client = open_client(base_url=url, max_reply_bytes=int(limit))
    before = peak()
    with stream_reply(client, **REQUEST) as stream:
        for _ in stream:
            pass
    error = stream.reply.error
    sys.stdout.write(json.dumps({"error": type(error).__name__, "memory": peak() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
